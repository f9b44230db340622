"""Sums, means and extremes along axes. Source: the ONNX operators Reduce…; axes became an input in 13 and 18."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from embstudio.session.differentiate.rule import Pull, Rule, at, single
from embstudio.session.differentiate.scaling import scaling
from embstudio.session.differentiate.step import Step

_Slope = Callable[[np.ndarray, np.ndarray], np.ndarray]


def reduced_axes(step: Step) -> tuple[int, ...]:
    """The axes that are summed over, none negative."""
    axes, rank = step.numbers_at(1, "axes"), step.rank()
    if not axes:
        return () if step.integer("noop_with_empty_axes", 0) else tuple(range(rank))
    return tuple(sorted(axis % rank for axis in axes))


def _kept(step: Step, axes: tuple[int, ...]) -> tuple[int, ...]:
    """The output's shape with the reduced axes kept at length 1."""
    return tuple(1 if axis in axes else size for axis, size in enumerate(step.shape(0)))


def _linear(weight: Callable[[int], float]) -> Rule:
    """Each entry counts the same: weight(how many there are)."""

    def linearise(step: Step) -> Pull:
        axes, shape = reduced_axes(step), step.shape(0)
        kept, share = _kept(step, axes), weight(int(np.prod([shape[axis] for axis in axes], dtype=np.int64)))

        def pull(dy: np.ndarray) -> dict[int, np.ndarray]:
            return {0: np.broadcast_to(share * dy.reshape(len(dy), *kept), (len(dy), *shape))}

        return pull

    return single(linearise, at(1))


def _curved(slope: _Slope) -> Rule:
    """slope(x, y): of each entry, y with the reduced axes kept."""

    def linearise(step: Step) -> Pull:
        axes = reduced_axes(step)
        kept = _kept(step, axes)
        scaled = scaling(slope(step.x(0), step.y().reshape(kept)))
        return lambda dy: {0: scaled(dy.reshape(len(dy), *kept))}

    return single(linearise, at(0, 1), outputs=(0,))


def _extreme(step: Step) -> Pull:
    """The gradient goes to the extreme, in equal shares where several are."""
    axes = reduced_axes(step)
    kept = _kept(step, axes)
    hits = (np.asarray(step.given(0)) == np.asarray(step.y()).reshape(kept)).astype(np.float64)
    share = hits / np.maximum(hits.sum(axis=axes, keepdims=True), 1)
    return lambda dy: {0: dy.reshape(len(dy), *kept) * share}


def _product(step: Step) -> Pull:
    """∂ ∏ x / ∂xᵢ = ∏ of the others, without dividing by what may be 0"""
    axes = reduced_axes(step)
    x, kept = step.x(0), _kept(step, axes)
    zeros = (x == 0).sum(axis=axes, keepdims=True)
    rest = np.where(x == 0, 1.0, x).prod(axis=axes, keepdims=True)
    slope = np.where(zeros == 0, rest / np.where(x == 0, 1.0, x), np.where((zeros == 1) & (x == 0), rest, 0.0))
    return lambda dy: {0: dy.reshape(len(dy), *kept) * slope}


RULES: dict[str, Rule] = {
    "ReduceSum": _linear(lambda count: 1.0),
    "ReduceMean": _linear(lambda count: 1.0 / max(count, 1)),
    "ReduceL1": _curved(lambda x, y: np.sign(x)),
    "ReduceL2": _curved(lambda x, y: np.where(y == 0, 0.0, x / np.where(y == 0, 1.0, y))),
    "ReduceSumSquare": _curved(lambda x, y: 2 * x),
    "ReduceLogSum": _curved(lambda x, y: np.broadcast_to(np.exp(-y), x.shape)),
    "ReduceLogSumExp": _curved(lambda x, y: np.exp(x - np.where(np.isfinite(y), y, 0.0))),
    "ReduceMax": single(_extreme, at(0, 1), outputs=(0,)),
    "ReduceMin": single(_extreme, at(0, 1), outputs=(0,)),
    "ReduceProd": single(_product, at(0, 1)),
}
