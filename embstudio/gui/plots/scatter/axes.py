"""What the plane's directions are: lines through zero and names at the edges, or the box around a cloud."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen

from embstudio.gui.plots.scatter.plane_view import PlaneView
from embstudio.gui.plots.scatter.point_set import PointSet
from embstudio.gui.style.theme import Theme

_EDGES = [(a, a | 1 << axis) for axis in range(3) for a in range(8) if not a >> axis & 1]


def names_rect(theme: Theme, width: float, height: float) -> QRectF:
    """The strip along the lower edge where the axes' names stand."""
    high = QFontMetricsF(theme.font("small")).height() + 6
    return QRectF(0, height - high, width, high)


def paint_axes(painter: QPainter, theme: Theme, view: PlaneView) -> None:
    """Lines through zero, where they are in sight."""
    painter.setPen(QPen(theme.colour("border"), 1))
    x, y = view.place(0.0, 0.0)
    if 0 <= x <= view.width:
        painter.drawLine(QPointF(x, 0), QPointF(x, view.height))
    if 0 <= y <= view.height:
        painter.drawLine(QPointF(0, y), QPointF(view.width, y))


def paint_names(painter: QPainter, theme: Theme, names: Sequence[str], view: PlaneView) -> None:
    """ "PC1 (12 % of the variance) →" below, "↑ PC2 …" at the left; without what is in parentheses where that has no
    room."""
    if len(names) < 2 or not any(names):
        return
    painter.setFont(theme.font("small"))
    painter.setPen(theme.colour("muted"))
    metrics = QFontMetricsF(painter.font())
    across, up = f"{names[0]} →", f"↑ {names[1]}"
    base = view.height - 6.0
    if metrics.horizontalAdvance(across + up) + 24 > view.width - 16:
        across, up = across.partition(" (")[0].removesuffix(" →") + " →", up.partition(" (")[0]
    plate = theme.colour("panel")
    plate.setAlpha(200)  # points may lie below
    for left, name in ((view.width - 8 - metrics.horizontalAdvance(across), across), (8.0, up)):
        rect = QRectF(left - 4, base - metrics.ascent() - 1, metrics.horizontalAdvance(name) + 8, metrics.height() + 2)
        painter.fillRect(rect, plate)
        painter.drawText(QPointF(left, base), name)


def paint_box(painter: QPainter, theme: Theme, names: Sequence[str], points: PointSet, view: PlaneView) -> None:
    """The box around a cloud, and the names of its three axes at the edges that meet at its lowest corner."""
    corners = view.places(points.frame)
    painter.setPen(QPen(theme.colour("border"), 1))
    painter.drawLines([QLineF(*corners[a].tolist(), *corners[b].tolist()) for a, b in _EDGES])
    painter.setFont(theme.font("small"))
    painter.setPen(theme.colour("muted"))
    metrics = QFontMetricsF(painter.font())
    middle = np.array([view.width / 2, view.height / 2])
    for axis, name in enumerate(names[:3]):
        if not name:
            continue
        # Of the four edges along the axis the outermost from the middle of the picture: there a name covers least.
        ends = [(corners[a] + corners[b]) / 2 for a, b in _EDGES if b - a == 1 << axis]
        at = max(ends, key=lambda each: float(np.hypot(*(each - middle)) + 0.01 * each[1]))
        away = (at - middle) / max(float(np.hypot(*(at - middle))), 1.0)
        wide, high = metrics.horizontalAdvance(name), metrics.height()
        at = at + away * (8 + abs(away[0]) * wide / 2 + abs(away[1]) * high / 2)
        rect = QRectF(float(at[0]) - wide / 2, float(at[1]) - high / 2, wide, high)
        rect.moveLeft(min(max(rect.left(), 4.0), max(4.0, view.width - wide - 4)))
        rect.moveTop(min(max(rect.top(), 4.0), max(4.0, view.height - high - 4)))
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, name)
