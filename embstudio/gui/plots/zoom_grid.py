"""Cells that can be zoomed: the wheel, a pinch, keys and dragging choose which of them are in sight."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QNativeGestureEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QGestureEvent, QPinchGesture, QWidget

from embstudio.gui.plots.cell_grid import CellGrid
from embstudio.gui.plots.cell_window import CellWindow
from embstudio.gui.style.theme import Theme

STEP = 0.8  # of the cells stay in sight when zooming in by one step
NOTCH = 120  # eighths of a degree that a wheel turns by one click
_ZOOM_KEYS = {Qt.Key.Key_Plus: STEP, Qt.Key.Key_Equal: STEP, Qt.Key.Key_Minus: 1 / STEP, Qt.Key.Key_0: 0.0}


class ZoomGrid(CellGrid):
    """The wheel or a pinch zooms at the pointer, Shift and the wheel or dragging moves, a double click shows all;
    with the focus: + and − zoom at the current cell, 0 shows all. The current cell is kept in sight when it moves.

    window_changed(): other cells are in sight. zooms: whether a zoom takes rows, and whether it takes columns.
    """

    window_changed = Signal()
    zooms = (True, True)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.window_in_sight = CellWindow.whole(0, 0)
        self._pressed: QPointF | None = None  # where the mouse went down; None once it is a drag or up again
        self._dragged_from: tuple[QPointF, CellWindow] | None = None
        # The cell that zooming holds at a place in the widget: whole cells, step by step, would drift away from it.
        self._held: tuple[QPointF, tuple[float, float]] | None = None
        self.grabGesture(Qt.GestureType.PinchGesture)

    def in_sight(self) -> tuple[slice, slice]:
        return self.window_in_sight.slices

    def set_values(self, values: np.ndarray, table: np.ndarray, low: float, high: float) -> None:
        if values.shape != self.values.shape:  # another sentence: what was looked at is not there any more
            self.window_in_sight = CellWindow.whole(*values.shape)
            self._announce()
        super().set_values(values, table, low, high)

    def set_place(self, row: int, column: int) -> None:
        super().set_place(row, column)
        if self.values.size:
            self.show_window(self.window_in_sight.showing(self.row, self.column))

    def show_window(self, window: CellWindow) -> None:
        """Show other cells."""
        if window != self.window_in_sight:
            self.window_in_sight = window
            self._hover = self._held = None
            self.redraw()
            self._announce()

    def zoom(
        self, factor: float, at: QPointF | None = None, *, rows: bool | None = None, columns: bool | None = None
    ) -> None:
        """`factor` times as many cells in sight, around a place in the widget or else the current cell; 0: all.

        rows, columns: which of the two are zoomed; None: as `zooms` says.
        """
        down, across = self.zooms
        which = {"rows": down if rows is None else rows, "columns": across if columns is None else columns}
        if not self.values.size:
            return
        if factor == 0:
            self.show_window(CellWindow.whole(*self.values.shape))
            return
        at = at if at is not None else self.cell_rect(self.row, self.column).center()
        right, low = self._shares(at)
        window, held = self.window_in_sight, self._held
        if held is None or held[0] != at:
            held = at, (window.row + low * window.rows, window.column + right * window.columns)
        row, column = held[1]
        self.show_window(self.window_in_sight.scaled(factor, **which))
        right, low = self._shares(at)  # labels may leave more or less room now
        self.show_window(self.window_in_sight.holding(row, column, right, low))
        self._held = held

    def _shares(self, at: QPointF) -> tuple[float, float]:
        """Where a place in the widget lies across and down the cells, from 0 to 1."""
        rect = self.cells_rect()
        across, down = (at.x() - rect.left()) / rect.width(), (at.y() - rect.top()) / rect.height()
        return min(1.0, max(0.0, across)), min(1.0, max(0.0, down))

    def _announce(self) -> None:
        zoomed = self.window_in_sight.zoomed
        self.setCursor(Qt.CursorShape.OpenHandCursor if zoomed else Qt.CursorShape.ArrowCursor)
        self.window_changed.emit()

    # Mouse and keys ----------------------------------------------------------------------------------------------

    def wheelEvent(self, event: QWheelEvent) -> None:
        turn = event.angleDelta()
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._move_by(turn.x() or turn.y(), 0)
        else:
            if turn.y():
                self.zoom(STEP ** (turn.y() / NOTCH), event.position())
            if turn.x():
                self._move_by(turn.x(), 0)
        event.accept()

    def _move_by(self, across: int, down: int) -> None:
        """By a tenth of what is in sight for each notch."""
        window = self.window_in_sight
        rows, columns = (-size * turn / NOTCH / 10 for size, turn in ((window.rows, down), (window.columns, across)))
        self.show_window(window.moved(_away(rows), _away(columns)))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self.window_in_sight.zoomed and event.button() == Qt.MouseButton.LeftButton:
            self._pressed = event.position()
            self._dragged_from = event.position(), self.window_in_sight
        else:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._dragged_from is None or not event.buttons() & Qt.MouseButton.LeftButton:
            super().mouseMoveEvent(event)
            return
        start, window = self._dragged_from
        way = event.position() - start
        if self._pressed is not None and way.manhattanLength() < QApplication.startDragDistance():
            return
        self._pressed = None
        self.setCursor(Qt.CursorShape.ClosedHandCursor)
        self.show_window(window.moved(-round(way.y() / self.rows.pitch), -round(way.x() / self.columns.pitch)))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        pressed, self._pressed, self._dragged_from = self._pressed, None, None
        if pressed is not None:  # a click: nothing was dragged
            super().mousePressEvent(event)
        self._announce()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._pressed = self._dragged_from = None
        self.zoom(0)

    def event(self, event: QEvent) -> bool:
        kind = event.type()
        if kind == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and _zoom_key(event) is not None:
            event.accept()
            return True
        if kind == QEvent.Type.NativeGesture and isinstance(event, QNativeGestureEvent):
            if event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
                self.zoom(1 / max(0.1, 1 + event.value()), event.position())
                return True
        elif kind == QEvent.Type.Gesture and isinstance(event, QGestureEvent):
            pinch = event.gesture(Qt.GestureType.PinchGesture)
            if isinstance(pinch, QPinchGesture):
                centre = self.mapFromGlobal(pinch.centerPoint().toPoint())
                self.zoom(1 / max(0.1, pinch.scaleFactor()), QPointF(centre))
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        factor = _zoom_key(event)
        if factor is None:
            super().keyPressEvent(event)
        else:
            self.zoom(factor)


def _zoom_key(event: QKeyEvent) -> float | None:
    """How a key zooms, or None. Shift alone is let pass: on many keyboards it makes the +."""
    least = Qt.KeyboardModifier.KeypadModifier | Qt.KeyboardModifier.ShiftModifier
    plain = event.modifiers() & ~least == Qt.KeyboardModifier.NoModifier
    return _ZOOM_KEYS.get(Qt.Key(event.key())) if plain else None


def _away(cells: float) -> int:
    """Whole cells, at least one where there is to be any movement."""
    return round(cells) or (1 if cells > 0 else -1 if cells < 0 else 0)
