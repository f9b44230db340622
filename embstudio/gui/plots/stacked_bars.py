"""One bar for each unit, made of two parts that add up: what was kept and what is new."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QFontMetricsF, QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from embstudio.gui.plots.column_plot import ColumnPlot
from embstudio.gui.plots.gutter import INSET
from embstudio.gui.style.theme import Theme

DENSE = 2.0  # pixels a bar, below which all are drawn as one picture


class StackedBars(ColumnPlot):
    """Signed parts from a common zero: those above pile up, those below pile down; a tick marks the sum.

    hovered(unit), unhovered(), picked(unit).
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.kept = self.new = np.zeros(0)
        self.limit = 1.0
        self.describe_unit: Callable[[int], str] = lambda unit: f"unit {unit}"
        self._names, self._roles = ("", "", ""), ("", "", "")
        self._caption = ""
        self._unit = 0

    def set_legend(self, names: tuple[str, str, str], roles: tuple[str, str, str], gutter: int) -> None:
        """Names and roles of what is kept, what is new, and their sum."""
        self._names, self._roles, self._gutter = names, roles, gutter
        self.updateGeometry()
        self.update()

    def set_parts(self, kept: np.ndarray, new: np.ndarray, limit: float, caption: str) -> None:
        """Take the two parts [unit], the end of the range, which should stay the same from step to step, and a line
        that says what the bars are."""
        self.kept, self.new, self.limit, self._caption = kept, new, limit or 1.0, caption
        self.update()

    def set_unit(self, unit: int) -> None:
        """Mark the current unit."""
        self._unit = unit
        if self.kept.size:
            self.setAccessibleDescription(self.describe_unit(unit))
        self.update()

    @property
    def count(self) -> int:
        return len(self.kept)

    def tooltip_of(self, place: tuple[int, ...]) -> str:
        return self.describe_unit(*place)

    def sizeHint(self) -> QSize:
        return QSize(480, round(5 * QFontMetricsF(self.theme.font("small")).height()))

    def minimumSizeHint(self) -> QSize:
        return QSize(self._gutter + 120, round(3 * QFontMetricsF(self.theme.font("small")).height()) + 2)

    def y_of(self, value: float) -> float:
        top, height = 4.0, self.height() - 8.0
        return top + height * (self.limit - min(max(value, -self.limit), self.limit)) / (2 * self.limit)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.theme.colour("panel"))
        if not self.kept.size:
            return
        self.paint_scale(painter, (self.limit, 0.0, -self.limit))
        self._draw_bars(painter)
        self._draw_caption(painter)
        self._draw_legend(painter)
        columns = self.columns
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(self.theme.colour("accent"), 2))
        wide = max(columns.pitch, 4)
        painter.drawRect(QRectF(columns.centre(self._unit) - wide / 2, 2, wide, self.height() - 4))
        if self._hover is not None:
            painter.setPen(QPen(self.theme.colour("text"), 1))
            painter.drawRect(QRectF(columns.centre(*self._hover) - wide / 2, 2, wide, self.height() - 4))

    def _draw_bars(self, painter: QPainter) -> None:
        columns = self.columns
        # The new part starts where the kept one ends if both point the same way, else at zero.
        start = np.where(self.kept * self.new > 0, self.kept, 0.0)
        if columns.pitch < DENSE:
            self._draw_dense(painter, start)
            return
        wide = columns.pitch * (0.8 if columns.pitch >= 4 else 1.0)
        lefts = columns.left + columns.pitch * np.arange(columns.count) + (columns.pitch - wide) / 2
        kept_colour, new_colour = (QColor(self.theme.colours.role(role)) for role in self._roles[:2])
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(kept_colour)
        painter.drawRects(self._rects(lefts, wide, np.zeros_like(self.kept), self.kept))
        painter.setBrush(QBrush(new_colour, Qt.BrushStyle.Dense3Pattern))
        painter.drawRects(self._rects(lefts, wide, start, start + self.new))
        painter.setPen(QPen(self.theme.colour("text"), 2))
        heights = self._heights(self.kept + self.new)
        painter.drawLines([QLineF(x, y, x + wide, y) for x, y in zip(lefts.tolist(), heights, strict=True)])

    def _draw_dense(self, painter: QPainter, start: np.ndarray) -> None:
        """Very many bars as one picture: of those that share a pixel, the one with the largest sum."""
        wide, high = max(1, round(self.wide)), self.height()
        at = _strongest(self.kept + self.new, wide)
        kept, new, start = self.kept[at], self.new[at], start[at]
        y = np.arange(high)[:, None] + 0.5
        pixels = np.zeros((high, wide, 4), np.uint8)
        hatched = (np.arange(high)[:, None] + np.arange(wide)) % 2 == 0
        for one, other, part in ((np.zeros_like(kept), kept, 0), (start, start + new, 1)):
            top, foot = (np.array(self._heights(pick(one, other))) for pick in (np.maximum, np.minimum))
            inside = (y >= top) & (y < foot)
            pixels[inside & hatched if part else inside] = _rgba(QColor(self.theme.colours.role(self._roles[part])))
        pixels[np.abs(y - np.array(self._heights(kept + new))) < 1] = _rgba(self.theme.colour("text"))
        image = QImage(pixels.data, wide, high, 4 * wide, QImage.Format.Format_RGBA8888)
        painter.drawImage(QPointF(self._gutter, 0), image)

    def _rects(self, lefts: np.ndarray, wide: float, start: np.ndarray, end: np.ndarray) -> list[QRectF]:
        tops, bottoms = self._heights(np.maximum(start, end)), self._heights(np.minimum(start, end))
        return [
            QRectF(x, top, wide, bottom - top) for x, top, bottom in zip(lefts.tolist(), tops, bottoms, strict=True)
        ]

    def _heights(self, values: np.ndarray) -> list[float]:
        """`y_of` of many."""
        top, foot = self.y_of(self.limit), self.y_of(-self.limit)
        share = (self.limit - values.clip(-self.limit, self.limit)) / (2 * self.limit)
        heights: list[float] = (top + (foot - top) * share).tolist()
        return heights

    def _draw_caption(self, painter: QPainter) -> None:
        painter.setFont(self.theme.font("small"))
        metrics = QFontMetricsF(painter.font())
        band = QRectF(self._gutter, 4, self.columns.width - 4, metrics.height())
        behind = self.theme.colour("panel")
        behind.setAlpha(210)  # bars may be as high as this
        painter.fillRect(band.adjusted(band.width() - metrics.horizontalAdvance(self._caption) - 4, 0, 2, 0), behind)
        painter.setPen(self.theme.colour("text"))
        painter.drawText(band, Qt.AlignmentFlag.AlignRight, self._caption)

    def _draw_legend(self, painter: QPainter) -> None:
        font = self.theme.font("small")
        metrics = QFontMetricsF(font)
        painter.setFont(font)
        top = (self.height() - 3 * metrics.height()) / 2
        side = metrics.ascent() * 0.8
        for place, name in enumerate(self._names):
            y = top + place * metrics.height()
            swatch = QRectF(INSET, y + metrics.height() / 2 - side / 2, side, side)
            colour = QColor(self.theme.colours.role(self._roles[place]))
            if place == 2:
                painter.fillRect(QRectF(INSET, swatch.center().y() - 1, side, 2), self.theme.colour("text"))
            else:
                style = Qt.BrushStyle.SolidPattern if place == 0 else Qt.BrushStyle.Dense3Pattern
                painter.fillRect(swatch, QBrush(colour, style))
            painter.setPen(self.theme.colour("text"))
            room = self._gutter - INSET - side - 40 * self.theme.scale
            text = metrics.elidedText(name, Qt.TextElideMode.ElideRight, room)
            painter.drawText(QPointF(INSET + side + 5, y + metrics.ascent()), text)


def _strongest(values: np.ndarray, pixels: int) -> np.ndarray:
    """For each of so many pixels, which of the values [n] that share it is largest in size."""
    if len(values) <= pixels:
        return np.arange(pixels) * len(values) // pixels
    starts = np.arange(pixels + 1) * len(values) // pixels
    sizes = np.abs(values)
    return np.array([first + int(sizes[first:after].argmax()) for first, after in pairwise(starts.tolist())])


def _rgba(colour: QColor) -> tuple[int, int, int, int]:
    return colour.red(), colour.green(), colour.blue(), 255
