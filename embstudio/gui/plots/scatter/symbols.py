"""Few points, each a symbol of its own: antialiased, with a rim that keeps neighbours apart."""

from __future__ import annotations

import math
from functools import lru_cache

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPolygonF

Symbol = tuple[str, str, float, float]  # shape, colour, radius, opacity


def draw_symbol(painter: QPainter, at: QPointF, symbol: Symbol, rim: str) -> None:
    """One symbol, in the units of the painter."""
    shape, colour, radius, opacity = symbol
    fill, edge = QColor(colour), QColor(rim)
    fill.setAlphaF(opacity)
    edge.setAlphaF(0.85 * opacity)
    painter.setBrush(fill)
    painter.setPen(QPen(edge, max(0.6, 0.22 * radius)))
    if shape == "circle":
        painter.drawEllipse(at, radius, radius)
    else:
        painter.drawPolygon(QPolygonF([at + corner * radius for corner in _CORNERS[shape]]))


@lru_cache(maxsize=4096)
def sprite(symbol: Symbol, rim: str) -> QImage:
    """The symbol as a small picture, its middle in the middle; radius in pixels of the screen."""
    side = sprite_side(symbol[2])
    image = QImage(side, side, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    draw_symbol(painter, QPointF(side / 2, side / 2), symbol, rim)
    painter.end()
    return image


def sprite_side(radius: float) -> int:
    """Pixels, an odd number: the middle is a pixel's middle."""
    return 2 * math.ceil(1.3 * radius + 1) + 1


# Corners at which the shapes look as large as a disc of radius 1.
_CORNERS = {
    "square": [QPointF(-0.86, -0.86), QPointF(0.86, -0.86), QPointF(0.86, 0.86), QPointF(-0.86, 0.86)],
    "triangle": [QPointF(0, -1.25), QPointF(1.12, 0.75), QPointF(-1.12, 0.75)],
    "diamond": [QPointF(0, -1.25), QPointF(1.25, 0), QPointF(0, 1.25), QPointF(-1.25, 0)],
    "pointer": [QPointF(0, 1.25), QPointF(1.12, -0.75), QPointF(-1.12, -0.75)],
}
