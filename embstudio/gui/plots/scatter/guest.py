"""A vector that is not of the set, among its points: a diamond, its name, and lines to its true nearest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPolygonF

from embstudio.gui.plots.label_layout import LabelLayout
from embstudio.gui.plots.scatter.label_ink import WIDEST
from embstudio.gui.plots.scatter.plane_view import PlaneView
from embstudio.gui.plots.scatter.point_set import PointSet
from embstudio.gui.style.theme import Theme

_REACH = 7.0  # pixels from the middle of the diamond to a corner


@dataclass(frozen=True)
class Guest:
    """place: [dimensions] of the plot. near: [n, dimensions], where lines go. caption: what is said of the place in the
    plot's corner. current: whether one stands at it, so that it is in the accent's colour."""

    place: np.ndarray
    name: str
    near: np.ndarray
    caption: str = ""
    current: bool = True


def guest_rect(theme: Theme, guest: Guest, points: PointSet, view: PlaneView, taken: Sequence[QRectF]) -> QRectF:
    """Where its name stands; an empty one where it is out of sight."""
    found = on_screen(guest.place[None], points, view)
    if not found or not (0 <= found[0].x() <= view.width and 0 <= found[0].y() <= view.height):
        return QRectF()
    metrics = QFontMetricsF(theme.font("normal"))
    layout = LabelLayout(QRectF(2, 2, view.width - 4, view.height - 4))
    for rect in taken:
        if not rect.isEmpty():
            layout.reserve(rect)
    size = QSizeF(metrics.horizontalAdvance(_name(theme, guest)) + 8, metrics.height())
    return layout.place(found[0], size, must=True) or QRectF()


def paint_guest(painter: QPainter, theme: Theme, guest: Guest, points: PointSet, view: PlaneView, name: QRectF) -> None:
    """Draw it. name: as `guest_rect` gave it."""
    found = on_screen(guest.place[None], points, view)
    if not found:
        return
    here, ground, size = found[0], theme.colour("panel"), theme.scale
    line = QColor(theme.colour("text"))
    line.setAlpha(110)
    painter.setPen(QPen(line, 1, Qt.PenStyle.DashLine))
    painter.drawLines([QLineF(here, end) for end in on_screen(guest.near, points, view)])
    reach = _REACH * size
    corners = (QPointF(0, -reach), QPointF(reach, 0), QPointF(0, reach), QPointF(-reach, 0))
    painter.setPen(QPen(ground, 2.0))
    painter.setBrush(theme.colour("accent" if guest.current else "text"))
    painter.drawPolygon(QPolygonF([here + corner for corner in corners]))
    if name.isEmpty():
        return
    painter.setPen(Qt.PenStyle.NoPen)
    plate = theme.colour("accent" if guest.current else "panel")
    painter.setBrush(plate)
    painter.drawRoundedRect(name, 4, 4)
    painter.setPen(theme.colour("on_accent" if guest.current else "text"))
    painter.setFont(theme.font("normal"))
    painter.drawText(name, Qt.AlignmentFlag.AlignCenter, _name(theme, guest))


def _name(theme: Theme, guest: Guest) -> str:
    metrics = QFontMetricsF(theme.font("normal"))
    return metrics.elidedText(guest.name, Qt.TextElideMode.ElideRight, 1.6 * WIDEST * theme.scale)


def on_screen(places: np.ndarray, points: PointSet, view: PlaneView) -> list[QPointF]:
    """Where places [n, dimensions] of the plot are, without those that are nowhere near."""
    if not len(places):
        return []
    shown = view.places(points.flat_of(places))
    return [QPointF(x, y) for x, y in shown.tolist() if np.isfinite([x, y]).all() and max(abs(x), abs(y)) < 1e6]
