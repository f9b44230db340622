"""Rows of a set written down briefly: `0-5,9` stands for 0, 1, 2, 3, 4, 5 and 9."""

from __future__ import annotations

import numpy as np


def ranges_of(rows: np.ndarray) -> str:
    """Rows [m], each once, in rising order."""
    rows = np.unique(np.asarray(rows, np.int64))
    if not len(rows):
        return ""
    starts = np.flatnonzero(np.diff(rows, prepend=rows[0] - 2) > 1)
    first, last = rows[starts], rows[np.append(starts[1:], len(rows)) - 1]
    return ",".join(str(a) if a == b else f"{a}-{b}" for a, b in zip(first.tolist(), last.tolist(), strict=True))


def rows_of(text: str, total: int) -> np.ndarray:
    """The rows again, [m] int64 in rising order. Raises ValueError for what is no such text, and for rows that a set
    of `total` does not have."""
    parts = []
    for part in filter(None, text.split(",")):
        first, dash, last = part.partition("-")
        low = int(first)
        high = int(last) if dash else low
        if not 0 <= low <= high < total:
            raise ValueError(f"{part!r} are no rows of {total}")
        parts.append(np.arange(low, high + 1))
    return np.unique(np.concatenate(parts)) if parts else np.zeros(0, np.int64)
