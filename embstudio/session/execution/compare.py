"""Working out how far two runs of one input are apart, point by point."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from embstudio.base.errors import InputError, UnsupportedModelError
from embstudio.session.execution.fallback import Fallback
from embstudio.session.execution.parity import COARSE_TOLERANCE, TOLERANCE, Parity, ParityRequest, PointParity
from embstudio.session.execution.way import Way, title
from embstudio.session.messages import TraceRequest
from embstudio.session.runner import Runner
from embstudio.session.stop import Stop
from embstudio.trace.axes import NamedArray
from embstudio.trace.points import parse
from embstudio.trace.trace import Trace

# Scores this low are a mask's, whatever number a file takes for −∞; float16 can only say −65504.
MASKED = -1e4


def compare(request: ParityRequest, a: Runner, b: Runner, stop: Stop | None = None) -> Parity:
    """Run both, as often as it takes to have every point of each once.

    Raises StudioError if one does not run, or not where it was asked to; InputError if they read the text as different
    tokens; Cancelled.
    """
    stop = stop or Stop()
    for runner in (a, b):
        _refuse(runner.opened.fallback)
    names = [point for point in a.opened.anatomy.point_names if point in set(b.opened.anatomy.point_names)]
    missing = sorted(set(a.opened.anatomy.point_names) ^ set(b.opened.anatomy.point_names))
    if not names:
        raise InputError(
            "The two models have no point in common.", where=str(request.other.path),
            advice="Compare two files of the same model.",
        )  # fmt: skip
    input_ = replace(request.input, ahead_bytes=None, without=())
    found: dict[str, PointParity] = {}
    first: Trace | None = None
    times, notes, left = (0.0, 0.0), list[str](), names
    while left:
        stop.check()
        trace = a.trace(replace(input_, points=tuple(left)), stop)
        had = [name for name in left if name in trace]
        stop.check()
        other = b.trace(_same_input(input_, trace, b, request, tuple(had)), stop)
        _check_tokens(trace, other)
        if first is None:
            # Their first runs make room for what they compute, which takes longer than computing it.
            again = b.trace(_same_input(input_, trace, b, request, tuple(had)), stop).milliseconds
            first, times = trace, (a.trace(replace(input_, points=tuple(had)), stop).milliseconds, again)
            notes = list(dict.fromkeys((*trace.notes, *other.notes)))
        for name in had:
            if name not in other or other[name].values.shape != trace[name].values.shape:
                missing.append(name)
                continue
            found[name] = apart(name, trace[name], other[name])
        left = [name for name in left if name not in had and name in trace.omitted] if had else []
    assert first is not None
    ways = Way.parse(request.model.provider), Way.parse(request.other.provider)
    return Parity(
        request.model, request.other, request.key, _titles(a, b, ways), tuple(found[n] for n in names if n in found),
        times, tuple(token.text for token in first.tokens), tuple(missing), tuple(notes),
        _tolerance(request, a, b),
    )  # fmt: skip


def apart(name: str, first: NamedArray, second: NamedArray) -> PointParity:
    """How far the second is from the first, both of one shape. Scores that are masked in both do not count."""
    a, b = first.values, second.values
    x, y = a.astype(np.float64), b.astype(np.float64)
    if name.endswith("scores"):
        masked = (x <= MASKED) & (y <= MASKED)
        x, y = np.where(masked, 0.0, x), np.where(masked, 0.0, y)
    with np.errstate(invalid="ignore", over="ignore"):
        same = (x == y) | (np.isnan(x) & np.isnan(y))
        difference = np.where(same, 0.0, np.abs(y - x))
        difference = np.where(np.isfinite(difference), difference, np.inf)
        norm = float(np.sqrt(np.sum(np.square(x, where=np.isfinite(x), out=np.zeros_like(x)))))
        total = float(np.sqrt(np.sum(np.square(difference))))
    flat = int(np.argmax(difference)) if difference.size else 0
    place = tuple(int(each) for each in np.unravel_index(flat, x.shape)) if difference.size else ()
    share = 0.0 if total == 0 else total / norm if norm > 0 else float("inf")
    point = PointParity(
        name, parse(name).layer, int(x.size), float(difference[place]) if difference.size else 0.0, place,
        float(a[place]) if a.size else 0.0, float(b[place]) if b.size else 0.0, share, first.axes,
    )  # fmt: skip
    if parse(name).name.rpartition(".")[2] != "logits" or not a.size:
        return point
    firsts = np.argmax(np.atleast_2d(a), -1) == np.argmax(np.atleast_2d(b), -1)
    return replace(point, same_first=int(firsts.sum()), rows=int(firsts.size))


def _refuse(fallback: Fallback | None) -> None:
    """Raise where a side does not run as it was asked to: a comparison of the CPU with itself would say nothing."""
    if fallback is not None:
        raise UnsupportedModelError(
            f"{title(fallback.wanted)} does not run this model, so there is nothing to compare with.",
            where=fallback.wanted, advice=f"{fallback.reason} {fallback.cure}", detail=fallback.detail,
        )  # fmt: skip


def _same_input(
    input_: TraceRequest, trace: Trace, b: Runner, request: ParityRequest, points: tuple[str, ...]
) -> TraceRequest:
    """The same for B; as A's tokens, where B has no tokenizer to read the text with."""
    asked = replace(input_, model=request.other, points=points)
    if input_.feeds is None and b.opened.tokenizer is None:
        ids = tuple(token.id for token in trace.tokens)
        target = tuple(token.id for token in trace.target) or None
        return replace(asked, text=None, ids=ids, second=None, second_ids=target)
    return asked


def _check_tokens(a: Trace, b: Trace) -> None:
    if [token.id for token in (*a.tokens, *a.target)] != [token.id for token in (*b.tokens, *b.target)]:
        raise InputError(
            "The two models read the sentence as different tokens, so their values do not belong to each other.",
            advice="Compare two files of the same model, with the same tokenizer, or give token numbers.",
        )  # fmt: skip


def _tolerance(request: ParityRequest, a: Runner, b: Runner) -> float:
    """Another file may be of another precision, which is what one compares them for."""
    if request.tolerance is not None:
        return request.tolerance
    coarse = a.half or b.half or request.model.path != request.other.path
    return COARSE_TOLERANCE if coarse else TOLERANCE


def _titles(a: Runner, b: Runner, ways: Sequence[Way]) -> tuple[str, str]:
    """Each in as few words as tell the two apart."""
    one = a.opened.model.path == b.opened.model.path
    found = []
    for runner, way in zip((a, b), ways, strict=True):
        path = runner.opened.model.path
        same_name = a.opened.model.path.name == b.opened.model.path.name
        name = f"{path.parent.name}/{path.name}" if same_name else path.name
        on = Way(runner.opened.provider, way.device, way.optimise, way.half).title
        found.append(on if one else f"{name} on {on}")
    return found[0], found[1]
