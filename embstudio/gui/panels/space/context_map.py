"""The scatter of a word's occurrences: the view holds all layers, and points glide from one to the next."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QAbstractAnimation, QEasingCurve, QVariantAnimation
from PySide6.QtWidgets import QWidget

from embstudio.gui.plots.scatter.colouring import Colouring
from embstudio.gui.plots.scatter.point_set import PointSet
from embstudio.gui.plots.scatter.scatter import Scatter
from embstudio.gui.style.theme import Theme

GLIDE_MS = 260
_ROOM = 0.05  # of the picture, around all points: for their names
MOST_GLIDING = 400  # points; more jump


class ContextMap(Scatter):
    """As many points stay the same points while `glide` moves them."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        self._everywhere: PointSet | None = None
        super().__init__(theme, parent)
        self._from = self._to = np.zeros((0, 2))
        self._motion = QVariantAnimation(self)
        self._motion.setStartValue(0.0)
        self._motion.setEndValue(1.0)
        self._motion.setDuration(GLIDE_MS)
        self._motion.setEasingCurve(QEasingCurve.Type.InOutQuad)
        self._motion.valueChanged.connect(lambda share: self._move(float(share)))

    @property
    def gliding(self) -> bool:
        """Whether points are on their way."""
        return self._motion.state() == QAbstractAnimation.State.Running

    def set_everywhere(self, points: np.ndarray) -> None:
        """Take all places [n, 2] that any point has in any layer: the view holds them all, so that no layer moves it,
        and the legend stands where the fewest of them are."""
        self._everywhere = PointSet(points)

    def set_points(
        self,
        points: np.ndarray,
        names: Sequence[str] = (),
        axes: tuple[str, ...] = (),
        order: np.ndarray | None = None,
    ) -> None:
        self._motion.stop()  # it is of other points
        super().set_points(points, names, axes, order)

    def glide(self, points: np.ndarray) -> None:
        """Move the points to other places [n, 2]."""
        now = self.figure.points.points
        if self.gliding:
            self._motion.stop()
        self._from, self._to = np.asarray(now, np.float64), np.asarray(points, np.float64)
        if len(points) > MOST_GLIDING or self._from.shape != self._to.shape or not self.isVisible():
            self._move(1.0)
        else:
            self._motion.start()

    def fit(self) -> None:
        """Bring all layers into sight."""
        if self._everywhere is None:
            super().fit()
            return
        self.view.width, self.view.height = max(1, self.width()), max(1, self.height())
        (left, bottom), (right, top) = self._everywhere.bounds
        beside, above = _ROOM * (right - left), _ROOM * (top - bottom)
        self.view.fit_whole((left - beside, bottom - above), (right + beside, top + above))
        self._place_legend()
        self.redraw()

    def set_colouring(self, colouring: Colouring | None) -> None:
        super().set_colouring(colouring)
        self._place_legend()
        self.redraw()

    def _place_legend(self) -> None:
        if self._everywhere is not None:
            now = self.figure.points
            self.figure.points = self._everywhere
            self.figure.place_legend(self.view)
            self.figure.points = now

    def _move(self, share: float) -> None:
        figure = self.figure
        figure.points = PointSet(self._from + share * (self._to - self._from), figure.points.order)
        figure.forget_points()
        self.redraw()
