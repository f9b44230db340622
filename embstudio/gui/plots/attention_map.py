"""All heads of a model at a glance: small pictures, layers down, heads across."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QBrush, QFontMetricsF, QImage, QPainter, QPen
from PySide6.QtWidgets import QWidget

from embstudio.gui.plots.block_maximum import fit_weights
from embstudio.gui.plots.cell_grid import CellGrid
from embstudio.gui.style.colour_maps import paint
from embstudio.gui.style.theme import Theme

GAP = 2
SMALLEST = 10  # pixels a head needs to say anything
MANY, SMALLEST_OF_MANY = 16, 7  # heads across; where there are so many, a head is a patch of colour
AT_ONCE = 3_000_000  # cells reduced before the window gets to answer again


@dataclass(frozen=True)
class LayerHeads:
    """One row of the overview. read() gives the pattern [head, query, key] and [query, key] true where nothing can
    be; None where the trace does not hold this layer."""

    name: str
    heads: int
    read: Callable[[], tuple[np.ndarray, np.ndarray]] | None


class AttentionMap(CellGrid):
    """Its cells are (layer's place, head). A layer that is not captured is hatched, not empty.

    Each head is reduced by block maximum, so that a single strong weight survives. Long texts are reduced a layer at a
    time, so that the window goes on answering meanwhile.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._layers: list[LayerHeads] = []
        self._pictures: dict[int, np.ndarray] = {}  # of layers, [head, row, column, RGBA]
        self._size = (0, 0)  # rows and columns of these pictures
        self._colours = np.zeros((2, 4), np.uint8)
        self._next = QTimer(self)
        self._next.setSingleShot(True)
        self._next.timeout.connect(self.redraw)

    def set_layers(self, layers: Sequence[LayerHeads], table: np.ndarray) -> None:
        """Take the layers, with the colours of weights from 0 to 1."""
        self._layers, self._colours = list(layers), table
        self._pictures.clear()
        heads = max((layer.heads for layer in layers), default=0)
        # What the grid itself paints stays empty; the pictures go on top.
        self.set_values(np.full((len(layers), heads), np.nan, np.float32), table, 0.0, 1.0)
        self.updateGeometry()

    @property
    def complete(self) -> bool:
        """Whether all that can be drawn is drawn."""
        return all(layer.read is None or place in self._pictures for place, layer in enumerate(self._layers))

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
        least = SMALLEST if heads <= MANY else SMALLEST_OF_MANY
        return QSize(left + least * max(heads, 4) + 6, top + least * max(layers, 4) + 4)

    def _margins(self) -> tuple[int, int]:
        metrics = QFontMetricsF(self.theme.mono("small"))
        widest = max((metrics.horizontalAdvance(layer.name) for layer in self._layers), default=0.0)
        return round(widest) + 12, round(metrics.height()) + 4

    def paint_frame(self, painter: QPainter) -> None:
        self._reduce()
        for place, layer in enumerate(self._layers):
            self._draw_layer(painter, place, layer)
        font = self.theme.mono("small")
        metrics = QFontMetricsF(font)
        painter.setFont(font)
        painter.setPen(self.theme.colour("muted"))
        rect = self.cells_rect()
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        every = max(1, int(np.ceil(metrics.height() / self.rows.pitch)))
        for place in range(0, len(self._layers), every):
            cell = self.cell_rect(place, 0)
            label = QRectF(0, cell.center().y() - metrics.height() / 2, rect.left() - 6, metrics.height())
            painter.drawText(label, right, self._layers[place].name)
        every = max(1, int(np.ceil((metrics.horizontalAdvance("00") + 4) / self.columns.pitch)))
        for head in range(0, self.values.shape[1], every):
            cell = self.cell_rect(0, head)
            label = QRectF(cell.center().x() - 20, 1, 40, metrics.height())
            painter.drawText(label, Qt.AlignmentFlag.AlignCenter, str(head))

    def _reduce(self) -> None:
        """Make the pictures that are missing, as many as may be made at once; the rest follows in a later turn."""
        first, ratio = self._picture_rect(0, 0), self.devicePixelRatioF()
        size = max(1, round(first.height() * ratio)), max(1, round(first.width() * ratio))
        if size != self._size:
            self._pictures.clear()
            self._size = size
        done = 0
        for place, layer in enumerate(self._layers):
            if layer.read is None or place in self._pictures:
                continue
            if done >= AT_ONCE:
                self._next.start(0)
                return
            pattern, hidden = layer.read()
            weights = fit_weights(pattern, hidden, *size)
            self._pictures[place] = np.ascontiguousarray(paint(weights, 0.0, 1.0, self._colours))
            done += pattern.size

    def _draw_layer(self, painter: QPainter, place: int, layer: LayerHeads) -> None:
        """One layer's heads, hatched where they are not captured."""
        ratio = self.devicePixelRatioF()
        atlas = self._pictures.get(place)
        high, wide = self._size
        for head in range(layer.heads):
            target = self._picture_rect(place, head)
            if atlas is not None:
                image = QImage(atlas[head].data, wide, high, 4 * wide, QImage.Format.Format_RGBA8888)
                image.setDevicePixelRatio(ratio)
                painter.drawImage(target.topLeft(), image)
            elif layer.read is None:
                painter.fillRect(target, QBrush(self.theme.colour("border"), Qt.BrushStyle.BDiagPattern))
            painter.setPen(QPen(self.theme.colour("border"), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
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
