"""Shares that add up to 1, one above the other over the tokens."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from embstudio.gui.plots.cached_picture import CachedPicture
from embstudio.gui.plots.column_plot import ColumnPlot
from embstudio.gui.plots.gutter import INSET
from embstudio.gui.plots.heat_map import COVER
from embstudio.gui.style.colour_maps import unit_map
from embstudio.gui.style.numbers import percent
from embstudio.gui.style.theme import Theme

STEPS = 400  # columns above which one a pixel is drawn


class StackedAreas(ColumnPlot):
    """The first band lies on top, the last at the bottom, in shades of one colour that grow stronger downwards; the
    legend to the left names them in the same order."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.names: tuple[str, ...] = ()
        self.shares = np.zeros((0, 0))
        self.backwards = False
        self.describe_column: Callable[[int], str] = self.values_text
        self._role = ""
        self._column = 0
        self._picture = CachedPicture()

    def set_bands(self, names: Sequence[str], shares: np.ndarray, role: str, gutter: int) -> None:
        """Take the shares [column, band], and the room to the left."""
        self.names, self.shares, self._role, self._gutter = tuple(names), shares, role, gutter
        self.redraw()

    def set_column(self, column: int) -> None:
        """Mark the current column."""
        self._column = column
        if self.count:
            self.setAccessibleDescription(self.values_text(column))
        self.update()

    def redraw(self) -> None:
        self._picture.forget()
        self.update()

    def values_text(self, column: int) -> str:
        """The shares of a column in words."""
        return "\n".join(f"{name}: {percent(share)}" for name, share in
                         zip(self.names, self.shares[column].tolist(), strict=True))  # fmt: skip

    @property
    def count(self) -> int:
        return len(self.shares)

    def tooltip_of(self, place: tuple[int, ...]) -> str:
        return self.describe_column(*place)

    def y_of(self, value: float) -> float:
        return 5 + (self.height() - 10) * (1 - value)

    def sizeHint(self) -> QSize:
        return QSize(480, round(6 * QFontMetricsF(self.theme.font("small")).height()) + 10)

    def minimumSizeHint(self) -> QSize:
        return QSize(self._gutter + 120, round(4 * QFontMetricsF(self.theme.font("small")).height()) + 6)

    def resizeEvent(self, event: object) -> None:
        self.redraw()

    def colour(self, band: int) -> QColor:
        """The shade of a band."""
        table = unit_map(self.theme.colours, self.theme.colours.role(self._role))
        red, green, blue, _ = table[round(255 * (0.25 + 0.75 * band / max(1, len(self.names) - 1)))].tolist()
        return QColor(red, green, blue)

    # Painting ----------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._picture.of(self, self.theme.colour("panel"), self._draw))
        if not self.count:
            return
        columns, wide = self.columns, self.wide
        left, right = (min(max(x, self._gutter), self._gutter + wide) for x in
                       (columns.start(self._column), columns.start(self._column) + columns.pitch))  # fmt: skip
        cover = self.theme.colour("panel")
        cover.setAlpha(COVER)
        if self.backwards:
            painter.fillRect(QRectF(self._gutter, 0, left - self._gutter, self.height()), cover)
        else:
            painter.fillRect(QRectF(right, 0, self._gutter + wide - right, self.height()), cover)
        if right > left:
            painter.setPen(QPen(self.theme.colour("accent"), 2))
            painter.drawRect(QRectF(left, 3, max(right - left, 2), self.height() - 6))
        if self._hover is not None:
            painter.setPen(QPen(self.theme.colour("text"), 1))
            x = columns.centre(*self._hover)
            painter.drawLine(QPointF(x, 4), QPointF(x, self.height() - 4))

    def _draw(self, painter: QPainter) -> None:
        if not self.count:
            return
        self.paint_scale(painter, (1.0, 0.5, 0.0))
        sight, columns = self.in_sight, self.columns
        stride = max(1, (sight.stop - sight.start) // max(STEPS, int(self.wide)))
        places = range(sight.start, sight.stop, stride)
        tops = np.cumsum(self.shares[:, ::-1], axis=1)[:, ::-1]  # of each band
        edges = [(columns.start(place), columns.start(min(place + stride, sight.stop))) for place in places]
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        for band in range(len(self.names)):
            outline = QPolygonF()
            for place, (left, right) in zip(places, edges, strict=True):
                y = self.y_of(min(1.0, float(tops[place, band])))
                outline.append(QPointF(left, y))
                outline.append(QPointF(right, y))
            outline.append(QPointF(edges[-1][1], self.y_of(0)))
            outline.append(QPointF(edges[0][0], self.y_of(0)))
            painter.setPen(QPen(self.theme.colour("panel"), 1))
            painter.setBrush(self.colour(band))
            painter.drawPolygon(outline)
        self._draw_legend(painter)

    def _draw_legend(self, painter: QPainter) -> None:
        font = self.theme.font("small")
        metrics = QFontMetricsF(font)
        painter.setFont(font)
        side = 0.8 * metrics.ascent()
        top = (self.height() - len(self.names) * metrics.height()) / 2
        room = self._gutter - INSET - side - 34 * self.theme.scale
        for band, name in enumerate(self.names):
            y = top + band * metrics.height()
            painter.fillRect(QRectF(INSET, y + (metrics.height() - side) / 2, side, side), self.colour(band))
            painter.setPen(self.theme.colour("text"))
            text = metrics.elidedText(name, Qt.TextElideMode.ElideRight, room)
            painter.drawText(QPointF(INSET + side + 5, y + metrics.ascent()), text)
