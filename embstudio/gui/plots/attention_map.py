"""All heads of a model at a glance: small pictures, layers down, heads across."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QImage, QPainter, QPen
from PySide6.QtWidgets import QWidget

from embstudio.gui.plots.block_maximum import fit
from embstudio.gui.plots.cell_grid import CellGrid
from embstudio.gui.style.colour_maps import paint
from embstudio.gui.style.theme import Theme

GAP = 2
SMALLEST = 10  # pixels a head needs to say anything


class AttentionMap(CellGrid):
    """patterns: one [head, query, key] a layer, NaN where nothing can be. Its cells are (layer's place, head).

    The heads are drawn into one image, reduced by block maximum, so that a single strong weight survives.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._patterns: list[np.ndarray] = []
        self._names: tuple[str, ...] = ()
        self._colours = np.zeros((2, 4), np.uint8)

    def set_patterns(self, patterns: Sequence[np.ndarray], names: Sequence[str], table: np.ndarray) -> None:
        """Take the patterns of the layers called `names`, with the colours of weights from 0 to 1."""
        self._patterns, self._names, self._colours = list(patterns), tuple(names), table
        heads = max((len(pattern) for pattern in patterns), default=0)
        # What the grid itself paints stays empty; the pictures go on top.
        self.set_values(np.full((len(patterns), heads), np.nan, np.float32), table, 0.0, 1.0)
        self.updateGeometry()

    def cells_rect(self) -> QRect:
        left, top = self._margins()
        wide, high = max(1, self.width() - left - 6), max(1, self.height() - top - 4)
        layers, heads = self.values.shape
        # Neither very flat nor very tall pictures: a pattern is a square.
        pitch_x = min(wide / max(1, heads), 1.5 * high / max(1, layers))
        pitch_y = min(high / max(1, layers), 1.25 * pitch_x)
        return QRect(left, top, max(1, round(pitch_x * heads)), max(1, round(pitch_y * layers)))

    def sizeHint(self) -> QSize:
        left, top = self._margins()
        layers, heads = self.values.shape
        return QSize(left + 40 * max(heads, 4), top + 40 * max(layers, 4))

    def minimumSizeHint(self) -> QSize:
        left, top = self._margins()
        layers, heads = self.values.shape
        return QSize(left + SMALLEST * max(heads, 4) + 6, top + SMALLEST * max(layers, 4) + 4)

    def _margins(self) -> tuple[int, int]:
        metrics = QFontMetricsF(self.theme.mono("small"))
        widest = max((metrics.horizontalAdvance(name) for name in self._names), default=0.0)
        return round(widest) + 12, round(metrics.height()) + 4

    def paint_frame(self, painter: QPainter) -> None:
        for place, pattern in enumerate(self._patterns):
            self._draw_layer(painter, place, pattern)
        font = self.theme.mono("small")
        metrics = QFontMetricsF(font)
        painter.setFont(font)
        painter.setPen(self.theme.colour("muted"))
        rect = self.cells_rect()
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        every = max(1, int(np.ceil(metrics.height() / self.rows.pitch)))
        for place in range(0, len(self._names), every):
            cell = self.cell_rect(place, 0)
            label = QRectF(0, cell.center().y() - metrics.height() / 2, rect.left() - 6, metrics.height())
            painter.drawText(label, right, self._names[place])
        every = max(1, int(np.ceil((metrics.horizontalAdvance("00") + 4) / self.columns.pitch)))
        for head in range(0, self.values.shape[1], every):
            cell = self.cell_rect(0, head)
            label = QRectF(cell.center().x() - 20, 1, 40, metrics.height())
            painter.drawText(label, Qt.AlignmentFlag.AlignCenter, str(head))

    def _draw_layer(self, painter: QPainter, place: int, pattern: np.ndarray) -> None:
        """One layer's heads as one image each, cut from one reduction."""
        ratio = self.devicePixelRatioF()
        first = self._picture_rect(place, 0)
        wide, high = max(1, round(first.width() * ratio)), max(1, round(first.height() * ratio))
        atlas = np.ascontiguousarray(paint(fit(pattern, high, wide), 0.0, 1.0, self._colours))
        for head in range(len(pattern)):
            target = self._picture_rect(place, head)
            image = QImage(atlas[head].data, wide, high, 4 * wide, QImage.Format.Format_RGBA8888)
            image.setDevicePixelRatio(ratio)
            painter.drawImage(target.topLeft(), image)
            painter.setPen(QPen(self.theme.colour("border"), 1))
            painter.drawRect(QRectF(target).adjusted(-0.5, -0.5, 0.5, 0.5))

    def _picture_rect(self, place: int, head: int) -> QRect:
        """Where the picture of a head is: all of the same size, on whole pixels."""
        rows, columns = self.rows, self.columns
        size_x, size_y = max(2, int(columns.pitch) - GAP - 1), max(2, int(rows.pitch) - GAP - 1)
        return QRect(round(columns.start(head)) + 1, round(rows.start(place)) + 1, size_x, size_y)

    def paint_marks(self, painter: QPainter) -> None:
        painter.setPen(QPen(self.theme.colour("accent"), 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(QRectF(self._picture_rect(self.row, self.column)).adjusted(-1, -1, 1, 1))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        cells, centre = self.cells_rect(), QRectF(self._picture_rect(self.row, self.column)).center()
        self.triangle(painter, QPointF(centre.x(), cells.top()), down=True, size=3)
        self.triangle(painter, QPointF(cells.left() - 1, centre.y()), down=False, size=3)
