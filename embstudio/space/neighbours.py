"""The exact nearest rows of a table of vectors.

Candidates are found in float32 by blocks of matrix products, then measured and ranked in float64. For both metrics
the nearest are the largest of one product a·b less a term of b alone:
    cosine      1 − â·b̂, with â = a / ‖a‖
    euclidean   ‖a − b‖² = ‖a‖² − 2 (a·b − ‖b‖²/2)
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from embstudio.formulas.distances import METRICS

SUPPORTED = ("cosine", "euclidean")

_BLOCK = 8192  # rows a product; with a few dozen queries it stays in the processor's cache
_TOGETHER = 64  # queries at a time; each takes four bytes for every row of the table
_SPARE = 16  # more candidates than asked for, so that float32 cannot lose one that belongs in


class NeighbourFinder:
    """A table prepared for a metric once, asked often. vectors: [rows, width]. Raises ValueError for other metrics."""

    def __init__(self, vectors: np.ndarray, metric: str = "cosine") -> None:
        if metric not in SUPPORTED:
            raise ValueError(f"metric {metric!r}; supported are {', '.join(SUPPORTED)}")
        self.metric = metric
        self._vectors = vectors
        table = np.asarray(vectors, np.float32)
        lengths = np.sqrt(np.einsum("ij,ij->i", table, table))
        if metric == "cosine":
            self._table = table / np.where(lengths > 0, lengths, 1)[:, None]
            self._middle: np.ndarray = np.zeros(table.shape[1], np.float32)
            self._offset: np.ndarray = np.zeros(len(table), np.float32)
        else:
            # Around the mean the numbers are small, and float32 loses less of their differences.
            self._middle = table.mean(axis=0, dtype=np.float64).astype(np.float32)
            self._table = table - self._middle
            self._offset = np.einsum("ij,ij->i", self._table, self._table) / 2

    def of_rows(self, rows: Sequence[int], count: int) -> tuple[np.ndarray, np.ndarray]:
        """The nearest rows of each of `rows`, itself left out: (rows [n, count] int64, distances [n, count] float64).

        Nearest first, the lower row first where two are as near. `count` is cut to what there is.
        Raises IndexError for a row that does not exist.
        """
        index = np.asarray(rows, np.int64)
        if index.size and (index.min() < 0 or index.max() >= len(self._table)):
            raise IndexError(f"rows {index.min()} to {index.max()} of a table of {len(self._table)}")
        count = min(count, len(self._table) - 1)
        nearest = np.empty((len(index), count), np.int64)
        distances = np.empty((len(index), count), np.float64)
        enough = min(count + 1 + _SPARE, len(self._table))
        for start in range(0, len(index), _TOGETHER):
            queries = self._table[index[start : start + _TOGETHER]]
            for at, candidates in enumerate(self._candidates(queries, enough), start):
                own = np.asarray(self._vectors[index[at]], np.float64)
                nearest[at], distances[at] = self._rank(own, candidates[candidates != index[at]], count)
        return nearest, distances

    def of_vectors(self, vectors: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
        """The nearest rows of each of some vectors [n, width] that need not be in the table, as `of_rows` gives them.

        Raises ValueError for vectors of another width.
        """
        if vectors.shape[1] != self._table.shape[1]:
            raise ValueError(f"vectors of width {vectors.shape[1]} for a table of {self._table.shape[1]}")
        count = min(count, len(self._table))
        nearest = np.empty((len(vectors), count), np.int64)
        distances = np.empty((len(vectors), count), np.float64)
        enough = min(count + _SPARE, len(self._table))
        for start in range(0, len(vectors), _TOGETHER):
            queries = self._query(np.asarray(vectors[start : start + _TOGETHER], np.float64))
            for at, candidates in enumerate(self._candidates(queries, enough), start):
                nearest[at], distances[at] = self._rank(np.asarray(vectors[at], np.float64), candidates, count)
        return nearest, distances

    def _query(self, vectors: np.ndarray) -> np.ndarray:
        """Vectors [n, width] as the table was prepared; what is no number counts as 0."""
        vectors = np.nan_to_num(vectors)
        if self.metric == "cosine":
            lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
            return np.asarray(vectors / np.where(lengths > 0, lengths, 1), np.float32)
        return np.asarray(vectors - self._middle, np.float32)

    def _candidates(self, queries: np.ndarray, count: int) -> list[np.ndarray]:
        """For each query more than enough rows, every row tied with the last of them in float32 included."""
        scores = np.empty((len(queries), len(self._table)), np.float32)
        for start in range(0, len(self._table), _BLOCK):
            block = slice(start, start + _BLOCK)
            scores[:, block] = queries @ self._table[block].T - self._offset[block]
        found = []
        for row in scores:
            least = np.partition(row, len(row) - count)[len(row) - count]
            slack = 1e-5 * max(1.0, float(np.abs(row).max()))
            found.append(np.flatnonzero(row >= least - slack))
        return found

    def _rank(self, query: np.ndarray, candidates: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
        distances = METRICS[self.metric].compare(query, np.asarray(self._vectors[candidates], np.float64))
        order = np.lexsort((candidates, distances))[:count]
        return candidates[order], distances[order]
