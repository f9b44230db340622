"""One bar for each token, from zero; where tokens share a pixel, the largest and the smallest of them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QWidget

from embstudio.gui.plots.cached_picture import CachedPicture
from embstudio.gui.plots.columns_in_sight import ColumnsInSight, WidePlot
from embstudio.gui.plots.gutter import short
from embstudio.gui.style.theme import Theme

EDGE = 5.0  # pixels above and below


class ColumnBars(WidePlot):
    """hovered(column), unhovered(), picked(column). describe(column): the text for its tooltip.

    Signed values go up and down from zero in the colours of positive and negative, others up in one colour.
    """

    def __init__(self, theme: Theme, sight: ColumnsInSight, parent: QWidget | None = None) -> None:
        super().__init__(theme, sight, parent)
        self.values = np.zeros(0)
        self.signed = False
        self.limit = 1.0
        self.describe: Callable[[int], str] = lambda column: f"token {column + 1}"
        self._last: int | None = None
        self._marked: int | None = None
        self._picture = CachedPicture()

    def set_values(self, values: np.ndarray, *, signed: bool) -> None:
        """Take a value for each column; the scale goes to the largest in size."""
        self.values, self.signed = np.asarray(values, np.float64), signed
        self.limit = float(np.abs(self.values[np.isfinite(self.values)]).max(initial=0.0)) or 1.0
        self._hover = None
        self.redraw()

    def redraw(self) -> None:
        self._picture.forget()
        self.update()

    def set_places(self, last: int | None, marked: int | None) -> None:
        """Mark token T, and the token that the words above are about."""
        self._last, self._marked = last, marked
        if marked is not None and len(self.values):
            self.setAccessibleDescription(self.describe(marked))
        self.update()

    @property
    def gutter(self) -> int:
        """Pixels to the left of the columns, where the numbers of the scale are."""
        return self._gutter

    def restyle(self) -> None:
        """Fonts or colours changed."""
        numbers = QFontMetricsF(self.theme.mono("small"))
        self._gutter = round(max(numbers.horizontalAdvance("−0.0005"), numbers.horizontalAdvance("−1e−05"))) + 16
        self.updateGeometry()
        self.redraw()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.redraw()

    def y_of(self, value: float) -> float:
        above = EDGE + QFontMetricsF(self.theme.mono("small")).height()  # room for the numbers of the longest bars
        height = max(1.0, self.height() - above - (above if self.signed else EDGE))
        low = -self.limit if self.signed else 0.0
        return above + height * (self.limit - value) / (self.limit - low)

    def tooltip_of(self, place: tuple[int, ...]) -> str:
        return self.describe(*place)

    def sizeHint(self) -> QSize:
        return QSize(520, round(7 * QFontMetricsF(self.theme.font("small")).height()))

    def minimumSizeHint(self) -> QSize:
        return QSize(self._gutter + 160, round(3.5 * QFontMetricsF(self.theme.font("small")).height()))

    # Painting ------------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._picture.of(self, self.theme.colour("panel"), self._draw))
        if not len(self.values):
            return
        for column, colour, dash in (
            (self._marked, "text", Qt.PenStyle.DashLine), (self._last, "accent", Qt.PenStyle.SolidLine),
            (self._hover[0] if self._hover else None, "text", Qt.PenStyle.SolidLine),
        ):  # fmt: skip
            if column is not None and self.sight.start <= column < self.sight.start + self.sight.count:
                wide = max(self.columns.pitch, 4.0)
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(self.theme.colour(colour), 2 if colour == "accent" else 1, dash))
                painter.drawRect(QRectF(self.centre(column) - wide / 2, 1.5, wide, self.height() - 3))
        if self.hasFocus():
            painter.setPen(QPen(self.theme.colour("accent"), 1, Qt.PenStyle.DotLine))
            painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))

    def _draw(self, painter: QPainter) -> None:
        if len(self.values):
            self.paint_scale(painter, (self.limit, 0.0, -self.limit) if self.signed else (self.limit, 0.0))
            self._paint_bars(painter)

    def _paint_bars(self, painter: QPainter) -> None:
        start, columns = self.sight.start, self.columns
        values = np.nan_to_num(self.values[start : start + self.sight.count])
        zero = self.y_of(0)
        if columns.pitch >= 2:
            wide = min(0.72 * columns.pitch, 56 * self.theme.scale)
            painter.setPen(Qt.PenStyle.NoPen)
            for place, value in enumerate(values.tolist()):
                if not value:
                    continue
                y = self.y_of(value)
                painter.setBrush(self.theme.colour(self._colour(value)))
                painter.drawRect(QRectF(columns.centre(place) - wide / 2, min(y, zero), wide, max(1.0, abs(y - zero))))
            self._paint_numbers(painter, values)
            return
        pixels = max(1, min(int(columns.width), len(values)))
        starts = np.arange(pixels) * len(values) // pixels
        xs = (columns.left + columns.width / pixels * (np.arange(pixels) + 0.5)).tolist()
        for extreme in (np.maximum, np.minimum):
            ends = extreme(extreme.reduceat(values, starts), 0).tolist()
            painter.setPen(QPen(self.theme.colour(self._colour(1.0 if extreme is np.maximum else -1.0)), 1))
            painter.drawLines(
                [QLineF(x, zero, x, self.y_of(end)) for x, end in zip(xs, ends, strict=True) if end]
            )  # fmt: skip

    def _paint_numbers(self, painter: QPainter, values: np.ndarray) -> None:
        """Each bar's number at its end, where there is room."""
        font, columns = self.theme.mono("small"), self.columns
        metrics = QFontMetricsF(font)
        if metrics.horizontalAdvance("−0.05") > columns.pitch or self.height() < 5 * metrics.height():
            return
        painter.setFont(font)
        painter.setPen(self.theme.colour("text"))
        for place, value in enumerate(values.tolist()):
            text = short(value)
            if not value or metrics.horizontalAdvance(text) > columns.pitch:
                continue
            y, down = self.y_of(value), value < 0
            base = y + metrics.ascent() + 1 if down else y - 3
            base = min(max(base, metrics.ascent() + 1), self.height() - 3.0)
            painter.drawText(QPointF(columns.centre(place) - metrics.horizontalAdvance(text) / 2, base), text)

    def _colour(self, value: float) -> str:
        if not self.signed:
            return "attention"
        return "positive" if value >= 0 else "negative"
