"""A way through the plane with a name at each stop: a vector as the layers change it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen, QPolygonF

from embstudio.gui.plots.label_layout import LabelLayout
from embstudio.gui.plots.scatter.plane_view import PlaneView
from embstudio.gui.style.theme import Theme


@dataclass(frozen=True)
class StopsPath:
    """points: [stops, 2]. stops: what each of them is."""

    points: np.ndarray = field(default_factory=lambda: np.zeros((0, 2)))
    stops: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.points)

    def around(self, low: tuple[float, float], high: tuple[float, float]) -> tuple[np.ndarray, np.ndarray]:
        """Two corners of its surroundings among all points, which reach from low to high: its next steps should be in
        sight too, and points to compare with."""
        first, last = self.points.min(axis=0), self.points.max(axis=0)
        reach = np.maximum(0.65 * (last - first), 0.2 * (np.array(high) - np.array(low)))
        middle = (first + last) / 2
        return middle - reach, middle + reach


def paint_path(
    painter: QPainter, theme: Theme, path: StopsPath, view: PlaneView, layout: LabelLayout, taken: Iterable[QRectF]
) -> None:
    """A line with a dot at each stop, its end a diamond; names where there is room, the first and the last before the
    others. taken: rectangles to keep free."""
    if not len(path):
        return
    points = [QPointF(x, y) for x, y in view.places(path.points).tolist()]
    colour, size = theme.colour("text"), theme.scale
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(colour, 1.6))
    painter.drawPolyline(points)
    painter.setBrush(colour)
    painter.setPen(QPen(theme.colour("panel"), 1))
    for point in points[:-1]:
        painter.drawEllipse(point, 2.6 * size, 2.6 * size)
    end, reach = points[-1], 5 * size
    corners = (QPointF(0, -reach), QPointF(reach, 0), QPointF(0, reach), QPointF(-reach, 0))
    painter.drawPolygon(QPolygonF([end + corner for corner in corners]))
    for rect in taken:
        layout.reserve(rect)
    metrics = QFontMetricsF(theme.font("small"))
    painter.setFont(theme.font("small"))
    order = [0, len(points) - 1, *range(1, len(points) - 1)]
    for place in dict.fromkeys(order[: len(points)]):
        stop = path.stops[place] if place < len(path.stops) else ""
        name = layout.place(points[place], QSizeF(metrics.horizontalAdvance(stop) + 6, metrics.height()))
        if stop and name is not None:
            ground = theme.colour("panel")
            ground.setAlpha(200)
            painter.fillRect(name, ground)
            painter.setPen(theme.colour("muted"))
            painter.drawText(name, Qt.AlignmentFlag.AlignCenter, stop)
