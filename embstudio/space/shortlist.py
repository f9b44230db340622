"""The rows that may be among the nearest of a query, gathered while a table is read."""

from __future__ import annotations

import numpy as np


class Shortlist:
    """`add` the bounds of rows as they come; `rows` are then all those that can belong to the `wanted` nearest.

    Where `wanted` rows score at least t for certain, the last of the nearest scores at least t, and only a row that may
    score as much can be nearer than it or tied with it. t rises while the table is read, so few rows are ever held.
    """

    def __init__(self, wanted: int) -> None:
        self._wanted = wanted
        self._best: np.ndarray = np.empty(0, np.float32)  # the highest lower bounds, `wanted` of them at most
        self._least = np.finfo(np.float32).min  # t
        self._rows: list[np.ndarray] = []
        self._highs: list[np.ndarray] = []

    def add(self, start: int, low: np.ndarray, high: np.ndarray) -> None:
        """low, high: [n], the bounds of rows `start` to `start + n`."""
        better = low[low > self._least]
        if better.size:
            pool = np.concatenate([self._best, better])
            if len(pool) >= self._wanted:
                pool = np.partition(pool, len(pool) - self._wanted)[-self._wanted :]
                self._least = pool.min()
            self._best = pool
        near = np.flatnonzero(high >= self._least)
        if near.size:
            self._rows.append(near + start)
            self._highs.append(high[near])

    @property
    def rows(self) -> np.ndarray:
        """In rising order, int64."""
        if not self._rows:
            return np.empty(0, np.int64)
        return np.concatenate(self._rows)[np.concatenate(self._highs) >= self._least]
