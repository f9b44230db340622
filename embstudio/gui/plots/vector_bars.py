"""One vector as bars, a bar a dimension. Where there are more dimensions than pixels, each pixel shows the largest and
the smallest of its own."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from embstudio.gui.plots.column_plot import ColumnPlot
from embstudio.gui.style.theme import Theme

EDGE = 4.0  # pixels above and below


class VectorBars(ColumnPlot):
    """hovered(dimension), unhovered(), picked(dimension). describe(dimension): the sentence for the tooltip."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.values = np.zeros(0)
        self.limit = 1.0
        self.describe: Callable[[int], str] = lambda dimension: f"dimension {dimension}"
        self._gutter = 56

    def set_values(self, values: np.ndarray) -> None:
        """Take a vector [d]; the scale goes to its largest size."""
        self.values = np.asarray(values, np.float64)
        self.limit = float(np.abs(self.values).max(initial=0.0)) or 1.0
        self._hover = None
        self.update()

    @property
    def count(self) -> int:
        return len(self.values)

    def y_of(self, value: float) -> float:
        height = max(1.0, self.height() - 2 * EDGE)
        return EDGE + height * (self.limit - value) / (2 * self.limit)

    def tooltip_of(self, place: tuple[int, ...]) -> str:
        return self.describe(*place)

    def sizeHint(self) -> QSize:
        return QSize(480, round(6 * QFontMetricsF(self.theme.font("small")).height()))

    def minimumSizeHint(self) -> QSize:
        return QSize(self._gutter + 120, round(3 * QFontMetricsF(self.theme.font("small")).height()))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.theme.colour("panel"))
        if not self.values.size:
            return
        self._gutter = round(QFontMetricsF(self.theme.mono("small")).horizontalAdvance("−0.0000")) + 12
        self.paint_scale(painter, (self.limit, 0.0, -self.limit))
        columns = self.columns
        painter.setPen(QPen(self.theme.colour("residual"), 1))
        if columns.pitch >= 2:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self.theme.colour("residual"))
            painter.drawRects([self._bar(place, value) for place, value in enumerate(self.values.tolist())])
        else:
            painter.drawLines(self._lines())
        if self._hover is not None:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(self.theme.colour("text"), 1))
            wide = max(columns.pitch, 3.0)
            painter.drawRect(QRectF(columns.centre(*self._hover) - wide / 2, 1, wide, self.height() - 3))

    def _bar(self, place: int, value: float) -> QRectF:
        left = self.columns.start(place)
        across = QPointF(left, self.y_of(value)), QPointF(left + 0.8 * self.columns.pitch, self.y_of(0))
        return QRectF(*across).normalized()

    def _lines(self) -> list[QLineF]:
        """One upright line a pixel, from the smallest to the largest value in it, zero included."""
        columns = self.columns
        pixels = max(1, min(int(columns.width), self.count))
        starts = np.arange(pixels) * self.count // pixels
        lows = np.minimum(np.minimum.reduceat(self.values, starts), 0).tolist()
        highs = np.maximum(np.maximum.reduceat(self.values, starts), 0).tolist()
        xs = (columns.left + columns.width / pixels * (np.arange(pixels) + 0.5)).tolist()
        return [QLineF(x, self.y_of(low), x, self.y_of(high)) for x, low, high in zip(xs, lows, highs, strict=True)]
