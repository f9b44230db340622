"""Rows that come some at a time, in one array that is never copied as a whole."""

from __future__ import annotations

import numpy as np

from embstudio.space.files.memory import ensure_room

_SPARE = 1.02
_WORD = 80  # bytes that the word of a row takes besides, about


class GrowingRows:
    """width: of a row. where: the file, for errors.

    Memory that is not written to yet is not taken from the system; where a guess was too small the array is extended in
    place, for which the system moves no bytes.
    """

    def __init__(self, width: int, where: str, dtype: np.dtype | type = np.float32) -> None:
        self._where, self._count = where, 0
        self._rows: np.ndarray = np.empty((0, width), dtype)

    def __len__(self) -> int:
        return self._count

    def add(self, rows: np.ndarray, expected: int) -> None:
        """Put [n, width] at the end. expected: how many there will be in all, by what is known now.

        Raises VectorFileError where these will not fit into memory.
        """
        needed = self._count + len(rows)
        if needed > len(self._rows):
            size, width = max(needed, int(expected * _SPARE)), self._rows.shape[1]
            ensure_room((size - self._count) * (width * self._rows.itemsize + _WORD), self._where, size)
            if self._count:
                self._rows.resize((size, width), refcheck=False)
            else:
                self._rows = np.empty((size, width), self._rows.dtype)
        self._rows[self._count : needed] = rows
        self._count = needed

    def done(self) -> np.ndarray:
        """All of them, [rows, width]; nothing can be added any more."""
        self._rows.resize((self._count, self._rows.shape[1]), refcheck=False)
        return self._rows
