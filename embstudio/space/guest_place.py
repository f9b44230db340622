"""Where a vector that is not of a set would lie in a picture of the set."""

from __future__ import annotations

import numpy as np


def on_axes(x: np.ndarray, axes: np.ndarray, beside: np.ndarray, its_place: np.ndarray) -> np.ndarray:
    """The place [dimensions] of x [width] in a linear picture, exactly.

    p = A x − A x̄ of every vector, so that p = p₀ + A (x − x₀) with any x₀ whose place is known: the mean need not be.
    axes: A [dimensions, width]. beside: x₀ [width]. its_place: p₀ [dimensions].
    """
    return np.asarray(its_place + axes @ (x - beside))


def among(places: np.ndarray, distances: np.ndarray) -> np.ndarray:
    """A guess [dimensions] for a picture that no formula gives: the mean of the places [n, dimensions] of its true
    neighbours, each weighted by 1 / distance [n] (Shepard 1968). Where distances are 0, the mean of those."""
    same = distances <= 0
    weights = same.astype(float) if same.any() else 1 / distances
    return np.asarray(weights @ places / weights.sum())
