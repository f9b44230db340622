"""Outputs whose every entry is a copy of one input entry, or a constant: gathered, sliced, repeated, padded."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from embstudio.session.differentiate.step import Shape


def entries(shape: Shape) -> np.ndarray:
    """The number of each entry of a tensor of that shape, from 0."""
    return np.arange(int(np.prod(shape, dtype=np.int64))).reshape(shape)


def along_axis(indices: np.ndarray, shape: Shape, axis: int) -> np.ndarray:
    """Which entries of a tensor of that shape are meant by indices along one axis, at their own place in the others."""
    places: list[np.ndarray] = list(np.indices(indices.shape, sparse=True))
    places[axis] = indices
    return np.asarray(np.ravel_multi_index(tuple(np.broadcast_arrays(*places)), shape))


def copied(sources: np.ndarray, shape: Shape) -> Callable[[np.ndarray], np.ndarray]:
    """dy ↦ dx: each entry of x gets the sum over its copies.

    sources: of the output's shape, which entry of x each is a copy of; −1 for none. shape: of x.
    """
    flat = sources.ravel()
    order = np.argsort(flat, kind="stable")
    order = order[np.searchsorted(flat[order], 0) :]
    targets, starts = np.unique(flat[order], return_index=True)
    size, alone = int(np.prod(shape, dtype=np.int64)), len(targets) == len(order)

    def pull(dy: np.ndarray) -> np.ndarray:
        dx = np.zeros((len(dy), size))
        if len(targets):
            picked = dy.reshape(len(dy), -1)[:, order]
            dx[:, targets] = picked if alone else np.add.reduceat(picked, starts, axis=1)
        return dx.reshape(len(dy), *shape)

    return pull
