"""Groups of vectors around centres, and the words that name each.

k-means: Lloyd 1982, started as k-means++ (Arthur and Vassilvitskii 2007) with several tries for each centre, and that
several times; the grouping with the least Σ ‖x − centre‖² is kept. Groups come out round and of like size whether the
vectors lie so or not: another seed or number gives other groups, all of them fair descriptions.

A word is typical of its group where it is near its own centre compared with the next one: a / b is least, with the
distances a and b to the two. 1 − a / b is the simplified silhouette (Hruschka, de Castro and Campello 2004).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from embstudio.base.errors import InputError

_BLOCK = 8192  # rows compared with the centres at a time
_LONG = 20_000  # rows, from which on a try takes so long that something is shown before it ends
_TYPICAL = 0.05  # of a cluster's rows
_EARLY = (2, 6, 20)  # rounds after which that is
_SETTLED = 1e-4  # of the variance: when centres move less, a grouping is done, as in scikit-learn


@dataclass(frozen=True)
class Clustering:
    """groups: [n] int64, the number of each row's cluster. centres: [clusters, width] float64. spread: Σ ‖x − centre‖².

    margin: [n] float32, how much farther (squared) the next centre is than the row's own: 0 on a border. distance: [n]
    float32, squared, to its own. start and starts: of how many of the tries this is the best, 0 before the first has
    ended. fitted: rows, drawn at random, that the centres were found on; each of all rows is with its nearest centre.
    """

    groups: np.ndarray
    centres: np.ndarray
    spread: float
    distance: np.ndarray
    margin: np.ndarray
    start: int
    starts: int
    fitted: int

    @property
    def finished(self) -> bool:
        return self.start >= self.starts

    @property
    def sizes(self) -> np.ndarray:
        """Rows in each cluster: [clusters]."""
        return np.bincount(self.groups, minlength=len(self.centres))

    def central(self, count: int = 5) -> list[np.ndarray]:
        """For each cluster the rows nearest to its centre, nearest first: what it is like in the middle."""
        return self._first(self.distance, count)

    def distinctive(self, count: int = 5) -> list[np.ndarray]:
        """For each cluster the rows that are deepest inside it: farthest from every other compared with their own."""
        return self._first(-self.margin, count)

    def typical(self, count: int = 5) -> list[np.ndarray]:
        """For each cluster the rows that speak for it: near its own centre compared with the next one, and of the most
        typical twentieth the first of the set, since sets of words begin with those that are used most."""
        own, following = np.sqrt(self.distance), np.sqrt(self.distance + self.margin)
        ratio = np.divide(own, following, out=np.ones_like(own), where=following > 0)
        most = max(count, round(_TYPICAL * len(self.groups)))
        shares = [max(count, round(_TYPICAL * size)) for size in self.sizes.tolist()]
        return [np.sort(rows[:share])[:count] for rows, share in zip(self._first(ratio, most), shares, strict=True)]

    def _first(self, order_by: np.ndarray, count: int) -> list[np.ndarray]:
        order = np.lexsort((order_by, self.groups))  # the lower row first where two are equal
        begins = np.searchsorted(self.groups[order], np.arange(len(self.centres) + 1))
        return [order[begin:end][:count] for begin, end in pairwise(begins)]


@dataclass(frozen=True)
class KMeans:
    """clusters: how many. metric: "euclidean", or "cosine" for vectors made equally long first. starts: tries.
    most_rows: of more, so many are drawn at random to find the centres on."""

    clusters: int
    metric: str = "euclidean"
    seed: int = 0
    starts: int = 4
    most_rounds: int = 100
    most_rows: int = 100_000

    def results(self, vectors: np.ndarray) -> Iterator[Clustering]:
        """The best grouping so far of finite vectors [n, width], after each try, and in a long first one.

        Clusters are numbered by size, the largest 0. Raises InputError for more clusters than rows, or fewer than 1.
        """
        if not 1 <= self.clusters <= min(len(vectors), self.most_rows):
            raise InputError("There can be as many clusters as there are vectors, and at least one.",
                             where=f"{self.clusters} clusters, {len(vectors)} vectors")  # fmt: skip
        if self.metric not in ("euclidean", "cosine"):
            raise InputError(f"k-means knows no distance {self.metric!r}.", advice="It knows euclidean and cosine.")
        table, middle = _comparable(vectors, self.metric)
        random = np.random.default_rng(self.seed)
        some = table
        if len(table) > self.most_rows:
            some = table[np.sort(random.choice(len(table), self.most_rows, replace=False))]

        def described(centres: np.ndarray, start: int) -> Clustering:
            return _described(table, centres, middle, start, self.starts, len(some))

        best: tuple[float, np.ndarray] | None = None
        for start in range(1, self.starts + 1):
            for turn, spread, centres in self._rounds(some, _spread_out(some, self.clusters, random)):
                if turn:
                    if best is None and turn in _EARLY and len(some) > _LONG:
                        yield described(centres, 0)
                elif best is None or spread < best[0]:
                    best = spread, centres
            assert best is not None
            yield described(best[1], start)

    def _rounds(self, table: np.ndarray, centres: np.ndarray) -> Iterator[tuple[int, float, np.ndarray]]:
        """Lloyd's rounds: each row to its nearest centre, each centre to the middle of its rows. After each, its
        number, Σ ‖x − centre‖² to the centres of before, and the new ones; at the end 0, and the sum to these."""
        settled = _SETTLED * float(table.var(axis=0, dtype=np.float64).mean())
        for turn in range(1, self.most_rounds + 1):
            groups, nearest, _ = _assigned(table, centres)
            moved = _middles(table, groups, nearest, len(centres))
            shift = float(np.square(moved - centres).sum())
            centres = moved
            yield turn, float(nearest.sum(dtype=np.float64)), centres
            if shift <= settled:
                break
        _, nearest, _ = _assigned(table, centres)
        yield 0, float(nearest.sum(dtype=np.float64)), centres


def _comparable(vectors: np.ndarray, metric: str) -> tuple[np.ndarray, np.ndarray]:
    """Vectors about their mean, at which float32 loses least, and the mean; under cosine made equally long first."""
    table = np.asarray(vectors, np.float32)
    if metric == "cosine":
        lengths = np.linalg.norm(table.astype(np.float64), axis=1, keepdims=True)
        table = (table / np.where(lengths > 0, lengths, 1)).astype(np.float32)
    middle = table.mean(axis=0, dtype=np.float64).astype(np.float32)
    return table - middle, middle


def _spread_out(table: np.ndarray, count: int, random: np.random.Generator) -> np.ndarray:
    """k-means++: centres drawn from the rows, the likelier the farther (squared) they are from those drawn before."""
    squares = np.einsum("ij,ij->i", table, table)
    tries = 2 + int(np.log(count))
    first = int(random.integers(len(table)))
    chosen = [first]
    nearest = _to_rows(table, squares, np.array([first]))[:, 0]
    while len(chosen) < count:
        reach = np.cumsum(nearest, dtype=np.float64)
        drawn = np.searchsorted(reach, random.random(tries) * reach[-1], side="right").clip(max=len(table) - 1)
        candidates = np.minimum(_to_rows(table, squares, drawn), nearest[:, None])
        best = int(candidates.sum(axis=0, dtype=np.float64).argmin())
        chosen.append(int(drawn[best]))
        nearest = candidates[:, best]
    return table[chosen].astype(np.float64)


def _to_rows(table: np.ndarray, squares: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Squared distances of all rows to some: [n, rows]."""
    return np.asarray(np.maximum(squares[:, None] + squares[rows] - 2 * (table @ table[rows].T), 0))


def _assigned(table: np.ndarray, centres: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of each row: its nearest centre, the squared distance to it, and that to the next one (inf if there is none)."""
    groups = np.empty(len(table), np.int64)
    nearest, next_one = np.empty((2, len(table)), np.float32)
    narrow = centres.astype(np.float32)
    own = np.einsum("ij,ij->i", narrow, narrow)
    for start in range(0, len(table), _BLOCK):
        rows = slice(start, start + _BLOCK)
        block = table[rows]
        distances = own - 2 * (block @ narrow.T)
        groups[rows] = first = distances.argmin(axis=1)
        squares, at = np.einsum("ij,ij->i", block, block), np.arange(len(block))
        nearest[rows] = np.maximum(distances[at, first] + squares, 0)
        distances[at, first] = np.inf
        next_one[rows] = distances.min(axis=1) + squares
    return groups, nearest, next_one


def _middles(table: np.ndarray, groups: np.ndarray, nearest: np.ndarray, count: int) -> np.ndarray:
    """The mean of each group's rows: [count, width] float64. An empty group gets the row worst placed so far."""
    sizes = np.bincount(groups, minlength=count)
    full = sizes > 0
    sums = np.zeros((count, table.shape[1]))
    for start in range(0, len(table), _BLOCK):
        rows = slice(start, start + _BLOCK)
        belongs = (groups[rows, None] == np.arange(count)).astype(np.float32)
        sums += belongs.T @ table[rows]
    middles = sums / np.maximum(sizes, 1)[:, None]
    empty = np.flatnonzero(~full)
    if len(empty):
        middles[empty] = table[np.argsort(-nearest, kind="stable")[: len(empty)]]
    return middles


def _described(
    table: np.ndarray, centres: np.ndarray, middle: np.ndarray, start: int, starts: int, fitted: int
) -> Clustering:
    groups, nearest, next_one = _assigned(table, centres)
    by_size = np.argsort(-np.bincount(groups, minlength=len(centres)), kind="stable")
    place = np.empty_like(by_size)
    place[by_size] = np.arange(len(by_size))
    return Clustering(place[groups], centres[by_size] + middle, float(nearest.sum(dtype=np.float64)), nearest,
                      next_one - nearest, start, starts, fitted)  # fmt: skip
