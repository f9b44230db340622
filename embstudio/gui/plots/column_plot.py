"""What plots over columns have in common: the room to their left, their scale, and the column under the mouse."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QPointF, Signal
from PySide6.QtGui import QFontMetricsF, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QWidget

from embstudio.gui.plots.columns import Columns, spread
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
        self._sight: slice | None = None  # the columns that are shown; None: all

    def set_sight(self, sight: slice | None) -> None:
        """Show these columns only, as wide as there is room; None: all."""
        if sight != self._sight:
            self._sight = sight
            self._hover = None
            self.redraw()

    def redraw(self) -> None:
        """Draw anew: values, colours or the columns in sight changed."""
        self.update()

    @property
    def in_sight(self) -> slice:
        """The columns that are shown."""
        return self._sight if self._sight is not None else slice(0, self.count)

    @property
    def count(self) -> int:
        """How many columns there are."""
        raise NotImplementedError

    def y_of(self, value: float) -> float:
        """Height of a value in the widget."""
        raise NotImplementedError

    @property
    def columns(self) -> Columns:
        return spread(self._gutter, self.wide, self.in_sight, self.count)

    @property
    def wide(self) -> float:
        """Pixels that the columns in sight fill."""
        return max(1, self.width() - self._gutter - RIGHT)

    def place_at(self, position: QPointF) -> tuple[int] | None:
        column = self.columns.at(position.x())
        sight = self.in_sight
        return None if column is None or not sight.start <= column < sight.stop else (column,)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        place = self.place_at(event.position())
        if place is not None:
            self.picked.emit(*place)

    def paint_scale(self, painter: QPainter, marks: Iterable[float]) -> None:
        """A line across at each of `marks`, its number in the gutter."""
        font, left = self.theme.mono("small"), self._gutter
        metrics = QFontMetricsF(font)
        painter.setFont(font)
        for mark in marks:
            y = self.y_of(mark)
            painter.setPen(QPen(self.theme.colour("border"), 1))
            painter.drawLine(QPointF(left - 3, y), QPointF(left + self.wide, y))
            painter.setPen(self.theme.colour("muted"))
            base = min(max(y + metrics.ascent() / 2 - 1, metrics.ascent()), self.height() - 2.0)
            painter.drawText(QPointF(left - 6 - metrics.horizontalAdvance(short(mark)), base), short(mark))
