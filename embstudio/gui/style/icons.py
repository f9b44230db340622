"""The few icons of the transport, drawn as shapes so that they follow the theme and stay crisp."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap, QPolygonF

_SIDE = 64  # drawn large; Qt scales it down crisply on any screen


def transport_icon(name: str, colour: QColor, disabled: QColor) -> QIcon:
    """One of "first", "back", "play", "pause", "forward", "last", "run"."""
    icon = QIcon()
    icon.addPixmap(_draw(name, colour), QIcon.Mode.Normal)
    icon.addPixmap(_draw(name, disabled), QIcon.Mode.Disabled)
    return icon


def _draw(name: str, colour: QColor) -> QPixmap:
    pixmap = QPixmap(_SIDE, _SIDE)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    if name in ("first", "back"):  # the mirror image of last and forward
        painter.translate(_SIDE, 0)
        painter.scale(-1, 1)
    match name:
        case "play":
            _triangle(painter, 16, 54)
        case "pause":
            painter.drawRect(QRectF(16, 12, 11, 40))
            painter.drawRect(QRectF(37, 12, 11, 40))
        case "run":  # on to a breakpoint: a dot
            painter.drawEllipse(QRectF(40, 24, 17, 17))
            _triangle(painter, 8, 36)
        case "forward" | "back":
            painter.drawRect(QRectF(42, 14, 7, 36))
            _triangle(painter, 14, 40)
        case _:
            painter.drawRect(QRectF(48, 14, 7, 36))
            _triangle(painter, 8, 27)
            _triangle(painter, 27, 46)
    painter.end()
    return pixmap


def _triangle(painter: QPainter, left: float, right: float) -> None:
    painter.drawPolygon(QPolygonF([QPointF(left, 14), QPointF(right, 32), QPointF(left, 50)]))
