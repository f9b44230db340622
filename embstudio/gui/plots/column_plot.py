"""What plots over columns have in common: the room to their left, their scale, and the column under the mouse."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QPointF, Signal
from PySide6.QtGui import QFontMetricsF, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QWidget

from embstudio.gui.plots.columns import Columns
from embstudio.gui.plots.gutter import short
from embstudio.gui.plots.heat_map import RIGHT
from embstudio.gui.plots.hover_plot import HoverPlot
from embstudio.gui.style.theme import Theme


class ColumnPlot(HoverPlot):
    """Columns to the right of a gutter that holds the legend and the numbers of the scale.

    Subclasses say how many columns there are (`count`) and how high a value stands (`y_of`).
    hovered(column), unhovered(), picked(column).
    """

    hovered = Signal(int)
    picked = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._gutter = 100

    @property
    def count(self) -> int:
        """How many columns there are."""
        raise NotImplementedError

    def y_of(self, value: float) -> float:
        """Height of a value in the widget."""
        raise NotImplementedError

    @property
    def columns(self) -> Columns:
        return Columns(self._gutter, max(1, self.width() - self._gutter - RIGHT), self.count)

    def place_at(self, position: QPointF) -> tuple[int] | None:
        column = self.columns.at(position.x())
        return None if column is None else (column,)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        column = self.columns.at(event.position().x())
        if column is not None:
            self.picked.emit(column)

    def paint_scale(self, painter: QPainter, marks: Iterable[float]) -> None:
        """A line across at each of `marks`, its number in the gutter."""
        font, columns = self.theme.mono("small"), self.columns
        metrics = QFontMetricsF(font)
        painter.setFont(font)
        for mark in marks:
            y = self.y_of(mark)
            painter.setPen(QPen(self.theme.colour("border"), 1))
            painter.drawLine(QPointF(columns.left - 3, y), QPointF(columns.left + columns.width, y))
            painter.setPen(self.theme.colour("muted"))
            base = min(max(y + metrics.ascent() / 2 - 1, metrics.ascent()), self.height() - 2.0)
            painter.drawText(QPointF(columns.left - 6 - metrics.horizontalAdvance(short(mark)), base), short(mark))
