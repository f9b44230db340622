"""What every picture made of cells has in common: a cached image, a cursor, hovering, keys, a voice."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from embstudio.formulas.block_maximum import block, fit
from embstudio.gui.plots.cached_picture import CachedPicture
from embstudio.gui.plots.columns import Columns, spread
from embstudio.gui.plots.hover_plot import HoverPlot
from embstudio.gui.style.colour_maps import paint
from embstudio.gui.style.theme import Theme

PAGE = 10  # rows that Page Up and Page Down go
_EMPTY = np.zeros((0, 0), np.float32)
_MOVES = {
    Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1), Qt.Key.Key_Up: (-1, 0), Qt.Key.Key_Down: (1, 0),
    Qt.Key.Key_PageUp: (-PAGE, 0), Qt.Key.Key_PageDown: (PAGE, 0),
    Qt.Key.Key_Home: (0, -(10**9)), Qt.Key.Key_End: (0, 10**9),
}  # fmt: skip


class CellGrid(HoverPlot):
    """values [row, column] as coloured cells. The picture is drawn once; a step only blits it and marks the place.

    Subclasses say where the cells are (`cells_rect`), draw what stands around them once (`paint_frame`), and what
    moves with the cursor (`paint_marks`).
    hovered(row, column), unhovered(): the mouse; picked(row, column): a click or a key asks to go there.
    describe(row, column): the sentence for the tooltip and for screen readers.
    """

    hovered = Signal(int, int)
    picked = Signal(int, int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.values = _EMPTY
        self.low, self.high = 0.0, 1.0
        self.row = self.column = 0
        self.describe: Callable[[int, int], str] = lambda row, column: f"row {row}, column {column}"
        self._table = np.zeros((2, 4), np.uint8)
        self._picture = CachedPicture()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    # What it shows -----------------------------------------------------------------------------------------------

    def set_values(self, values: np.ndarray, table: np.ndarray, low: float, high: float) -> None:
        """Take new values with their colours: `table` from `low` to `high`. NaN cells stay empty."""
        self.values, self._table, self.low, self.high = values, table, float(low), float(high)
        self._hover = None
        self.redraw()

    def set_place(self, row: int, column: int) -> None:
        """Mark a cell as the current one."""
        if not self.values.size:
            return
        self.row = max(0, min(row, self.values.shape[0] - 1))
        self.column = max(0, min(column, self.values.shape[1] - 1))
        self.setAccessibleDescription(self.describe(self.row, self.column))
        self.update()

    def redraw(self) -> None:
        """Forget the cached picture: values, labels, colours or fonts changed."""
        self._picture.forget()
        self.update()

    # Where things are --------------------------------------------------------------------------------------------

    def cells_rect(self) -> QRect:
        """The part of the widget that the cells fill."""
        return self.rect()

    def in_sight(self) -> tuple[slice, slice]:
        """The rows and columns that fill `cells_rect`; all of them, unless a subclass zooms."""
        return slice(0, self.values.shape[0]), slice(0, self.values.shape[1])

    @property
    def columns(self) -> Columns:
        rect = self.cells_rect()
        return spread(rect.left(), rect.width(), self.in_sight()[1], self.values.shape[1])

    @property
    def rows(self) -> Columns:
        """The rows, from the top."""
        rect = self.cells_rect()
        return spread(rect.top(), rect.height(), self.in_sight()[0], self.values.shape[0])

    def cell_rect(self, row: int, column: int) -> QRectF:
        """Where a cell is, in the widget's coordinates."""
        rows, columns = self.rows, self.columns
        return QRectF(columns.start(column), rows.start(row), columns.pitch, rows.pitch)

    def cell_at(self, position: QPointF) -> tuple[int, int] | None:
        """The cell at a place; where several share its pixel, the strongest of them, since that one is painted."""
        rect = self.cells_rect()
        if not self.values.size or not QRectF(rect).contains(position):
            return None
        across = (position.x() - rect.left()) / rect.width()
        down = (position.y() - rect.top()) / rect.height()
        if not (0 <= across < 1 and 0 <= down < 1):
            return None
        wide, high = self._pixels(rect)
        all_rows, all_columns = self.in_sight()
        rows = block(down, high, all_rows.stop - all_rows.start)
        columns = block(across, wide, all_columns.stop - all_columns.start)
        shared = np.nan_to_num(np.abs(self.values[all_rows, all_columns][rows, columns]))
        row, column = np.unravel_index(int(shared.argmax()), shared.shape)
        return all_rows.start + rows.start + int(row), all_columns.start + columns.start + int(column)

    def place_at(self, position: QPointF) -> tuple[int, int] | None:
        return self.cell_at(position)

    def tooltip_of(self, place: tuple[int, ...]) -> str:
        return self.describe(*place)

    @property
    def shared(self) -> bool:
        """Whether some cells share a pixel."""
        wide, high = self._pixels(self.cells_rect())
        rows, columns = self.in_sight()
        return bool(rows.stop - rows.start > high or columns.stop - columns.start > wide)

    def _pixels(self, rect: QRect) -> tuple[int, int]:
        ratio = self.devicePixelRatioF()
        return max(1, round(rect.width() * ratio)), max(1, round(rect.height() * ratio))

    # Painting ----------------------------------------------------------------------------------------------------

    def paint_frame(self, painter: QPainter) -> None:
        """Draw what stands around and on the cells and does not move."""

    def paint_marks(self, painter: QPainter) -> None:
        """Draw what moves with the cursor."""

    def paintEvent(self, event: QPaintEvent) -> None:
        picture = self._picture.of(self, self.theme.colour("panel"), self._draw)
        painter = QPainter(self)
        painter.drawPixmap(0, 0, picture)
        if self.values.size:
            self.paint_marks(painter)
            if self._hover is not None:
                painter.setPen(QPen(self.theme.colour("text"), 1))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRect(self.outline(*self._hover))
        if self.hasFocus():
            painter.setPen(QPen(self.theme.colour("accent"), 1, Qt.PenStyle.DotLine))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def reduced(self, values: np.ndarray, rows: int, columns: int) -> np.ndarray:
        """The cells in sight as so many pixels: the strongest of a block."""
        return fit(values, rows, columns)

    def _draw(self, painter: QPainter) -> None:
        rect = self.cells_rect()
        if not self.values.size or rect.width() <= 0 or rect.height() <= 0:
            return
        wide, high = self._pixels(rect)
        values = self.reduced(self.values[self.in_sight()], high, wide)
        pixels = np.ascontiguousarray(paint(values, self.low, self.high, self._table))
        image = QImage(pixels.data, wide, high, 4 * wide, QImage.Format.Format_RGBA8888)
        image.setDevicePixelRatio(self.devicePixelRatioF())
        painter.drawImage(rect.topLeft(), image)
        self.paint_frame(painter)

    def outline(self, row: int, column: int) -> QRectF:
        """A frame around a cell that can be seen however small the cell is."""
        rect = self.cell_rect(row, column)
        wider, higher = max(0.0, 4 - rect.width()) / 2, max(0.0, 4 - rect.height()) / 2
        return rect.adjusted(-wider - 0.5, -higher - 0.5, wider - 0.5, higher - 0.5)

    def triangle(self, painter: QPainter, tip: QPointF, *, down: bool, size: float = 4.0) -> None:
        """The small mark of the cursor: it points down at a column, or right at a row."""
        back = QPointF(0, -size) if down else QPointF(-size, 0)
        side = QPointF(size, 0) if down else QPointF(0, size)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.theme.colour("accent"))
        painter.drawPolygon(QPolygonF([tip, tip + back + side, tip + back - side]))

    def resizeEvent(self, event: object) -> None:
        self.redraw()

    # Mouse and keys ----------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        cell = self.cell_at(event.position())
        if cell is not None and event.button() == Qt.MouseButton.LeftButton:
            self.picked.emit(*cell)

    def event(self, event: QEvent) -> bool:
        # The window steps with the arrow keys; while this has the focus they move its own cursor.
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and _moves(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        move = _moves(event)
        if move is None or not self.values.size:
            super().keyPressEvent(event)
            return
        row, column = self.row + move[0], self.column + move[1]
        self.picked.emit(max(0, min(row, self.values.shape[0] - 1)), max(0, min(column, self.values.shape[1] - 1)))

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()


def _moves(event: QKeyEvent) -> tuple[int, int] | None:
    plain = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier == Qt.KeyboardModifier.NoModifier
    return _MOVES.get(Qt.Key(event.key())) if plain else None
