"""Two traces of the same input made one, within a budget: how the rest of a large trace comes in later."""

from __future__ import annotations

from dataclasses import replace

from embstudio.trace.axes import TOKEN_AXES, NamedArray
from embstudio.trace.points import parse
from embstudio.trace.trace import Trace


def same_input(one: Trace, other: Trace) -> bool:
    """Whether two traces are of the same tokens in the same model."""
    return (one.model, one.tokens, one.target, one.past) == (other.model, other.tokens, other.target, other.past)


def joined(trace: Trace, more: Trace, layer: int, budget_bytes: int) -> Trace:
    """`trace` with the arrays of `more`, which replace those of the same name; the rest stays `trace`'s.

    Where both together weigh more than `budget_bytes`, arrays over two token axes (scores, patterns) of other layers
    than `layer` are left out, those of the layers farthest from it first, and patterns last. What is left of them may
    still be more than the budget. Raises ValueError if the two are not of the same input.
    """
    if not same_input(trace, more):
        raise ValueError("only traces of the same tokens in the same model can be joined")
    arrays = {**trace.arrays, **more.arrays}
    total = sum(array.nbytes for array in arrays.values())
    heavy = [name for name, array in arrays.items() if _square(array) and parse(name).layer not in (None, layer)]
    heavy.sort(key=lambda name: (name.endswith(".pattern"), -abs((parse(name).layer or 0) - layer)))
    omitted = {**trace.omitted, **more.omitted}
    for name in heavy:
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


def _square(array: NamedArray) -> bool:
    """Whether an array grows with the square of the text's length."""
    return sum(axis in TOKEN_AXES for axis in array.axes) > 1
