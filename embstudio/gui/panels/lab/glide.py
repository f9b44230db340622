"""Points on their way from where they were to where they are."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QElapsedTimer, QObject, QTimer

FRAME_MS = 16
GLIDE_MS = 120.0  # from one picture to the next: about as long as one takes to come


class Glide(QObject):
    """place(points) is called for each picture on the way; `to` gives where they go."""

    def __init__(self, place: Callable[[np.ndarray], None], parent: QObject) -> None:
        super().__init__(parent)
        self._place = place
        self._from = self._to = np.zeros((0, 2), np.float32)
        self._clock = QElapsedTimer()
        self._timer = QTimer(self)
        self._timer.setInterval(FRAME_MS)
        self._timer.timeout.connect(self._step)

    def to(self, points: np.ndarray, *, at_once: bool = False) -> None:
        """Go there from where they are now; at once where there are other points, or nobody looks."""
        here = self._now
        if at_once or here.shape != points.shape:
            self._timer.stop()
            self._from = self._to = points
            self._place(points)
            return
        self._from, self._to = here, points
        self._clock.restart()
        self._timer.start()

    def stop(self) -> None:
        """Stay where they are."""
        self._timer.stop()

    @property
    def _now(self) -> np.ndarray:
        if not self._timer.isActive():
            return self._to
        way = min(1.0, self._clock.elapsed() / GLIDE_MS)
        return np.asarray(self._from + np.float32(way) * (self._to - self._from))

    def _step(self) -> None:
        points = self._now
        if self._clock.elapsed() >= GLIDE_MS:
            self._timer.stop()
            points = self._to
        self._place(points)
