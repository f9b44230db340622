"""Entries picked or put by index. Source: the ONNX operators' specifications."""

from __future__ import annotations

import numpy as np

from embstudio.session.differentiate.copies import along_axis, copied, entries
from embstudio.session.differentiate.refusal import refuse
from embstudio.session.differentiate.rule import Gradients, Pull, Rule, at, single
from embstudio.session.differentiate.step import Shape, Step


def _gather(step: Step) -> Pull:
    shape = step.shape(0)
    axis = step.integer("axis", 0) % len(shape)
    indices = np.asarray(step.given(1))
    indices = np.where(indices < 0, indices + shape[axis], indices)
    if indices.ndim == 0 or len(np.unique(indices)) == indices.size:
        return lambda dy: {0: _put(dy, indices, axis, shape)}
    back = copied(np.take(entries(shape), indices, axis=axis), shape)
    return lambda dy: {0: back(dy)}


def _put(dy: np.ndarray, indices: np.ndarray, axis: int, shape: Shape) -> np.ndarray:
    """Every entry along the axis was taken once at most."""
    dx = np.zeros((len(dy), *shape))
    joined = dy.reshape(*dy.shape[: axis + 1], indices.size, *shape[axis + 1 :])
    dx[(slice(None),) * (axis + 1) + (indices.ravel(),)] = joined
    return dx


def _elements_at(step: Step, shape: Shape, axis: int) -> np.ndarray:
    """Which entries of the data the indices of GatherElements or ScatterElements mean, of the indices' shape."""
    indices = np.asarray(step.given(1))
    indices = np.where(indices < 0, indices + shape[axis], indices)
    return along_axis(indices, shape, axis)


def _gather_elements(step: Step) -> Pull:
    shape = step.shape(0)
    back = copied(_elements_at(step, shape, step.integer("axis", 0) % len(shape)), shape)
    return lambda dy: {0: back(dy)}


def _nd_at(indices: np.ndarray, shape: Shape, batch: int = 0) -> np.ndarray:
    """Which entries of the data the indices of GatherND or ScatterND mean."""
    depth = indices.shape[-1]
    numbers = entries(shape)
    if not batch:
        return np.asarray(numbers[tuple(np.moveaxis(indices, -1, 0))])
    found = np.empty((*indices.shape[:-1], *shape[batch + depth :]), np.int64)
    for place in np.ndindex(shape[:batch]):
        found[place] = numbers[place][tuple(np.moveaxis(indices[place], -1, 0))]
    return found


def _gather_nd(step: Step) -> Pull:
    shape = step.shape(0)
    back = copied(_nd_at(np.asarray(step.given(1)), shape, step.integer("batch_dims", 0)), shape)
    return lambda dy: {0: back(dy)}


def _scattered(step: Step, places: np.ndarray) -> Pull:
    """What was put there counts for the updates; what was overwritten counts no more."""
    shape, reduction = step.shape(0), step.text("reduction", "none")
    if reduction not in ("none", "add"):
        refuse(step.node, f"of what is put to the same place it takes the {reduction}")
    flat = places.ravel()
    last = flat
    if reduction == "none" and len(np.unique(flat)) != flat.size:
        refuse(step.node, "it puts several entries to the same place")

    def pull(dy: np.ndarray) -> Gradients:
        rows, found = dy.reshape(len(dy), -1), {}
        if 0 in step.wanted:
            kept = rows
            if reduction == "none":
                kept = rows.copy()
                kept[:, last] = 0
            found[0] = kept.reshape(len(dy), *shape)
        if 2 in step.wanted:
            found[2] = rows[:, flat].reshape(len(dy), *step.shape(2))
        return found

    return pull


def _scatter_elements(step: Step) -> Pull:
    shape = step.shape(0)
    return _scattered(step, _elements_at(step, shape, step.integer("axis", 0) % len(shape)))


def _scatter_nd(step: Step) -> Pull:
    return _scattered(step, _nd_at(np.asarray(step.given(1)), step.shape(0)))


def _top_k(step: Step) -> Pull:
    shape, places = step.shape(0), step.y(1).astype(np.int64)
    axis = step.integer("axis", -1) % len(shape)
    back = copied(along_axis(places, shape, axis), shape)
    return lambda dy: {0: back(dy)}


def _compress(step: Step) -> Pull:
    shape, condition = step.shape(0), np.ravel(step.given(1)).astype(bool)
    if "axis" in step.node.attributes:
        axis = step.integer("axis", 0)
        back = copied(np.compress(condition, entries(shape), axis=axis), shape)
    else:
        back = copied(np.compress(condition, entries(shape)), shape)
    return lambda dy: {0: back(dy)}


def _cumulative(step: Step) -> Pull:
    """The sum of all before becomes the sum of all after."""
    axis = int(np.ravel(step.given(1))[0]) % step.rank() + 1
    exclusive, reverse = bool(step.integer("exclusive", 0)), bool(step.integer("reverse", 0))

    def pull(dy: np.ndarray) -> Gradients:
        rows = np.moveaxis(dy, axis, 0)[:: 1 if reverse else -1]
        if exclusive:
            rows = np.concatenate([np.zeros_like(rows[:1]), rows[:-1]])
        return {0: np.moveaxis(np.cumsum(rows, axis=0)[:: 1 if reverse else -1], 0, axis)}

    return pull


RULES: dict[str, Rule] = {
    "Gather": single(_gather, at(1)),
    "GatherElements": single(_gather_elements, at(1)),
    "GatherND": single(_gather_nd, at(1)),
    "ScatterElements": single(_scatter_elements, at(1)),
    "Scatter": single(_scatter_elements, at(1)),
    "ScatterND": single(_scatter_nd, at(1)),
    "TopK": single(_top_k, outputs=(1,), flat=(1,)),
    "Compress": single(_compress, at(1)),
    "CumSum": single(_cumulative, at(1)),
}
