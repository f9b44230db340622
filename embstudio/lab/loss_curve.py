"""The loss as training goes on: its mean over stretches of equal length."""

from __future__ import annotations

import numpy as np

_WANTED = 240  # points that a curve has at least, however few epochs it goes over


class LossCurve:
    """`add` what was lost; `points` are epochs and means. Stretches are parts of an epoch."""

    def __init__(self, epochs: int) -> None:
        self.stretches = max(1, _WANTED // max(1, epochs))  # in an epoch
        self._points: list[tuple[float, float]] = []
        self._sum, self._count = 0.0, 0

    @property
    def points(self) -> np.ndarray:
        """[n, 2]: where a stretch ended, in epochs, and its mean loss."""
        return np.array(self._points, dtype=np.float64).reshape(-1, 2)

    def add(self, at: float, loss: float, count: int) -> None:
        """Take the summed loss of `count` examples, which training is through at `at` epochs."""
        self._sum, self._count = self._sum + loss, self._count + count
        last = self._points[-1][0] if self._points else 0.0
        if self._count and int(at * self.stretches + 1e-9) > int(last * self.stretches + 1e-9):
            self._points.append((at, self._sum / self._count))
            self._sum, self._count = 0.0, 0

    def take(self, points: np.ndarray) -> None:
        """Go back to the points there were."""
        self._points = [(float(at), float(loss)) for at, loss in points]
        self._sum, self._count = 0.0, 0
