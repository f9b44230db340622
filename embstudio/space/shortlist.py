"""The rows that may be among the nearest of a query, gathered while a table is read."""

from __future__ import annotations

import numpy as np

from embstudio.space.scored_block import ScoredBlock


class Shortlist:
    """`add` the blocks of a table as they come; `rows` are then all those that can belong to the `wanted` nearest.

    Where `wanted` rows score at least t for certain, the last of the nearest scores at least t, and only a row that may
    score as much can be nearer than it or tied with it. t rises while the table is read, so few rows are ever held.
    """

    def __init__(self, wanted: int) -> None:
        self._wanted = wanted
        self._best: np.ndarray = np.empty(0, np.float32)  # the highest lower bounds, `wanted` of them at most
        self._least = float("-inf")  # t
        self._rows: list[np.ndarray] = []
        self._highs: list[np.ndarray] = []

    def add(self, block: ScoredBlock, query: int) -> None:
        """The scores of one of the block's queries."""
        near = np.flatnonzero(block.scores[query] >= block.threshold(query, self._least))
        if not near.size:
            return
        low, high = block.bounds(query, near)
        better = low[low > self._least]
        if better.size:
            pool = np.concatenate([self._best, better])
            if len(pool) >= self._wanted:
                pool = np.partition(pool, len(pool) - self._wanted)[-self._wanted :]
                self._least = float(pool.min())
            self._best = pool
        reaching = high >= self._least
        self._rows.append(near[reaching] + block.start)
        self._highs.append(high[reaching])

    @property
    def rows(self) -> np.ndarray:
        """In rising order, int64."""
        if not self._rows:
            return np.empty(0, np.int64)
        return np.concatenate(self._rows)[np.concatenate(self._highs) >= self._least]
