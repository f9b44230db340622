"""Scores of some rows in float32, and how far each may be from the truth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

_LEAST = -3e38  # less than any score of a row that counts


@dataclass(frozen=True)
class ScoredBlock:
    """scores: [queries, rows], float32, of the rows from `start` on; −∞ for rows that do not count. Nearer is larger.

    The score s of a row is off by at most   factor·width + floor + added + relative·|s|,
    width, floor: [rows], the largest of which are `widest`. factor, added: [queries]. So few rows ever come near the
    nearest that this is worked out for those alone: `threshold` first tells in one comparison which they may be.
    """

    start: int
    scores: np.ndarray
    width: np.ndarray
    floor: np.ndarray
    factor: np.ndarray
    added: np.ndarray
    widest: tuple[float, float]
    relative: float = 0.0

    def bounds(self, query: int, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The least and the most that the scores of some rows [n] of the block may truly be, [n] each."""
        scores = self.scores[query, rows]
        blur = self.factor[query] * self.width[rows] + self.floor[rows]
        blur += self.added[query]
        if self.relative:
            blur -= self.relative * scores  # scores are negative where errors are relative to them
        return scores - blur, scores + blur

    def threshold(self, query: int, least: float) -> np.float32:
        """A score of which no row falls short that may truly score `least`."""
        width, floor = self.widest
        widest = float(self.factor[query]) * width + floor
        lowest = least - 1.01 * widest - float(self.added[query])
        return np.float32(max(lowest - (2 * self.relative + 1e-6) * abs(lowest), _LEAST))
