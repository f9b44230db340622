"""A unit × token map in which one column is chosen beside the cursor's: whom what is there now is due to."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import QWidget

from embstudio.gui.plots.heat_map import TOP, HeatMap
from embstudio.gui.style.theme import Theme


class SourceMap(HeatMap):
    """The cursor's column (`now`) is marked as in all maps and what comes after it covered; the source's has a dashed
    frame and a tick in the colour of text. Arrow keys go on from the current cell, whichever of the two it is in."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.now = self.source = 0

    def set_columns(self, now: int, source: int) -> None:
        """Mark where the cursor is, and whose writing is followed."""
        self.now, self.source = now, source
        self.update()

    @property
    def about_text(self) -> str:
        shared = "\nSeveral values share a pixel: the strongest of them is shown." if self.shared else ""
        return f"{self._about}\ncolours: {self.range_text}{shared}"

    def paint_marks(self, painter: QPainter) -> None:
        current, self.column = self.column, self.now
        super().paint_marks(painter)  # of the cursor
        self.column, chosen = current, self.source
        if not self.in_sight()[1].start <= chosen < self.in_sight()[1].stop:
            return
        rect, columns = QRectF(self.cells_rect()), self.columns
        wider = max(0.0, 5 - columns.pitch) / 2
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(QPen(self.theme.colour("text"), 1, Qt.PenStyle.DashLine))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        left, wide = columns.start(chosen) - wider, columns.pitch + 2 * wider
        painter.drawRect(QRectF(left, rect.top(), wide, rect.height() - 1))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.theme.colour("text"))
        tip = QPointF(columns.centre(chosen), TOP - 1)
        painter.drawPolygon([tip, tip + QPointF(4, -4), tip + QPointF(-4, -4)])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.ignore()  # there is no other map to be alone without
        else:
            super().keyPressEvent(event)
