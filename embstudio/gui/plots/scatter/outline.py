"""A box or a lasso while it is drawn, and what it holds."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from embstudio.gui.plots.scatter.plane_view import PlaneView
from embstudio.gui.style.theme import Theme
from embstudio.space.point_grid import PointGrid

_APART = 3.0  # pixels between two corners of a lasso


@dataclass
class Outline:
    """Corners in the widget. lasso: all of them count; else the first and the last span a box."""

    lasso: bool
    corners: list[QPointF] = field(default_factory=list)

    def reach(self, place: QPointF) -> None:
        """Go on to a place."""
        if not self.lasso:
            self.corners[1:] = [place]
        elif (place - self.corners[-1]).manhattanLength() >= _APART:
            self.corners.append(place)

    def held(self, grid: PointGrid, view: PlaneView) -> np.ndarray:
        """Rows of the points inside, rising."""
        corners = [view.plane(corner.x(), corner.y()) for corner in self.corners]
        if self.lasso:
            return grid.in_polygon(np.array(corners))
        (ax, ay), (bx, by) = corners[0], corners[-1]
        return grid.in_rectangle(min(ax, bx), min(ay, by), max(ax, bx), max(ay, by))

    def paint(self, painter: QPainter, theme: Theme) -> None:
        """A dashed line with a tinted inside."""
        if len(self.corners) < 2:
            return
        tint = QColor(theme.colour("accent"))
        painter.setPen(QPen(tint, 1.2, Qt.PenStyle.DashLine))
        tint.setAlpha(28)
        painter.setBrush(tint)
        if self.lasso:
            painter.drawPolygon(QPolygonF(self.corners))
        else:
            painter.drawRect(QRectF(self.corners[0], self.corners[-1]).normalized())
