"""All heads of a model at a glance: small pictures, layers down, heads across."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QBrush, QFontMetricsF, QImage, QPainter, QPen
from PySide6.QtWidgets import QWidget

from embstudio.formulas.block_maximum import fit_weights, weight_limit
from embstudio.gui.plots import gutter
from embstudio.gui.plots.cell_grid import CellGrid
from embstudio.gui.style.colour_maps import paint
from embstudio.gui.style.theme import Theme

GAP = 2
SMALLEST = 10  # pixels a head needs to say anything
MANY, SMALLEST_OF_MANY = 16, 7  # heads across; where there are so many, a head is a patch of colour
REMEMBERED = 64  # rows and columns that are kept of the picture of a head
PALE = 0.35  # how much is seen of pictures of the input before
AT_ONCE = 3_000_000  # cells reduced before the window gets to answer again


@dataclass(frozen=True)
class LayerHeads:
    """One row of the overview. read() gives the pattern [head, query, key] and [query, key] true where nothing can
    be; None where nothing is known of this layer.

    held: whether the numbers themselves are there; else it is a reduced picture. made_of: what read() gives is made of
    this, for layers that come again.
    """

    name: str
    heads: int
    read: Callable[[], tuple[np.ndarray, np.ndarray]] | None
    held: bool = True
    made_of: object = None


class AttentionMap(CellGrid):
    """Its cells are (layer's place, head). A layer that is not captured is hatched, not empty; the frames are dashed
    where only its picture is there.

    Each head is reduced by block maximum, so that a single strong weight survives. Long texts are reduced a layer at a
    time, so that the window goes on answering meanwhile.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._layers: list[LayerHeads] = []
        self._remembered: dict[int, np.ndarray] = {}  # of layers, reduced to REMEMBERED pixels, to outlive the trace
        self._reduced: dict[int, np.ndarray] = {}  # of layers, [head, row, column] in pixels
        self._pictures: dict[int, np.ndarray] = {}  # the same as colours, RGBA
        self._old: dict[int, np.ndarray] = {}  # such pictures of the input before
        self._size = (0, 0)  # rows and columns of these pictures
        self._cells: QRect | None = None  # where they are, until anything changes
        self._clipped = 0  # pixels beyond it
        self._limit = 1.0  # the weight that has the last colour
        self._colours = np.zeros((2, 4), np.uint8)
        self._ramp = QImage(1, 1, QImage.Format.Format_RGBA8888)
        self._next = QTimer(self)
        self._next.setSingleShot(True)
        self._next.timeout.connect(self.redraw)

    def set_layers(
        self, layers: Sequence[LayerHeads], table: np.ndarray, *, keep: bool = False, old: bool = False
    ) -> None:
        """Take the layers, with the colours of weights from 0 to the largest usual one.

        keep: they are of the same input as those before; pictures of layers that are not captured any more stay.
        old: pictures of the input before stay, pale, until those of this one are there.
        """
        if not old:
            self._old.clear()
        elif not keep:
            self._old |= self._pictures
        before = self._layers if keep and np.array_equal(table, self._colours) else []
        same = {
            place
            for place, (old, new) in enumerate(zip(before, layers, strict=False))
            if new.made_of is not None and new.made_of is old.made_of
        }
        self._layers, self._colours = list(layers), table
        if not keep:
            self._remembered.clear()
        pixels = np.ascontiguousarray(table)
        self._ramp = QImage(pixels.data, len(pixels), 1, QImage.Format.Format_RGBA8888).copy()
        stays = same | {place for place in self._remembered if before and self._layers[place].read is None}
        self._reduced = {place: reduced for place, reduced in self._reduced.items() if place in stays}
        self._pictures = {place: picture for place, picture in self._pictures.items() if place in stays}
        heads = max((layer.heads for layer in layers), default=0)
        # What the grid itself paints stays empty; the pictures go on top.
        self.set_values(np.full((len(layers), heads), np.nan, np.float32), table, 0.0, 1.0)
        self.updateGeometry()

    def remembers(self, place: int) -> bool:
        """Whether a layer's picture is there although the trace does not hold the layer."""
        return place in self._remembered

    @property
    def complete(self) -> bool:
        """Whether all that can be drawn is drawn."""
        return all(layer.read is None or place in self._reduced for place, layer in enumerate(self._layers))

    def redraw(self) -> None:
        self._cells = None
        super().redraw()

    def cells_rect(self) -> QRect:
        if self._cells is None:
            self._cells = self._place_cells()
        return self._cells

    def _place_cells(self) -> QRect:
        left, top = self._margins()
        wide, high = max(1, self.width() - left - 6), max(1, self.height() - 2 * top - 2)  # the range is below
        layers, heads = self.values.shape
        # Neither very flat nor very tall pictures: a pattern is a square.
        pitch_x = min(wide / max(1, heads), 1.5 * high / max(1, layers))
        pitch_y = min(high / max(1, layers), 1.25 * pitch_x)
        return QRect(left, top, max(1, round(pitch_x * heads)), max(1, round(pitch_y * layers)))

    def sizeHint(self) -> QSize:
        left, top = self._margins()
        layers, heads = self.values.shape
        return QSize(left + 40 * max(heads, 4), 2 * top + 40 * max(layers, 4))

    def minimumSizeHint(self) -> QSize:
        left, top = self._margins()
        layers, heads = self.values.shape
        least = SMALLEST if heads <= MANY else SMALLEST_OF_MANY
        return QSize(left + least * max(heads, 4) + 6, 2 * top + least * max(layers, 4) + 4)

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
        if self._reduced:
            below = QRect(rect.left() - gutter.INSET, rect.bottom() + 2, rect.width(), round(metrics.height()))
            more = f"{self._clipped} clipped" if self._clipped else ""
            gutter.paint_range(painter, self.theme, below, 0.0, self._limit, self._ramp, more)

    def _reduce(self) -> None:
        """Make the pictures that are missing, as many as may be made at once; the rest follows in a later turn."""
        first, ratio = self._picture_rect(0, 0), self.devicePixelRatioF()
        size = max(1, round(first.height() * ratio)), max(1, round(first.width() * ratio))
        if size != self._size:
            self._reduced.clear()
            self._old.clear()
            self._size = size
        done = 0
        partial = not all(layer.held for layer in self._layers)
        for place, layer in enumerate(self._layers):
            if place in self._reduced:
                continue
            if layer.read is None:
                if place in self._remembered:
                    weights = self._remembered[place]
                    self._reduced[place] = fit_weights(np.nan_to_num(weights), np.isnan(weights).all(axis=0), *size)
                    done += 1
                continue
            if done >= AT_ONCE:
                self._next.start(0)
                break
            pattern, hidden = layer.read()
            self._reduced[place] = fit_weights(pattern, hidden, *size)
            if partial and layer.held:
                self._remembered[place] = fit_weights(pattern, hidden, REMEMBERED, REMEMBERED)
            done += pattern.size
        if not done:
            return
        self._limit = weight_limit(np.concatenate([part.reshape(-1, size[1]) for part in self._reduced.values()]))
        self._clipped = sum(int((part > self._limit).sum()) for part in self._reduced.values())
        self._pictures = {
            place: np.ascontiguousarray(paint(part, 0.0, self._limit, self._colours))
            for place, part in self._reduced.items()
        }

    def _draw_layer(self, painter: QPainter, place: int, layer: LayerHeads) -> None:
        """One layer's heads, hatched where they are not captured."""
        ratio = self.devicePixelRatioF()
        old = place not in self._pictures
        atlas = self._old.get(place) if old else self._pictures[place]
        high, wide = self._size
        for head in range(layer.heads):
            target = self._picture_rect(place, head)
            if atlas is not None and head < len(atlas):
                image = QImage(atlas[head].data, wide, high, 4 * wide, QImage.Format.Format_RGBA8888)
                image.setDevicePixelRatio(ratio)
                painter.setOpacity(PALE if old else 1.0)
                painter.drawImage(target.topLeft(), image)
                painter.setOpacity(1.0)
            elif layer.read is None:
                painter.fillRect(target, QBrush(self.theme.colour("border"), Qt.BrushStyle.BDiagPattern))
            if layer.held:
                painter.setPen(QPen(self.theme.colour("border"), 1))
            else:
                painter.setPen(QPen(self.theme.colour("muted"), 1, Qt.PenStyle.DotLine))
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
