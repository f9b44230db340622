"""The tokens under plots that zoom together, and the scroll bar for those out of sight."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from embstudio.gui.plots.columns_in_sight import ColumnScroll, ColumnsInSight
from embstudio.gui.plots.heat_map import RIGHT
from embstudio.gui.plots.token_axis import TokenAxis
from embstudio.gui.style.theme import Theme


class SightAxis(QWidget):
    """picked(column): a click on a column, counted from the first there is."""

    picked = Signal(int)

    def __init__(self, theme: Theme, sight: ColumnsInSight, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.sight = sight
        self.axis = TokenAxis(theme, self)
        self.axis.picked.connect(lambda column: self.picked.emit(column + sight.start))
        self._labels: tuple[str, ...] = ()
        self._column: int | None = None
        self._gutter, self._right = 100, RIGHT
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(0)
        self._box.addWidget(self.axis)
        self._box.addWidget(ColumnScroll(sight, self))
        sight.changed.connect(self._follow)

    def set_labels(self, labels: Sequence[str]) -> None:
        """Take the labels of all columns."""
        self._labels = tuple(labels)
        self._follow()

    def set_column(self, column: int | None) -> None:
        """Mark the current column."""
        self._column = column
        self._follow()

    def set_margins(self, gutter: int, right: float) -> None:
        """The room that the plots leave beside their columns."""
        if (gutter, right) != (self._gutter, self._right):
            self._gutter, self._right = gutter, round(right)
            self._box.setContentsMargins(0, 0, max(0, self._right - RIGHT), 0)
            self._follow()

    def _follow(self) -> None:
        start, end = self.sight.start, self.sight.start + self.sight.count
        self.axis.first = start
        self.axis.set_labels(self._labels[start:end], self._gutter)
        column = self._column
        self.axis.set_column(column - start if column is not None and start <= column < end else None)
