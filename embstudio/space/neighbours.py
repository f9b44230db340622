"""The exact nearest rows of a table of vectors, by any metric.

Every row is scored in float32, with a bound on the error of its score; the rows whose bounds reach among the nearest
are measured by the metric itself in float64, and ranked. What comes back is what measuring all in float64 would give.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from embstudio.formulas.distances import METRICS
from embstudio.space.bounded_scores import DifferenceScores, ProductScores
from embstudio.space.shortlist import Shortlist

SUPPORTED = tuple(METRICS)

_TOGETHER = 32  # queries at a time
_MEASURED = 2**20  # numbers taken to float64 at a time


class NeighbourFinder:
    """A table prepared for a metric once, asked often. vectors: [rows, width], floating point, memory-mapped or not.

    A float32 table is not copied. Rows that hold NaN or infinity are nobody's neighbours. Raises ValueError for a
    metric that there is not.
    """

    def __init__(self, vectors: np.ndarray, metric: str = "cosine") -> None:
        if metric not in SUPPORTED:
            raise ValueError(f"metric {metric!r}; supported are {', '.join(SUPPORTED)}")
        self.metric = metric
        self.vectors = np.asarray(vectors)
        kind = ProductScores if metric in ProductScores.METRICS else DifferenceScores
        self._scores: ProductScores | DifferenceScores = kind(self.vectors, metric)

    def of_rows(self, rows: Sequence[int], count: int) -> tuple[np.ndarray, np.ndarray]:
        """The nearest rows of each of `rows`, itself left out: (rows [n, count] int64, distances [n, count] float64).

        Nearest first, the lower row first where two are as near to the last digit of float64. For dot, which is no
        distance, the largest products come first. `count` is cut to what there is.
        Raises IndexError for a row that does not exist.
        """
        index = np.asarray(rows, np.int64)
        if index.size and (index.min() < 0 or index.max() >= len(self.vectors)):
            raise IndexError(f"rows {index.min()} to {index.max()} of a table of {len(self.vectors)}")
        return self._nearest(self.vectors[index], min(count, self._usable - 1), index)

    def of_vectors(self, vectors: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
        """The nearest rows of each of some vectors [n, width] that need not be in the table, as `of_rows` gives them.

        What is no number in them counts as 0. Raises ValueError for vectors of another width.
        """
        if vectors.shape[1] != self.vectors.shape[1]:
            raise ValueError(f"vectors of width {vectors.shape[1]} for a table of {self.vectors.shape[1]}")
        return self._nearest(vectors, min(count, self._usable), None)

    @property
    def usable_rows(self) -> np.ndarray:
        """The rows that are finite, [n]."""
        return np.delete(np.arange(len(self.vectors)), self._scores.unusable)

    @property
    def _usable(self) -> int:
        return len(self.vectors) - len(self._scores.unusable)

    def _nearest(self, vectors: np.ndarray, count: int, own: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
        """own: the row of the table that each vector is, to be left out."""
        count = max(count, 0)
        nearest = np.empty((len(vectors), count), np.int64)
        distances = np.empty((len(vectors), count), np.float64)
        for start in range(0, len(vectors) if count else 0, _TOGETHER):
            queries = vectors[start : start + _TOGETHER].astype(np.float64)
            queries = np.where(np.isfinite(queries), queries, 0)
            shortlists = [Shortlist(count + (own is not None)) for _ in queries]
            for block in self._scores.blocks(queries):
                for place, shortlist in enumerate(shortlists):
                    shortlist.add(block, place)
            for at, (query, shortlist) in enumerate(zip(queries, shortlists, strict=True), start):
                candidates = shortlist.rows if own is None else shortlist.rows[shortlist.rows != own[at]]
                nearest[at], distances[at] = self.rank(query, candidates, count)
        return nearest, distances

    def rank(self, query: np.ndarray, candidates: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
        """The `count` nearest of some rows to a query [width], measured in float64: (rows, distances)."""
        metric = METRICS[self.metric]
        rows, distances = np.empty(0, np.int64), np.empty(0)
        step = max(_MEASURED // max(len(query), 1), count, 1)
        for start in range(0, len(candidates), step):
            more = candidates[start : start + step]
            with np.errstate(over="ignore"):  # squares of numbers beyond 1e154 are infinite, and rank last
                measured = metric.compare(query, self.vectors[more].astype(np.float64))
            rows, distances = np.concatenate([rows, more]), np.concatenate([distances, measured])
            order = np.lexsort((rows, -distances if metric.larger_is_nearer else distances))[:count]
            rows, distances = rows[order], distances[order]
        return rows, distances
