"""How far the neighbours that a picture shows are the true ones, point by point.

Venna and Kaski 2001 (Neighborhood preservation in nonlinear projection methods), over the k nearest of each point:

    trustworthinessᵢ = 1 − 2 / (k (2n − 3k − 1)) · Σ (r(i, j) − k)₊      over the k nearest j in the picture
    continuityᵢ      = 1 − 2 / (k (2n − 3k − 1)) · Σ (s(i, j) − k)₊      over the k nearest j among the vectors

with r and s the ranks of j as seen from i among the vectors and in the picture, 1 the nearest. Where trustworthiness is
low, strangers moved in; where continuity is low, true neighbours were torn away. A picture's is the mean over its
points: 1 is the best, and places given by chance come to about ½. Rows as far away as each other share the better rank.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from embstudio.base.errors import InputError

_PAIRS = 5 * 10**7  # distances worked out at most, where no number of points is asked for
_BLOCK = 2**21  # distances held at once
_LARGEST = 1e100  # number that is squared
METRICS = ("euclidean", "cosine")


@dataclass(frozen=True)
class Trust:
    """rows: [m] int64, the points measured so far. trustworthiness, continuity: [m] float64 each. k: neighbours.

    total: points in the picture, all of which count as possible neighbours. wanted: how many are to be measured.
    """

    rows: np.ndarray
    trustworthiness: np.ndarray
    continuity: np.ndarray
    k: int
    total: int
    wanted: int

    @property
    def finished(self) -> bool:
        return len(self.rows) >= self.wanted

    @property
    def overall(self) -> tuple[float, float]:
        """The means: trustworthiness and continuity of the picture, or an estimate where it was sampled."""
        return float(self.trustworthiness.mean()), float(self.continuity.mean())

    @property
    def sentence(self) -> str:
        """What has to stand beside the numbers, or ""."""
        if len(self.rows) == self.total:
            return ""
        return f"Measured at {len(self.rows):,} of {self.total:,} points, drawn at random, against all of them."


@dataclass(frozen=True)
class TrustMeasure:
    """What is to be measured. points: [n, dimensions] of the picture, in the order of the vectors' rows.

    k: how many neighbours count; it is cut to below n / 2, where the formula ends. metric: "euclidean" or "cosine", of
    the vectors; in the picture it is always the straight line. most_points: a random sample of so many is measured;
    None for as many as take a few seconds.
    """

    points: np.ndarray
    k: int = 15
    metric: str = "euclidean"
    seed: int = 0
    most_points: int | None = None

    def results(self, vectors: np.ndarray) -> Iterator[Trust]:
        """Measure, a block of points after the other, against vectors [n, width] of any order of magnitude.

        Raises InputError for fewer than 3 rows, for another number of points, and for options that make no sense.
        """
        n = len(vectors)
        if len(self.points) != n:
            raise InputError("The picture and the vectors do not belong together.",
                             where=f"{len(self.points)} points, {n} vectors")  # fmt: skip
        if n < 3 or self.k < 1 or self.metric not in METRICS:
            raise InputError("Trust is measured for 3 vectors or more, at least 1 neighbour, and "
                             f"{' or '.join(METRICS)} distances.", where=f"{n}, {self.k}, {self.metric}")  # fmt: skip
        k = min(self.k, (n - 1) // 2)
        rows = self._chosen(n)
        high, low = _Ranks(vectors, self.metric), _Ranks(self.points, "euclidean")
        worst = k * (2 * n - 3 * k - 1) / 2
        found: list[np.ndarray] = []
        together = max(1, _BLOCK // n)
        for start in range(0, len(rows), together):
            block = rows[start : start + together]
            far, near = high.squared_distances(block), low.squared_distances(block)
            found.append(1 - np.stack([_excess(far, near, k), _excess(near, far, k)]) / worst)
            done = np.concatenate(found, axis=1)
            yield Trust(rows[: done.shape[1]], done[0], done[1], k, n, len(rows))

    def _chosen(self, n: int) -> np.ndarray:
        most = max(1, _PAIRS // n) if self.most_points is None else max(1, self.most_points)
        if most >= n:
            return np.arange(n)
        # In random order: what is measured first is a sample too.
        return np.random.default_rng(self.seed).choice(n, most, replace=False)


class _Ranks:
    """A table seen from some of its rows, in float64."""

    def __init__(self, vectors: np.ndarray, metric: str) -> None:
        table = np.asarray(vectors, np.float64)
        largest = float(np.abs(table).max(initial=0))
        if largest > _LARGEST:  # ranks do not depend on the scale, but squares have to be finite
            table = np.ldexp(table, -int(np.frexp(largest)[1]))
        if metric == "cosine":
            lengths = np.linalg.norm(table, axis=1, keepdims=True)
            table = table / np.where(lengths > 0, lengths, 1)
        else:
            table = table - table.mean(axis=0)  # where the least is lost in a² + b² − 2ab
        self._table = table
        self._squares = np.einsum("ij,ij->i", table, table)

    def squared_distances(self, rows: np.ndarray) -> np.ndarray:
        """‖a − b‖² of some rows [m] to all: [m, n]; a row to itself is infinitely far."""
        distances = self._squares[rows, None] + self._squares - 2 * (self._table[rows] @ self._table.T)
        distances[np.arange(len(rows)), rows] = np.inf
        return np.asarray(distances)


def _excess(ranked: np.ndarray, shown: np.ndarray, k: int) -> np.ndarray:
    """Σ (rank − k)₊ over the k nearest by `shown` [m, n], ranked by `ranked` [m, n]: [m]."""
    nearest = np.argpartition(shown, k - 1, axis=1)[:, :k]
    theirs = np.take_along_axis(ranked, nearest, axis=1)
    # Counting them one by one is quicker than sorting a row, for as few as are asked about.
    nearer = [[np.count_nonzero(row < far) for far in own] for row, own in zip(ranked, theirs, strict=True)]
    return np.asarray(np.maximum(np.array(nearer) + 1 - k, 0).sum(axis=1), np.float64)
