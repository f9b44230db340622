"""Which columns of plots above one another are in sight: thousands of tokens fit in by zooming and scrolling."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPointF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QScrollBar, QWidget

from embstudio.gui.plots.cell_window import CellWindow
from embstudio.gui.plots.column_plot import ColumnPlot
from embstudio.gui.plots.columns import Columns
from embstudio.gui.plots.zoom_grid import NOTCH, STEP
from embstudio.gui.style.theme import Theme

FEW = 24  # columns that are always read easily: the wheel is left to the panel
_KEYS = {Qt.Key.Key_Plus: STEP, Qt.Key.Key_Equal: STEP, Qt.Key.Key_Minus: 1 / STEP, Qt.Key.Key_0: 0.0}


class ColumnsInSight(QObject):
    """Shared by the plots that scroll together. changed(): other columns are in sight."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.window = CellWindow.whole(1, 0)

    @property
    def start(self) -> int:
        return self.window.column

    @property
    def count(self) -> int:
        """How many are in sight."""
        return self.window.columns

    @property
    def of(self) -> int:
        """How many there are."""
        return self.window.of_columns

    def take(self, count: int) -> None:
        """There are `count` columns now; all are shown, unless there were as many before."""
        if count != self.of:
            self._show(CellWindow.whole(1, count))

    def zoom(self, factor: float, share: float = 0.5) -> None:
        """`factor` times as many columns, around a place from 0 (left) to 1; 0: all."""
        if not self.of:
            return
        if factor == 0:
            self._show(CellWindow.whole(1, self.of))
            return
        held = self.start + share * self.count
        self._show(self.window.scaled(factor).holding(0, held, share, 0))

    def move(self, columns: int) -> None:
        """So many columns on."""
        self._show(self.window.moved(0, columns))

    def bring(self, column: int) -> None:
        """Move just far enough to have a column in sight."""
        self._show(self.window.showing(0, column))

    def _show(self, window: CellWindow) -> None:
        if window != self.window:
            self.window = window
            self.changed.emit()


class WidePlot(ColumnPlot):
    """A plot of which `sight` says what columns are shown. The wheel zooms at the pointer; Shift and the wheel move;
    with the focus + and − zoom, 0 shows all. Columns are counted from the first there is, not the first in sight.

    hovered(column), unhovered(), picked(column). right: pixels kept free to the right of the columns.
    """

    right = 8.0

    def __init__(self, theme: Theme, sight: ColumnsInSight, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.sight = sight
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        sight.changed.connect(self.redraw)

    def redraw(self) -> None:
        """Draw anew: values, colours or the columns in sight changed."""
        self.update()

    @property
    def count(self) -> int:
        return self.sight.count

    @property
    def columns(self) -> Columns:
        return Columns(self._gutter, max(1.0, self.width() - self._gutter - self.right), self.count)

    def centre(self, column: float) -> float:
        """Where a column, or a place between columns, lies across the widget."""
        return self.columns.centre(0) + self.columns.pitch * (column - self.sight.start)

    def place_at(self, position: QPointF) -> tuple[int] | None:
        column = self.columns.at(position.x())
        return None if column is None else (column + self.sight.start,)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        place = self.place_at(event.position())
        if place is not None and event.button() == Qt.MouseButton.LeftButton:
            self.picked.emit(place[0])

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.sight.zoom(0)

    def wheelEvent(self, event: QWheelEvent) -> None:
        turn = event.angleDelta()
        whole = not self.sight.window.zoomed
        if whole and (turn.y() < 0 or self.sight.of <= FEW):
            event.ignore()  # everything is in sight: the panel scrolls
            return
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier or not turn.y():
            way = -(turn.x() or turn.y()) / NOTCH * self.count / 10
            self.sight.move(round(way) or (1 if way > 0 else -1))
        else:
            columns = self.columns
            share = (event.position().x() - columns.left) / columns.width
            self.sight.zoom(STEP ** (turn.y() / NOTCH), min(1.0, max(0.0, share)))
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        plain = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier)
        factor = _KEYS.get(Qt.Key(event.key())) if plain else None
        if factor is None:
            super().keyPressEvent(event)
        else:
            self.sight.zoom(factor)


class ColumnScroll(QScrollBar):
    """Scrolls the columns; seen while some are out of sight."""

    def __init__(self, sight: ColumnsInSight, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._sight = sight
        self.setAccessibleName("Tokens in sight")
        self.valueChanged.connect(lambda value: sight.move(value - sight.start))
        sight.changed.connect(self._follow)
        self._follow()

    def _follow(self) -> None:
        window = self._sight.window
        self.blockSignals(True)
        self.setRange(0, window.of_columns - window.columns)
        self.setPageStep(max(1, window.columns))
        self.setValue(window.column)
        self.blockSignals(False)
        self.setVisible(window.zoomed)
