"""Two traces of the same input made one, within a budget: how the rest of a large trace comes in later."""

from __future__ import annotations

from dataclasses import replace

from embstudio.trace.need import WRITTEN, need
from embstudio.trace.points import parse
from embstudio.trace.trace import Trace


def same_input(one: Trace, other: Trace) -> bool:
    """Whether two traces are of the same tokens in the same model."""
    return (one.model, one.tokens, one.target, one.past) == (other.model, other.tokens, other.target, other.past)


def joined(trace: Trace, more: Trace, layer: int, budget_bytes: int) -> Trace:
    """`trace` with the arrays of `more`, which replace those of the same name; the rest stays `trace`'s.

    Where both together weigh more than `budget_bytes`, what is needed last goes first (`trace.need`): scores of other
    layers than `layer`, then what else is only theirs, patterns after that, and what they write to the stream at the
    end; of each the farthest first. The layer's own, the stream and what belongs to no layer stay, whatever they
    weigh. Raises ValueError if the two are not of the same input.
    """
    if not same_input(trace, more):
        raise ValueError("only traces of the same tokens in the same model can be joined")
    arrays = {**trace.arrays, **more.arrays}
    total = sum(array.nbytes for array in arrays.values())
    needed = {name: need(name, layer) for name in arrays if parse(name).layer not in (None, layer)}
    spare = sorted((name for name in needed if needed[name][0] >= WRITTEN), key=needed.__getitem__, reverse=True)
    omitted = {**trace.omitted, **more.omitted}
    for name in spare:
        if total <= budget_bytes:
            break
        omitted[name] = arrays.pop(name).nbytes
        total -= omitted[name]
    provenance = {**trace.provenance, **more.provenance}
    return replace(
        trace,
        arrays=arrays,
        provenance={name: provenance[name] for name in arrays},
        omitted={name: size for name, size in omitted.items() if name not in arrays},
    )
