"""Products and sums that gradients are made of."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from embstudio.session.differentiate.step import Shape


def scaling(factor: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """dy ↦ dy ⊙ factor, where 0 times what is infinite or undefined is 0: what nothing hangs on passes nothing back."""
    if np.isfinite(factor).all():
        return lambda dy: dy * factor
    return lambda dy: np.where(dy == 0, 0.0, dy * factor)


def summed_to(gradient: np.ndarray, shape: Shape) -> np.ndarray:
    """The gradient of what was broadcast from `shape`: gradient [seed, …] summed over all its copies."""
    extra = gradient.ndim - 1 - len(shape)
    if extra:
        gradient = gradient.sum(axis=tuple(range(1, 1 + extra)))
    copied = tuple(at for at, size in enumerate(shape, 1) if size == 1 and gradient.shape[at] != 1)
    return gradient.sum(axis=copied, keepdims=True) if copied else gradient


def along(axis: int, rank: int) -> int:
    """The axis of a gradient that belongs to an axis, negative or not, of a tensor of that rank."""
    return axis % rank + 1 if rank else 1
