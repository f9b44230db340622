"""A few lines over the tokens: each with its own hue, dash and marker, the current token marked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from embstudio.gui.plots.cached_picture import CachedPicture
from embstudio.gui.plots.column_plot import ColumnPlot
from embstudio.gui.plots.gutter import INSET
from embstudio.gui.plots.heat_map import COVER
from embstudio.gui.plots.line_style import ROOM_FOR_MARKERS, draw_marker, style_of
from embstudio.gui.style.numbers import four
from embstudio.gui.style.theme import Theme

BEFORE = 170  # of 255: how much is seen of lines to compare with


@dataclass(frozen=True)
class Line:
    """One line: its symbol, the role that gives its hue, and a value for each column."""

    symbol: str
    role: str
    values: np.ndarray


class LinePlot(ColumnPlot):
    """Lines over shared columns, the legend to the left. hovered(column), unhovered(), picked(column)."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.backwards = False
        self.lines: tuple[Line, ...] = ()
        self.before: tuple[Line, ...] = ()  # what they were without what is held
        self.low, self.high = 0.0, 1.0
        self.describe_column: Callable[[int], str] = lambda column: f"column {column}"
        self._column = 0
        self._picture = CachedPicture()

    def set_gutter(self, width: int) -> None:
        """Pixels kept for the legend."""
        self._gutter = width
        self.redraw()

    def set_lines(self, lines: Sequence[Line], before: Sequence[Line] = ()) -> None:
        """Take the lines, all of the same length. before: drawn thin, dashed and pale behind them, to compare with."""
        self.lines, self.before = tuple(lines), tuple(before)
        finite = [line.values[np.isfinite(line.values)] for line in (*self.lines, *self.before)]
        values = np.concatenate([*finite, np.zeros(1)])
        self.low, self.high = min(0.0, float(values.min())), max(1.0, float(values.max()))
        self.redraw()

    def set_column(self, column: int) -> None:
        """Mark the current column."""
        self._column = column
        if self.lines:
            self.setAccessibleDescription(self.values_text(column))
        self.update()

    def redraw(self) -> None:
        """Forget the cached picture."""
        self._picture.forget()
        self.update()

    def values_text(self, column: int) -> str:
        """All lines' values at a column: "i 0.0214, f 0.9731"."""
        return ", ".join(f"{line.symbol} {four(float(line.values[column]))}" for line in self.lines)

    @property
    def count(self) -> int:
        return len(self.lines[0].values) if self.lines else 0

    def tooltip_of(self, place: tuple[int, ...]) -> str:
        return self.describe_column(*place)

    def plot_rect(self) -> QRectF:
        """Where the lines are."""
        return QRectF(self._gutter, 5, self.wide, max(1, self.height() - 10))

    def y_of(self, value: float) -> float:
        rect = self.plot_rect()
        return rect.bottom() - rect.height() * (value - self.low) / (self.high - self.low)

    def sizeHint(self) -> QSize:
        return QSize(480, round(5.5 * QFontMetricsF(self.theme.mono("small")).height()))

    def minimumSizeHint(self) -> QSize:
        return QSize(self._gutter + 120, round(3 * QFontMetricsF(self.theme.mono("small")).height()) + 6)

    # Painting ----------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        picture = self._picture.of(self, self.theme.colour("panel"), self._draw)
        painter = QPainter(self)
        painter.drawPixmap(0, 0, picture)
        if not self.lines:
            return
        rect, columns = self.plot_rect(), self.columns
        cover = self.theme.colour("panel")
        cover.setAlpha(COVER)
        start = columns.start(self._column)
        left, right = (min(max(x, rect.left()), rect.right()) for x in (start, start + columns.pitch))
        if self.backwards:
            painter.fillRect(QRectF(rect.left(), 0, left - rect.left(), self.height()), cover)
        else:
            painter.fillRect(QRectF(right, 0, rect.right() - right, self.height()), cover)
        if self.in_sight.start <= self._column < self.in_sight.stop:
            painter.setPen(QPen(self.theme.colour("accent"), 2))
            painter.drawRect(QRectF(start, rect.top() - 3, max(columns.pitch, 2), rect.height() + 6))
        if self._hover is not None:
            painter.setPen(QPen(self.theme.colour("text"), 1))
            x = columns.centre(*self._hover)
            painter.drawLine(QPointF(x, rect.top()), QPointF(x, rect.bottom()))

    def _draw(self, painter: QPainter) -> None:
        if not self.lines:
            return
        ends = [self.low, self.high]
        middle = [mark for mark in (0.0, 1.0) if all(abs(self.y_of(mark) - self.y_of(end)) > 14 for end in ends)]
        self.paint_scale(painter, ends + middle)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for line in self.before:
            self._draw_line(painter, -1, line)
        for place, line in enumerate(self.lines):
            self._draw_line(painter, place, line)
        self._draw_legend(painter)

    def _draw_line(self, painter: QPainter, place: int, line: Line) -> None:
        style, marker = style_of(place)
        colour = QColor(self.theme.colours.role(line.role))
        sight = self.in_sight
        near = slice(max(0, sight.start - 1), min(len(line.values), sight.stop + 1))  # lines go on beyond the edges
        values = np.asarray(line.values[near], np.float64)
        pitch, pixels = self.columns.pitch, round(self.wide)
        dense = len(values) > 2 * pixels
        if dense:  # dashes could not be told, and take long to draw
            values, style = peaks(values, pixels), Qt.PenStyle.SolidLine
            xs = self._gutter + (np.arange(len(values)) // 2 + 0.5) * self.wide / pixels
        else:
            xs = self.columns.centre(0) + pitch * np.arange(near.start, near.start + len(values))
        rect = self.plot_rect()
        ys = rect.bottom() - rect.height() * (values - self.low) / (self.high - self.low)
        held = np.isfinite(ys)
        points = list(map(QPointF, xs[held].tolist(), ys[held].tolist()))
        painter.save()
        painter.setClipRect(QRectF(self._gutter, 0, self.wide, self.height()))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, not dense)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        pen = QPen(colour, 1 if dense else 1.6, style)
        if place < 0:
            colour.setAlpha(BEFORE)
            pen = QPen(colour, 1, Qt.PenStyle.SolidLine if dense else Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.drawPolyline(points)
        if place < 0:
            painter.restore()
            return
        if pitch >= ROOM_FOR_MARKERS or len(points) == 1:
            for point in points:
                draw_marker(painter, point, marker, colour)
        painter.restore()

    def _draw_legend(self, painter: QPainter) -> None:
        """Symbols with a piece of their line, in two columns where they are many."""
        font = self.theme.mono("small")
        metrics = QFontMetricsF(font)
        rows = (len(self.lines) + 1) // 2 if len(self.lines) > 3 else len(self.lines)
        sample, wide = 18 * self.theme.scale, 18 * self.theme.scale + 6 + metrics.horizontalAdvance("m") + 8
        top = (self.height() - rows * metrics.height()) / 2
        painter.setFont(font)
        for place, line in enumerate(self.lines):
            style, marker = style_of(place)
            colour = QColor(self.theme.colours.role(line.role))
            x, y = INSET + (place // rows) * wide, top + (place % rows) * metrics.height()
            middle = y + metrics.height() / 2
            painter.setPen(QPen(colour, 1.6, style))
            painter.drawLine(QPointF(x, middle), QPointF(x + sample, middle))
            draw_marker(painter, QPointF(x + sample / 2, middle), marker, colour)
            painter.setPen(self.theme.colour("text"))
            painter.drawText(QPointF(x + sample + 6, y + metrics.ascent()), line.symbol)

    def resizeEvent(self, event: object) -> None:
        self.redraw()


def peaks(values: np.ndarray, pixels: int) -> np.ndarray:
    """Values [n] as the lowest and the highest of each of `pixels` blocks, by turns: [2 · pixels]. No peak is lost."""
    starts = np.arange(pixels) * len(values) // pixels
    return np.stack([np.fmin.reduceat(values, starts), np.fmax.reduceat(values, starts)], axis=1).ravel()
