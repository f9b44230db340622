"""A unit × token map: rows of numbers as colours, filled up to the current token."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QHelpEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPen,
    QWheelEvent,
)
from PySide6.QtWidgets import QScrollArea, QToolTip, QWidget

from embstudio.gui.plots import gutter
from embstudio.gui.plots.zoom_grid import NOTCH, STEP, ZoomGrid
from embstudio.gui.style.theme import Theme

TOP = 5  # room for the cursor's triangle, and between maps
RIGHT = 8
COVER = 212  # of 255: how far columns that the model has not read are hidden
_ROW_KEYS = {Qt.Key.Key_Asterisk: STEP, Qt.Key.Key_Slash: 1 / STEP}
_ALONE_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


def symmetric_limit(values: np.ndarray) -> float:
    """The end of a range around 0 that shows nearly all values: the largest, or, where single ones stand far out, the
    size that 98 in 100 stay below. NaN is left out."""
    sizes = np.abs(values[np.isfinite(values)])
    if not sizes.size:
        return 1.0
    most = float(np.quantile(sizes, 0.98))
    largest = float(sizes.max())
    return (largest if largest <= 2 * most else most) or 1.0


class HeatMap(ZoomGrid):
    """Rows × columns with a title to the left; the columns that come after the current one (or before it, where
    the reading goes from right to left) are covered.

    The wheel, + and − zoom the columns; with Ctrl and Shift the wheel zooms the rows, as * and / do. Where the panel
    itself can scroll, the wheel alone is left to it, and Ctrl and the wheel zoom the columns.
    alone_wanted(): a click on the title or Enter asks for this map alone, or for all of them again.
    menu_wanted(row, column, position): the right button or the menu key, on a cell; where on the screen.
    """

    alone_wanted = Signal()
    menu_wanted = Signal(int, int, QPoint)
    zooms = (False, True)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.backwards = False  # read from right to left
        self.marks_row = True  # whether the current row is marked, beside the column
        self._symbol, self._word, self._role, self._about = "", "", "", ""
        self._gutter = 100
        self._clipped = 0
        self._ramp = QImage(1, 1, QImage.Format.Format_RGBA8888)

    def set_title(self, symbol: str, word: str, role: str, about: str) -> None:
        """`symbol` in the colour of `role`, `word` after it: "f", "forget gate". about: the tooltip of the title."""
        self._symbol, self._word, self._role, self._about = symbol, word, role, about
        self.setAccessibleName(f"{symbol}, {word}")
        self.redraw()

    def set_gutter(self, width: int) -> None:
        """Pixels kept for the title, the same in all maps of a stack."""
        self._gutter = width
        self.redraw()

    def set_values(self, values: np.ndarray, table: np.ndarray, low: float, high: float) -> None:
        self._clipped = int(((values < low) | (values > high)).sum())
        pixels = np.ascontiguousarray(table)
        self._ramp = QImage(pixels.data, len(pixels), 1, QImage.Format.Format_RGBA8888).copy()
        super().set_values(values, table, low, high)

    def set_place(self, row: int, column: int) -> None:
        """Mark a cell. Where it lies beyond the columns in sight, they are turned like a page: a window that moved at
        each step would be drawn anew at each."""
        window = self.window_in_sight
        last = window.column + window.columns - 1
        if self.values.size and not window.column <= column <= last:
            left = column - (window.columns // 8 if column > last else window.columns - 1 - window.columns // 8)
            self.show_window(window.moved(0, left - window.column))
        super().set_place(row, column)

    @property
    def range_text(self) -> str:
        """The range as words: "−2.1 … 2.1, 3 values clipped"."""
        clipped = f", {self._clipped} values clipped" if self._clipped else ""
        return f"{gutter.short(self.low)} … {gutter.short(self.high)}{clipped}"

    def cells_rect(self) -> QRect:
        return QRect(self._gutter, TOP, max(1, self.width() - self._gutter - RIGHT), max(1, self.height() - TOP))

    def sizeHint(self) -> QSize:
        return QSize(480, 3 * gutter.title_height(self.theme) // 2 + TOP)

    def minimumSizeHint(self) -> QSize:
        return QSize(self._gutter + 120, gutter.line_height(self.theme) + TOP)

    @property
    def about_text(self) -> str:
        """What the title's tooltip says: what the map holds, its range, and what the picture leaves out."""
        shared = "\nSeveral values share a pixel: the strongest of them is shown." if self.shared else ""
        return f"{self._about}\ncolours: {self.range_text}{shared}\nClick, or Enter: this map alone, or all of them"

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip and event.pos().x() < self._gutter:
            QToolTip.showText(event.globalPos(), self.about_text, self)
            return True
        return super().event(event)

    def paint_frame(self, painter: QPainter) -> None:
        rect = QRect(0, 0, self._gutter - 8, self.height())
        if self.height() < gutter.title_height(self.theme):
            title = (self._symbol, self._word, self._role)
            gutter.paint_one_line(painter, self.theme, rect, title, self.low, self.high, clipped=bool(self._clipped))
            return
        used = gutter.paint_title(painter, self.theme, rect, self._symbol, self._word, self._role)
        rect.setTop(rect.top() + round(used))
        note = f"{self._clipped} clipped" if self._clipped else ""
        gutter.paint_range(painter, self.theme, rect, self.low, self.high, self._ramp, note)

    def paint_marks(self, painter: QPainter) -> None:
        rect, accent = QRectF(self.cells_rect()), self.theme.colour("accent")
        start, pitch = self.columns.start(self.column), self.columns.pitch
        left, right = (min(max(x, rect.left()), rect.right()) for x in (start, start + pitch))
        cover = self.theme.colour("panel")
        cover.setAlpha(COVER)
        if self.backwards:
            painter.fillRect(QRectF(rect.left(), rect.top(), left - rect.left(), rect.height()), cover)
        else:
            painter.fillRect(QRectF(right, rect.top(), rect.right() - right, rect.height()), cover)
        painter.setPen(QPen(self.theme.colour("border"), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(rect.adjusted(-0.5, -0.5, 0.5, 0.5))
        rows, columns = self.in_sight()
        if self.marks_row and rows.start <= self.row < rows.stop:
            self._mark_row(painter, accent)
        if columns.start <= self.column < columns.stop:
            painter.setPen(QPen(accent, 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            wider = max(0.0, 4 - pitch) / 2
            painter.drawRect(QRectF(start - wider, rect.top(), pitch + 2 * wider, rect.height() - 1))
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self.triangle(painter, QPointF(self.columns.centre(self.column), TOP - 1), down=True)

    def _mark_row(self, painter: QPainter, accent: QColor) -> None:
        """Lines above and below the current row where there is room, a triangle to its left in any case."""
        row = self.outline(self.row, 0)
        rect = self.cells_rect()
        painter.setPen(QPen(accent, 1, Qt.PenStyle.DotLine))
        for y in (row.top(), row.bottom()):
            painter.drawLine(QPointF(rect.left(), y), QPointF(rect.right(), y))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.triangle(painter, QPointF(rect.left() - 1, self.rows.centre(self.row)), down=False)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    # Mouse and keys ----------------------------------------------------------------------------------------------

    def wheelEvent(self, event: QWheelEvent) -> None:
        held, turn = event.modifiers(), event.angleDelta().y()
        if held & Qt.KeyboardModifier.ControlModifier and turn:
            rows = bool(held & Qt.KeyboardModifier.ShiftModifier)
            self.zoom(STEP ** (turn / NOTCH), event.position(), rows=rows, columns=not rows)
            event.accept()
        elif held == Qt.KeyboardModifier.NoModifier and turn and self._panel_scrolls:
            event.ignore()
        else:
            super().wheelEvent(event)

    @property
    def _panel_scrolls(self) -> bool:
        """Whether a scroll area around this has something out of sight."""
        around = self.parentWidget()
        while around is not None and not isinstance(around, QScrollArea):
            around = around.parentWidget()
        return around is not None and around.verticalScrollBar().maximum() > 0

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and event.position().x() < self._gutter - 8:
            self.alone_wanted.emit()
        else:
            super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.position().x() >= self._gutter - 8:
            super().mouseDoubleClickEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        cell: tuple[int, int] | None = self.row, self.column
        at = event.globalPos()
        if event.reason() == QContextMenuEvent.Reason.Mouse:
            cell = self.cell_at(QPointF(event.pos()))
        else:
            at = self.mapToGlobal(self.cell_rect(self.row, self.column).bottomLeft().toPoint())
        if cell is not None and self.values.size:
            self.menu_wanted.emit(*cell, at)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key in _ALONE_KEYS:
            self.alone_wanted.emit()
        elif key in _ROW_KEYS:
            self.zoom(_ROW_KEYS[key], rows=True, columns=False)
        else:
            super().keyPressEvent(event)
