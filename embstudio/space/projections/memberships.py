"""To what degree rows belong together, as UMAP sees it.

McInnes, Healy and Melville 2018, section 3.1 and algorithms 2 to 4.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from embstudio.space.projections.neighbour_graph import NeighbourGraph

_ROUNDS = 64


@dataclass(frozen=True)
class Memberships:
    """row, column: [pairs], each pair both ways. degree: [pairs] float32, from 0 to 1, the same both ways."""

    row: np.ndarray
    column: np.ndarray
    degree: np.ndarray


def memberships(graph: NeighbourGraph) -> Memberships:
    """μᵢⱼ = exp(−max(0, dᵢⱼ − ρᵢ) / σᵢ), then either or both: μᵢⱼ + μⱼᵢ − μᵢⱼ μⱼᵢ.

    ρᵢ is the distance to the nearest row that is not at the same place, σᵢ such that Σⱼ μᵢⱼ = log₂(k + 1).
    """
    n, count = graph.rows.shape
    one_way = degrees(graph.distances).ravel()
    row, column = np.repeat(np.arange(n), count), graph.rows.ravel()
    places = np.concatenate([row * n + column, column * n + row])
    order = np.argsort(places)  # no place comes more than twice, and a product of two has no order
    places, both = places[order], np.tile(one_way, 2)[order]
    first = np.flatnonzero(np.concatenate([[True], places[1:] != places[:-1]]))
    # 1 − (1 − μᵢⱼ)(1 − μⱼᵢ); a pair that only one of the two names has nothing to multiply with.
    degree = 1 - np.multiply.reduceat(1 - both, first)
    row, column = np.divmod(places[first], n)
    return Memberships(row, column, degree.astype(np.float32))


def degrees(distances: np.ndarray) -> np.ndarray:
    """μ of distances [n, k] to the nearest rows, nearest first: [n, k] float64."""
    distances = np.asarray(distances, np.float64)
    apart = np.where(distances > 0, distances, np.inf)
    nearest = apart.min(axis=1, keepdims=True)
    beyond = np.maximum(distances - np.where(np.isfinite(nearest), nearest, 0), 0)
    mean = beyond.mean(axis=1, keepdims=True)
    scale = np.where(mean > 0, mean, 1)
    wanted = np.log2(distances.shape[1] + 1)
    low, high = np.full_like(scale, -20.0), np.full_like(scale, 20.0)  # of log(σ / scale)
    for _ in range(_ROUNDS):
        middle = (low + high) / 2
        total = np.exp(-beyond / (scale * np.exp(middle))).sum(axis=1, keepdims=True)
        too_wide = total > wanted
        low, high = np.where(too_wide, low, middle), np.where(too_wide, middle, high)
    # As umap-learn does: not narrower than a thousandth of the mean distance, or outliers belong to nobody.
    width = np.maximum(scale * np.exp((low + high) / 2), 1e-3 * distances.mean(axis=1, keepdims=True))
    return np.asarray(np.exp(-beyond / np.where(width > 0, width, 1)))
