"""Vectors made ready for being compared by straight lines, whichever way of being near was asked for."""

from __future__ import annotations

import numpy as np

from embstudio.base.errors import InputError

METRICS = ("euclidean", "cosine")


def prepared(vectors: np.ndarray, metric: str) -> np.ndarray:
    """Vectors [n, width] as float32; for "cosine" each of length 1, for then ‖a − b‖² = 2 (1 − cos).

    A vector of zeros, which has no direction, stays at the origin. Raises InputError for other metrics.
    """
    if metric not in METRICS:
        raise InputError(f"This projection knows no distance {metric!r}.", advice=f"It knows {' and '.join(METRICS)}.")
    table = np.asarray(vectors, np.float32)
    if metric == "cosine":
        lengths = np.linalg.norm(table.astype(np.float64), axis=1, keepdims=True)
        table = (table / np.where(lengths > 0, lengths, 1)).astype(np.float32)
    return table
