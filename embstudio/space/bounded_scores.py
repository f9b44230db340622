"""How near the rows of a table are to some queries, in float32, each score with a bound on its error.

Nearer is larger. With u = 2⁻²⁴ a sum of d products in float32, in whatever order it is formed, is off by at most
γ_d Σ|xᵢ||yᵢ| ≤ γ_d ‖x‖ ‖y‖, γ_d = d u / (1 − d u) (Higham 2002, Accuracy and Stability of Numerical Algorithms, 3.1),
and each rounding of what goes in or comes out by u of it. Nothing is assumed of the numbers, and nothing is tuned:
where float32 cannot tell rows apart, their bounds overlap, and whoever asks has to look closer.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from embstudio.formulas.distances import without_mean
from embstudio.space.float_table import FloatTable
from embstudio.space.scored_block import ScoredBlock

_U = 2.0**-24  # unit roundoff of float32
_ROUNDINGS = 12  # more than are made on the way in (2), in weight and offset (4), and in the bounds themselves (3)
_SMALLEST = 2.0**-80  # length below which 1 / length is not taken in float32
_UNDERFLOW = 2.0**-90  # more than is lost a product below 2⁻¹²⁶, with no length above 2⁴⁰; of no account among scores
_LONGEST = 2.0**40  # a query longer than this, where the table is at most about 1, is told apart in float64 alone
_SCORES = 2**18  # numbers at a time, for all queries together: they stay in the processor's cache
_DIFFERENCES = 2**18  # likewise
_PIECE = 1024  # rows


class ProductScores:
    """Metrics that are one product: (q·b) w_b − h_b, so that a table need not be copied for any of them.

    dot: w = 1, h = 0.    cosine, angular: q̂, w = 1 / ‖b‖.    correlation: q − q̄ of length 1, w = 1 / ‖b − b̄‖, since
    (q − q̄)·b = (q − q̄)·(b − b̄).    euclidean: w = 1, h = ‖b‖² / 2, from ‖q − b‖² = ‖q‖² − 2 (q·b − ‖b‖²/2).
    """

    METRICS = ("dot", "cosine", "angular", "correlation", "euclidean", "squared-euclidean")

    def __init__(self, vectors: np.ndarray, metric: str) -> None:
        self._is_distance = metric.endswith("euclidean")
        self._is_correlation = metric == "correlation"
        self._table = table = FloatTable(vectors, around_mean=self._is_distance)
        slack = 1.01 * (table.width + _ROUNDINGS) * _U
        lengths = table.lengths
        blur, floor = slack * lengths, np.zeros(table.rows)
        self._weight: np.ndarray | None = None
        self._offset: np.ndarray | None = None
        if self._is_distance:
            offset = lengths**2 / 2
            floor = _ROUNDINGS * _U * offset
            self._offset = offset.astype(np.float32)
        elif metric != "dot":
            spread = table.spreads() if self._is_correlation else lengths
            seen = spread > _SMALLEST
            weight = np.divide(1, spread, out=np.zeros_like(spread), where=seen)
            blur = blur * weight
            floor[(spread > 0) & ~seen] = 4  # a likeness is between −1 and 1: of these rows nothing is claimed
            self._weight = weight.astype(np.float32)
        self._blur = blur.astype(np.float32)  # per unit of the query's length
        self._floor = (floor + table.width * _UNDERFLOW).astype(np.float32)
        self._widest, self._highest = _Largest(self._blur), _Largest(self._floor)

    @property
    def unusable(self) -> np.ndarray:
        """The rows that are not finite, [n]."""
        return self._table.unusable

    def blocks(self, queries: np.ndarray) -> Iterator[ScoredBlock]:
        """Of queries [n, width], float64, against every row, some rows at a time."""
        table = self._table
        if not len(queries):
            return
        q, lengths, far = self._prepared(queries)
        narrow, factor, added = (x.astype(np.float32) for x in (q, lengths, np.where(far, np.inf, 0)))
        most = max(_SCORES // len(q), 1024) if len(q) > 1 else _SCORES // 2
        for part in _parts(table.rows, most):
            block = table.block(part.start, part.stop)
            with np.errstate(invalid="ignore", over="ignore"):  # of rows that are not finite
                scores = (block @ narrow[0])[None] if len(q) == 1 else narrow @ block.T
                if self._weight is not None:
                    scores *= self._weight[part]
            if self._offset is not None:
                scores -= self._offset[part]
            _set_aside(scores, part.start, table.unusable)
            yield ScoredBlock(
                part.start, scores, self._blur[part], self._floor[part], factor, added,
                (self._widest.within(part), self._highest.within(part)),
            )  # fmt: skip

    def _prepared(self, queries: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The queries as the product takes them, the length of each, and which are too far off to be told of."""
        if self._is_distance:
            q, far = _within_reach(self._table.query(queries))
            return q, np.linalg.norm(q, axis=1), far
        q = np.where(np.isfinite(queries), queries, 0)
        if self._is_correlation:
            q = without_mean(q)
        largest = np.abs(q).max(axis=1, keepdims=True, initial=0)
        q = np.divide(q, largest, out=np.zeros_like(q), where=largest > 0)
        lengths = np.linalg.norm(q, axis=1, keepdims=True)
        far = np.zeros(len(q), bool)
        return np.divide(q, lengths, out=q, where=lengths > 0), (lengths[:, 0] > 0).astype(np.float64), far


class DifferenceScores:
    """Metrics of the differences number by number: −Σ|qᵢ − bᵢ| (manhattan), −max |qᵢ − bᵢ| (chebyshev).

    No product gives these. The differences of a few thousand rows at a time are formed in one piece of memory that
    stays in the processor's cache (a megabyte, however large the table), and the table is read once a query.
    A difference of float32 numbers is rounded once, so errors are relative to the distance itself.
    """

    METRICS = ("manhattan", "chebyshev")

    def __init__(self, vectors: np.ndarray, metric: str) -> None:
        self._table = table = FloatTable(vectors, around_mean=not _is_float32(vectors))
        self._is_sum = metric == "manhattan"
        self._slack = 1.01 * (table.width + _ROUNDINGS) * _U
        # What rounding the table to float32 may have moved a row: ‖b‖₁ ≤ √d ‖b‖₂, and max |bᵢ| ≤ ‖b‖₂.
        moved = 0.0 if table.is_exact else _U * (np.sqrt(table.width) if self._is_sum else 1)
        self._blur = (1.01 * moved * table.lengths).astype(np.float32)
        self._floor = np.full(table.rows, table.width * _UNDERFLOW, np.float32)
        self._widest, self._highest = _Largest(self._blur), _Largest(self._floor)

    @property
    def unusable(self) -> np.ndarray:
        """The rows that are not finite, [n]."""
        return self._table.unusable

    def blocks(self, queries: np.ndarray) -> Iterator[ScoredBlock]:
        """Of queries [n, width], float64, against every row, some rows at a time."""
        table = self._table
        q, far = _within_reach(table.query(queries))
        narrow = q.astype(np.float32)
        lost = np.abs(narrow - q)
        moved = np.where(far, np.inf, 1.01 * (lost.sum(axis=1) if self._is_sum else lost.max(axis=1, initial=0)))
        factor, added = np.ones(len(q), np.float32), moved.astype(np.float32)
        most = max(_DIFFERENCES // max(table.width, 1), 64)
        room, ones = np.empty((most, table.width), np.float32), np.ones(table.width, np.float32)
        for part in _parts(table.rows, most):
            block = table.block(part.start, part.stop)
            scores = np.empty((len(q), len(block)), np.float32)
            for query, row in zip(narrow, scores, strict=True):
                with np.errstate(invalid="ignore", over="ignore"):
                    apart = np.subtract(block, query, out=room[: len(block)])
                    np.abs(apart, out=apart)
                    np.negative(apart @ ones if self._is_sum else apart.max(axis=1), out=row)
            _set_aside(scores, part.start, table.unusable)
            yield ScoredBlock(
                part.start, scores, self._blur[part], self._floor[part], factor, added,
                (self._widest.within(part), self._highest.within(part)), self._slack,
            )  # fmt: skip


class _Largest:
    """The largest of some of the values [n], which are not read again for it: at least that, not always that itself."""

    def __init__(self, values: np.ndarray) -> None:
        self._of_pieces = np.array([values[at : at + _PIECE].max() for at in range(0, len(values), _PIECE)])

    def within(self, part: slice) -> float:
        return float(self._of_pieces[part.start // _PIECE : -(-part.stop // _PIECE)].max())


def _parts(rows: int, most: int) -> Iterator[slice]:
    """Rows 0 to `rows` in pieces. The first is small: while nothing is known, all that is in it comes near."""
    start, stop = 0, min(max(most // 16, 64), rows)
    while start < rows:
        yield slice(start, stop)
        start, stop = stop, min(stop + most, rows)


def _within_reach(queries: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The queries [n, width], with 0 for those whose products float32 might not hold, and which [n] these are."""
    with np.errstate(over="ignore"):
        far = ~(np.linalg.norm(queries, axis=1) <= _LONGEST)
    return np.where(far[:, None], 0, queries), far


def _is_float32(vectors: np.ndarray) -> bool:
    return vectors.dtype == np.float32


def _set_aside(scores: np.ndarray, start: int, unusable: np.ndarray) -> None:
    """Put rows that are not finite below all others."""
    if unusable.size:
        first, last = np.searchsorted(unusable, (start, start + scores.shape[1]))
        scores[:, unusable[first:last] - start] = -np.inf
