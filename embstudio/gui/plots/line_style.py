"""How lines of one plot are told apart where hues look alike: each has its own dash and marker."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

STYLES = (
    (Qt.PenStyle.SolidLine, "circle"), (Qt.PenStyle.DashLine, "square"), (Qt.PenStyle.DotLine, "up"),
    (Qt.PenStyle.DashDotLine, "diamond"), (Qt.PenStyle.DashDotDotLine, "down"), (Qt.PenStyle.SolidLine, "cross"),
)  # fmt: skip
MARKER = 2.6
ROOM_FOR_MARKERS = 12  # pixels a column
_SHAPES = {
    "square": ((-1, -1), (1, -1), (1, 1), (-1, 1)), "up": ((0, -1.2), (1.1, 1), (-1.1, 1)),
    "down": ((0, 1.2), (1.1, -1), (-1.1, -1)), "diamond": ((0, -1.4), (1.4, 0), (0, 1.4), (-1.4, 0)),
}  # fmt: skip


def style_of(place: int) -> tuple[Qt.PenStyle, str]:
    """Dash and marker of the line at a place of the list."""
    return STYLES[place % len(STYLES)]


def draw_marker(painter: QPainter, at: QPointF, shape: str, colour: QColor) -> None:
    """One marker, filled."""
    painter.setPen(QPen(colour, 1.2))
    painter.setBrush(colour)
    if shape == "circle":
        painter.drawEllipse(at, MARKER, MARKER)
    elif shape == "cross":
        painter.drawLine(at + QPointF(-MARKER, -MARKER), at + QPointF(MARKER, MARKER))
        painter.drawLine(at + QPointF(-MARKER, MARKER), at + QPointF(MARKER, -MARKER))
    else:
        painter.drawPolygon(QPolygonF([at + QPointF(x * MARKER, y * MARKER) for x, y in _SHAPES[shape]]))
    painter.setBrush(Qt.BrushStyle.NoBrush)
