"""A table of vectors as an approximate index takes it."""

from __future__ import annotations

import numpy as np

from embstudio.formulas.distances import without_mean
from embstudio.space.float_table import FloatTable


class IndexedRows:
    """A table as the index takes it: rows whose order by cosine, or by Euclidean distance, is that of the metric.

    cosine, angular: x / ‖x‖.    correlation: (x − x̄) / ‖x − x̄‖.    euclidean: x, within the range of float32.
    dot: [x, √(m² − ‖x‖²)] with m the largest ‖x‖, all of which are as long, so that the largest product has the
    smallest angle (Bachrach et al. 2014, "Speeding up the Xbox recommender system using a Euclidean transformation for
    inner-product spaces").
    """

    def __init__(self, vectors: np.ndarray, metric: str) -> None:
        self._table = table = FloatTable(vectors, around_mean=metric.endswith("euclidean"))
        self._metric = metric
        self.directions = not metric.endswith("euclidean")
        self.total, self.usable = table.rows, table.rows - len(table.unusable)
        self.width = table.width + (metric == "dot")
        self._longest = float(table.lengths.max(initial=0))

    def block(self, start: int, stop: int) -> tuple[np.ndarray, np.ndarray]:
        """Numbers of the rows from start to stop that are finite, and these rows [n, width] in float32."""
        table = self._table
        good = ~np.isin(np.arange(start, stop), table.unusable)
        numbers = np.arange(start, stop)[good]
        if self._metric in ("cosine", "angular", "correlation"):
            return numbers, self._directed(table.vectors[start:stop][good].astype(np.float64))
        rows = table.block(start, stop)[good]
        if self._metric == "dot":
            left = np.sqrt(np.maximum(self._longest**2 - table.lengths[numbers] ** 2, 0))
            rows = np.hstack([rows, left[:, None]])
        return numbers, np.ascontiguousarray(rows, np.float32)

    def query(self, vector: np.ndarray) -> np.ndarray:
        """A vector [width of the table], float64, likewise."""
        if not self.directions:
            with np.errstate(over="ignore"):
                return np.nan_to_num(self._table.query(vector).astype(np.float32))
        directed = self._directed(vector[None])[0]
        return np.append(directed, np.float32(0)) if self._metric == "dot" else directed

    def _directed(self, x: np.ndarray) -> np.ndarray:
        """Rows of length 1, zeros where there is no direction."""
        if self._metric == "correlation":
            x = without_mean(x)
        x = _divided(x, np.abs(x).max(axis=1, initial=0))  # first, so that no square leaves the range of float64
        return _divided(x, np.linalg.norm(x, axis=1)).astype(np.float32)


def _divided(x: np.ndarray, by: np.ndarray) -> np.ndarray:
    """Each row [n, width] by its number [n]; zeros where that is 0."""
    return np.asarray(np.divide(x, by[:, None], out=np.zeros_like(x), where=by[:, None] > 0))
