"""How the current token is marked wherever tokens are written."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter

from embstudio.gui.style.theme import Theme

ROUND = 4  # pixels


def paint_pill(painter: QPainter, theme: Theme, rect: QRectF, text: str) -> None:
    """Write `text` in bold, centred on a rounded patch of the accent colour."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.colour("accent"))
    painter.drawRoundedRect(rect, ROUND, ROUND)
    painter.setFont(theme.font("small", bold=True))
    painter.setPen(theme.colour("on_accent"))
    painter.drawText(rect, int(Qt.AlignmentFlag.AlignCenter), text)
