"""How many clusters there are, if there are any: the number at which rows are nearest to their own.

The silhouette of a row (Rousseeuw 1987) is s = (b − a) / max(a, b), with a its mean distance to the others of its
cluster and b that to the rows of the next cluster: 1 where clusters stand far apart, 0 on a border, and 0 for a row
that is a cluster of its own. Kaufman and Rousseeuw (1990) read a mean of at most 0.25 as no structure, and up to 0.5
as a weak one that could be artificial.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from embstudio.space.clusters import KMeans

NONE, WEAK = 0.25, 0.5  # mean silhouettes up to which there is no structure, and a weak one


@dataclass(frozen=True)
class Counts:
    """tried: numbers of clusters so far; silhouettes: the mean of each. measured: rows of total.
    wanted: numbers to be tried."""

    tried: tuple[int, ...]
    silhouettes: tuple[float, ...]
    measured: int
    total: int
    wanted: int

    @property
    def finished(self) -> bool:
        return len(self.tried) >= self.wanted

    @property
    def sampled(self) -> bool:
        return self.measured < self.total

    @property
    def best(self) -> int:
        """The number at which the mean is highest; the smaller one of equals."""
        return self.tried[int(np.argmax(self.silhouettes))]

    @property
    def highest(self) -> float:
        """The mean silhouette there."""
        return max(self.silhouettes)

    @property
    def structured(self) -> bool:
        """Whether any number is more than a way of dividing."""
        return self.highest > NONE

    @property
    def weak(self) -> bool:
        """Whether the clusters could be artificial."""
        return self.highest <= WEAK


@dataclass(frozen=True)
class ClusterCount:
    """counts: to be tried. most_rows: drawn at random where there are more; all pairs of them are compared."""

    counts: tuple[int, ...] = (2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 20)
    metric: str = "euclidean"
    seed: int = 0
    most_rows: int = 2_000

    def results(self, vectors: np.ndarray) -> Iterator[Counts]:
        """After each number of clusters of finite vectors [n, width]. Raises InputError for fewer than 3 rows."""
        total = len(vectors)
        if total > self.most_rows:
            chosen = np.random.default_rng(self.seed).choice(total, self.most_rows, replace=False)
            vectors = vectors[np.sort(chosen)]
        counts = tuple(count for count in self.counts if count < len(vectors)) or (2,)
        apart = _distances(vectors, self.metric)
        found: list[float] = []
        for count in counts:
            *_, grouped = KMeans(count, self.metric, self.seed).results(vectors)
            found.append(float(silhouettes(apart, grouped.groups).mean()))
            yield Counts(counts[: len(found)], tuple(found), len(vectors), total, len(counts))


def silhouettes(apart: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Of each row, from all distances [n, n] and the rows' clusters [n]: [n] float64. One cluster alone gives zeros."""
    of_group = (groups[:, None] == np.unique(groups)).astype(np.float64)
    sizes = of_group.sum(axis=0)
    sums = apart @ of_group
    own = of_group.astype(bool)
    others = sizes[own.argmax(axis=1)] - 1
    a = sums[own] / np.maximum(others, 1)
    b = np.where(own, np.inf, sums / sizes).min(axis=1)
    there = (others > 0) & np.isfinite(b) & (np.maximum(a, b) > 0)
    return np.where(there, (np.where(there, b, 1) - a) / np.where(there, np.maximum(a, b), 1), 0.0)


def _distances(vectors: np.ndarray, metric: str) -> np.ndarray:
    """Straight lines between all rows [n, n], under cosine between rows made equally long."""
    table = np.asarray(vectors, np.float64)
    if metric == "cosine":
        lengths = np.linalg.norm(table, axis=1, keepdims=True)
        table = table / np.where(lengths > 0, lengths, 1)
    table = table - table.mean(axis=0)
    squares = np.einsum("ij,ij->i", table, table)
    apart = np.sqrt(np.maximum(squares[:, None] + squares - 2 * (table @ table.T), 0))
    np.fill_diagonal(apart, 0)
    return np.asarray(apart)
