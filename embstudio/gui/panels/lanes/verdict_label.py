"""A line of text in the colour of what it says."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent

from embstudio.gui.panels.elided_label import ElidedLabel


class VerdictLabel(ElidedLabel):
    """As ElidedLabel. The colour is its own: the application's style sheet takes palettes of single labels away."""

    colour: QColor | None = None

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(self.colour or self.palette().color(self.foregroundRole()))
        room = self.contentsRect()
        text = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, int(Qt.AlignmentFlag.AlignVCenter), text)
