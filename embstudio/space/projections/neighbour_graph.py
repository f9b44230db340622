"""Which rows are nearest to which, as the neighbour-preserving projections need it: fast, in float32, for all rows.

A list of neighbours that is shown to a person comes from `space.neighbours`, which ranks in float64 and breaks ties by
rule. A layout made from some hundred thousand of them does not change with the last digit of one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

MANY = 3_000  # rows of which all neighbours take longer than one wants to wait for a first picture
QUARTER = 4
_TOGETHER = 512  # rows compared with all others in one product, and not more
_PAIRS = 2**23  # than make so many pairs, so that one is done in some hundredths of a second
_GROUP = 8  # columns of which only the best is looked at first


@dataclass(frozen=True)
class NeighbourGraph:
    """rows: [n, k], the nearest of each row, itself left out, nearest first. distances: [n, k] float32, Euclidean."""

    rows: np.ndarray
    distances: np.ndarray


def build(
    vectors: np.ndarray, count: int, done: list[NeighbourGraph], among: np.ndarray | None = None
) -> Iterator[float]:
    """Find the `count` nearest rows of each row of vectors [n, width]; yields how much is done, and appends the graph.

    ‖a − b‖² = ‖a‖² + ‖b‖² − 2 a·b, around the mean, where float32 loses least. `count` is cut to what there is.
    among: [m] rising, the only rows that are taken for neighbours: a rough graph, in m/n of the time.
    """
    n = len(vectors)
    others = np.arange(n) if among is None else among
    count = min(count, len(others) - 1)
    table = np.asarray(vectors, np.float32)
    table = table - table.mean(axis=0, dtype=np.float64).astype(np.float32)
    squares = np.einsum("ij,ij->i", table, table)
    candidates, lengths = (table, squares) if among is None else (table[among], squares[among])
    rows = np.empty((n, count), np.int64)
    distances = np.empty((n, count), np.float32)
    together = min(_TOGETHER, max(1, _PAIRS // n))
    for start in range(0, n, together):
        block = slice(start, min(start + together, n))
        scores = table[block] @ candidates.T
        scores -= lengths / 2  # the largest is the nearest
        own = np.arange(*np.searchsorted(others, (block.start, block.stop)))
        scores[others[own] - start, own] = -np.inf
        nearest = _largest(scores, count)
        rows[block] = others[nearest]
        best = np.take_along_axis(scores, nearest, axis=1)
        distances[block] = np.sqrt(np.maximum(squares[block, None] - 2 * best, 0))
        yield block.stop / n
    done.append(NeighbourGraph(rows, distances))


def among_some(vectors: np.ndarray, count: int, seed: int) -> NeighbourGraph:
    """The rough graph among a quarter of the rows, drawn at random, which a first picture of `MANY` can go by."""
    some = np.sort(np.random.default_rng(seed).choice(len(vectors), len(vectors) // QUARTER, replace=False))
    graphs: list[NeighbourGraph] = []
    for _ in build(vectors, count, graphs, some):
        pass
    return graphs[0]


def _largest(scores: np.ndarray, count: int) -> np.ndarray:
    """The columns of the `count` largest of each row, the largest first: [rows, count].

    The largest are all in the `count` groups whose best is largest: only those are looked into. Taking the best of
    each group is one fast pass; choosing among all columns is several slow ones.
    """
    height, width = scores.shape
    groups = width // _GROUP
    if count >= groups // 4:
        chosen = np.argpartition(-scores, count - 1, axis=1)[:, :count]
    else:
        whole = groups * _GROUP
        best = scores[:, :whole].reshape(height, _GROUP, groups).max(axis=1)  # group g: columns g, g + groups, …
        leading = np.argpartition(-best, count - 1, axis=1)[:, :count]
        columns = (leading[:, :, None] + groups * np.arange(_GROUP)).reshape(height, -1)
        rest = np.broadcast_to(np.arange(whole, width), (height, width - whole))
        columns = np.concatenate([columns, rest], axis=1)
        among = np.argpartition(-np.take_along_axis(scores, columns, axis=1), count - 1, axis=1)[:, :count]
        chosen = np.take_along_axis(columns, among, axis=1)
    order = np.argsort(-np.take_along_axis(scores, chosen, axis=1), axis=1, kind="stable")
    return np.take_along_axis(chosen, order, axis=1)
