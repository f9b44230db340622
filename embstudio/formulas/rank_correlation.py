"""Do two lists of numbers rank alike? 1 the same order, −1 the reverse, near 0 neither.

Both are of ranks alone, so that they hold of distances on different scales. NaN where one list is all ties, which has
no order (callers say so); raises ValueError for lists of different lengths or fewer than two numbers.
"""

from __future__ import annotations

import numpy as np

_TOGETHER = 512  # rows of the table of pairs


def ranks(x: np.ndarray) -> np.ndarray:
    """The ranks of the numbers x [n], 1 for the smallest; ties share the mean of theirs."""
    _, group, counts = np.unique(x, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return np.asarray((ends - (counts - 1) / 2)[group])


def spearman(x: np.ndarray, y: np.ndarray) -> float:
    """ρ, Pearson's r of the ranks (Spearman 1904), right with ties too, where 1 − 6 Σ d² / (n³ − n) is not."""
    _check(x, y)
    u, v = (values - values.mean() for values in (ranks(x), ranks(y)))
    spread = np.sqrt((u @ u) * (v @ v))
    return float(np.clip((u @ v) / spread, -1, 1)) if spread > 0 else float("nan")


def kendall(x: np.ndarray, y: np.ndarray) -> float:
    """τ_b = (concordant − discordant) / √((pairs − ties in x)(pairs − ties in y)) (Kendall 1945), of all pairs.

    n² / 2 comparisons: for lists of some thousands.
    """
    _check(x, y)
    both = in_x = in_y = 0.0
    for start in range(0, len(x), _TOGETHER):
        rows = slice(start, start + _TOGETHER)
        u = np.sign(x[rows, None] - x[None, :])
        v = np.sign(y[rows, None] - y[None, :])
        both += float((u * v).sum())
        in_x += float(np.abs(u).sum())
        in_y += float(np.abs(v).sum())
    return both / float(np.sqrt(in_x * in_y)) if in_x and in_y else float("nan")


def _check(x: np.ndarray, y: np.ndarray) -> None:
    if x.shape != y.shape or x.ndim != 1 or len(x) < 2:
        raise ValueError(f"ranks are compared of two lists of the same length, not {x.shape} and {y.shape}")
