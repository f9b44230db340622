"""A table of vectors as float32 arithmetic can take it: read block by block, without a second copy where it is float32.

Lengths are exact to float64 and known beforehand, since the error of a product in float32 is bounded by them. Where
numbers are so large or small that products would leave the range of float32, the table is read times a power of two,
which changes no digit; where all vectors lie far from the origin, it can be read around their mean, for distances.
"""

from __future__ import annotations

import numpy as np

from embstudio.formulas.distances import without_mean

_BLOCK = 8192  # rows taken to float64 at a time
_MOST_KEPT = (
    2**31
)  # bytes of a float32 copy of a table in another precision; larger ones are converted as they are read
_LARGEST, _SMALLEST = 2.0**20, 2.0**-20  # of the longest vector, within which the table is read as it is
_FAR = 4.0  # squared length of the mean, in variances, from which the table is read around its mean


class FloatTable:
    """vectors [rows, width] of any floating type, memory-mapped or not, as σ·x − m in float32.

    around_mean: whether m may be other than 0. lengths: [rows] of σ·x − m, float64; 0 for rows that are not finite,
    which `unusable` [n] lists.
    """

    def __init__(self, vectors: np.ndarray, *, around_mean: bool = False) -> None:
        self.vectors = np.asarray(vectors)
        self.rows, self.width = self.vectors.shape
        self.scale = self._power_of_two()
        self.middle: np.ndarray = np.zeros(self.width)
        self.lengths, mean = self._measured()
        self.unusable = np.flatnonzero(~np.isfinite(self.lengths))
        self.lengths[self.unusable] = 0
        if around_mean and self.rows and mean @ mean > _FAR * (np.mean(self.lengths**2) - mean @ mean):
            self.middle = mean.astype(np.float32).astype(np.float64)
            self.lengths, _ = self._measured()
            self.lengths[self.unusable] = 0
        self.is_exact = self.vectors.dtype in (np.float16, np.float32) and self.scale == 1 and not self.middle.any()
        self._plain = self.vectors.dtype == np.float32 and self.is_exact
        self._copy: np.ndarray | None = None
        if self.vectors.dtype != np.float32 and 4 * self.vectors.size <= _MOST_KEPT:
            self._copy = np.empty(self.vectors.shape, np.float32)
            for start in range(0, self.rows, _BLOCK):
                self._copy[start : start + _BLOCK] = self._converted(start, start + _BLOCK)

    def block(self, start: int, stop: int) -> np.ndarray:
        """σ·x − m of some rows, each number rounded to float32 once."""
        if self._plain:
            return self.vectors[start:stop]
        return self._converted(start, stop) if self._copy is None else self._copy[start:stop]

    def query(self, vectors: np.ndarray) -> np.ndarray:
        """σ·x − m of vectors [n, width] that need not be in the table, in float64; what is no number counts as 0."""
        with np.errstate(over="ignore"):
            return np.asarray(np.where(np.isfinite(vectors), vectors, 0) * self.scale - self.middle)

    def spreads(self) -> np.ndarray:
        """‖x − x̄‖ of each row [rows] about the mean of its own numbers, times σ; 0 for rows that are not finite."""
        spreads = np.empty(self.rows)
        with np.errstate(invalid="ignore"):
            for start in range(0, self.rows, _BLOCK):
                block = without_mean(self._double(start, start + _BLOCK))
                spreads[start : start + _BLOCK] = np.sqrt(np.einsum("ij,ij->i", block, block))
        spreads[self.unusable] = 0
        return spreads

    def _double(self, start: int, stop: int) -> np.ndarray:
        block = self.vectors[start:stop].astype(np.float64)
        if self.scale != 1:
            block *= self.scale
        if self.middle.any():
            block -= self.middle
        return block

    def _converted(self, start: int, stop: int) -> np.ndarray:
        with np.errstate(invalid="ignore", over="ignore", under="ignore"):
            if self.is_exact:
                return self.vectors[start:stop].astype(np.float32)
            return self._double(start, stop).astype(np.float32)

    def _power_of_two(self) -> float:
        largest = 0.0
        for start in range(0, self.rows, _BLOCK):
            block = self.vectors[start : start + _BLOCK]
            most = float(max(block.max(initial=0), -block.min(initial=0)))
            if not np.isfinite(most):
                most = float(np.max(np.abs(block), where=np.isfinite(block), initial=0))
            largest = max(largest, most)
        if _SMALLEST <= largest <= _LARGEST / np.sqrt(self.width) or largest == 0:
            return 1.0
        return float(np.ldexp(1.0, -min(max(int(np.frexp(largest)[1]), -1000), 1000)))

    def _measured(self) -> tuple[np.ndarray, np.ndarray]:
        """The length of every row, and the mean of those that are finite."""
        lengths, total, finite = np.empty(self.rows), np.zeros(self.width), 0
        with np.errstate(invalid="ignore"):
            for start in range(0, self.rows, _BLOCK):
                block = self._double(start, start + _BLOCK)
                squares = np.einsum("ij,ij->i", block, block)
                lengths[start : start + _BLOCK] = np.sqrt(squares)
                good = np.isfinite(squares)
                total += (block if good.all() else block[good]).sum(axis=0)
                finite += int(good.sum())
        return lengths, total / max(finite, 1)
