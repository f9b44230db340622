"""A frame around cells that can be zoomed: scroll bars while something is out of sight, and buttons."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QScrollBar, QToolButton, QWidget

from embstudio.gui.plots.zoom_grid import STEP, ZoomGrid


class ZoomButtons(QWidget):
    """−, + and all. pressed(factor): as `ZoomGrid.zoom` takes it."""

    pressed = Signal(float)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        for name, text, factor, tip in (
            ("ZoomOut", "−", 1 / STEP, "See more tokens (−, or turn the wheel)"),
            ("ZoomIn", "+", STEP, "See fewer tokens, larger (+, or turn the wheel)"),
            ("ZoomAll", "all", 0.0, "See all tokens (0, or double-click the map)"),
        ):
            button = QToolButton(self)
            button.setObjectName(name)
            button.setText(text)
            button.setToolTip(tip)
            button.setAccessibleName(tip.partition(" (")[0])
            button.setAutoRaise(True)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.clicked.connect(partial(self.pressed.emit, factor))
            row.addWidget(button)


class ZoomFrame(QWidget):
    """Shows a ZoomGrid. The buttons lie in the grid's upper right corner: it keeps that free (`buttons_size`)."""

    def __init__(self, grid: ZoomGrid, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.grid = grid
        self._down = QScrollBar(Qt.Orientation.Vertical, self)
        self._down.setAccessibleName("Rows in sight")
        self._across = QScrollBar(Qt.Orientation.Horizontal, self)
        self._across.setAccessibleName("Columns in sight")
        self.buttons = ZoomButtons(self)
        self.buttons.pressed.connect(grid.zoom)
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(grid, 0, 0)
        layout.addWidget(self._down, 0, 1)
        layout.addWidget(self._across, 1, 0)
        for bar in (self._down, self._across):
            bar.hide()
            bar.valueChanged.connect(self._scroll)
        grid.window_changed.connect(self._follow)

    @property
    def buttons_size(self) -> QSize:
        """Room that the buttons take of the grid."""
        return self.buttons.sizeHint()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_buttons()

    def _place_buttons(self) -> None:
        size = self.buttons.sizeHint()
        bar = self._down.sizeHint().width() if not self._down.isHidden() else 0
        self.buttons.setGeometry(self.width() - size.width() - bar, 0, size.width(), size.height())
        self.buttons.raise_()

    def _follow(self) -> None:
        """The grid shows other cells."""
        window = self.grid.window_in_sight
        for bar, at, shown, count in (
            (self._down, window.row, window.rows, window.of_rows),
            (self._across, window.column, window.columns, window.of_columns),
        ):
            bar.blockSignals(True)
            bar.setRange(0, count - shown)
            bar.setPageStep(shown)
            bar.setValue(at)
            bar.blockSignals(False)
            bar.setVisible(window.zoomed)
        self._place_buttons()

    def _scroll(self) -> None:
        window = self.grid.window_in_sight
        self.grid.show_window(window.moved(self._down.value() - window.row, self._across.value() - window.column))
