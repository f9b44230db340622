"""Do the metrics rank alike? The neighbours of one word by every metric, and how far their orders agree."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from embstudio.formulas.distances import METRICS
from embstudio.formulas.rank_correlation import kendall, spearman
from embstudio.space.neighbours import NeighbourFinder


@dataclass(frozen=True)
class Agreement:
    """metrics: their names. nearest: [metrics, count], each one's nearest rows. rows: [n], all of these together.

    spearman, kendall: [metrics, metrics], of the distances to `rows`; NaN where all are as near by one of the two.
    overlap: [metrics, metrics], the share of their nearest that two have in common.
    """

    metrics: tuple[str, ...]
    nearest: np.ndarray
    rows: np.ndarray
    spearman: np.ndarray
    kendall: np.ndarray
    overlap: np.ndarray


def agreement(
    vectors: np.ndarray,
    row: int,
    count: int = 100,
    metrics: Sequence[str] = tuple(METRICS),
    finder: Callable[[str], NeighbourFinder] | None = None,
) -> Agreement:
    """Of the neighbours of one row of vectors [rows, width].

    The orders are compared on every row that is among the `count` nearest by any of the metrics, so that none of them
    chooses for the others. finder: gives prepared finders, if there are any. Raises IndexError for a row there is not.
    """
    finder = finder or (lambda metric: NeighbourFinder(vectors, metric))
    nearest = np.concatenate([finder(metric).of_rows([row], count)[0] for metric in metrics])
    rows = np.unique(nearest)
    query, table = vectors[row].astype(np.float64), vectors[rows].astype(np.float64)
    far = [_farness(metric, query, table) for metric in metrics]
    size = len(metrics)
    rho, tau, overlap = np.eye(size), np.eye(size), np.eye(size)
    for i in range(size):
        for j in range(i):
            enough = len(rows) > 1
            rho[i, j] = rho[j, i] = spearman(far[i], far[j]) if enough else np.nan
            tau[i, j] = tau[j, i] = kendall(far[i], far[j]) if enough else np.nan
            shared = len(np.intersect1d(nearest[i], nearest[j]))
            overlap[i, j] = overlap[j, i] = shared / max(nearest.shape[1], 1)
    return Agreement(tuple(metrics), nearest, rows, rho, tau, overlap)


def _farness(metric: str, query: np.ndarray, table: np.ndarray) -> np.ndarray:
    measure = METRICS[metric]
    distances = measure.compare(query, table)
    return -distances if measure.larger_is_nearer else distances
