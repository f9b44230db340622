"""Numbers of all units in columns, sorted by any of them, cheap to change on every step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QWidget

from embstudio.gui.plots.plain_table import PlainTable
from embstudio.gui.style.numbers import four
from embstudio.gui.style.theme import Theme

_Index = QModelIndex | QPersistentModelIndex
_TOP = QModelIndex()
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)


@dataclass(frozen=True)
class UnitColumn:
    """about: the tooltip of the header. written: how a number is written. by_size: whether it is sorted by size,
    whatever the sign."""

    title: str
    about: str
    written: Callable[[float], str] = four
    by_size: bool = False


class UnitModel(QAbstractTableModel):
    """One row a unit: its number, then its values. order: the unit of each row."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.columns: tuple[UnitColumn, ...] = ()
        self.values: tuple[np.ndarray, ...] = ()
        self.order = np.zeros(0, np.intp)
        self._sorted_by, self._descending = 0, False

    def set_columns(self, columns: Sequence[UnitColumn]) -> None:
        """Take what there is to know of a unit."""
        if tuple(columns) != self.columns:
            self.beginResetModel()
            self.columns, self.values, self.order = tuple(columns), (), np.zeros(0, np.intp)
            self.endResetModel()

    def set_values(self, values: Sequence[np.ndarray]) -> None:
        """Take the values [unit] of each column; NaN is written as —."""
        count = len(values[0]) if values else 0
        if count != len(self.order):
            self.beginResetModel()
            self.values, self.order = tuple(values), np.arange(count)
            self._arrange()
            self.endResetModel()
            return
        self.values = tuple(values)
        self._arrange()
        self._tell()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        self._sorted_by, self._descending = column, order == Qt.SortOrder.DescendingOrder
        self._arrange()
        self._tell()

    def row_of(self, unit: int) -> int:
        """Where a unit stands."""
        found = np.flatnonzero(self.order == unit)
        return int(found[0]) if found.size else -1

    def _tell(self) -> None:
        if len(self.order):
            self.dataChanged.emit(self.index(0, 0), self.index(len(self.order) - 1, len(self.columns)))

    def _arrange(self) -> None:
        """What has no number comes last, whichever way it is sorted."""
        if not self.values:
            return
        if not 0 < self._sorted_by <= len(self.values):
            units = np.arange(len(self.values[0]))
            self.order = units[::-1] if self._descending else units
            return
        key = self.values[self._sorted_by - 1]
        key = np.abs(key) if self.columns[self._sorted_by - 1].by_size else key
        key = -key if self._descending else key
        self.order = np.argsort(np.where(np.isnan(key), np.inf, key), kind="stable")

    def rowCount(self, parent: _Index = _TOP) -> int:
        return 0 if parent.isValid() else len(self.order)

    def columnCount(self, parent: _Index = _TOP) -> int:
        return 0 if parent.isValid() else len(self.columns) + 1

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        unit = int(self.order[index.row()])
        if not index.column():
            return str(unit)
        value = float(self.values[index.column() - 1][unit])
        return "—" if np.isnan(value) else self.columns[index.column() - 1].written(value)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation != Qt.Orientation.Horizontal or section > len(self.columns):
            return None
        column = self.columns[section - 1] if section else UnitColumn("unit", "The model's own number of the unit")
        if role == Qt.ItemDataRole.DisplayRole:
            return column.title
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{column.about}\nclick: sort by this"
        return _RIGHT if role == Qt.ItemDataRole.TextAlignmentRole else None


class UnitTable(PlainTable):
    """picked(unit): a row was chosen with the mouse or the keyboard. pointed(unit): the mouse is over a row."""

    picked = Signal(int)
    pointed = Signal(int)
    unpointed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.units = UnitModel(self)
        self.setModel(self.units)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setMouseTracking(True)
        self.setSortingEnabled(True)
        self.verticalHeader().hide()
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.horizontalHeader().setHighlightSections(False)
        self._silent = False
        self._unit = -1
        self.selectionModel().currentRowChanged.connect(self._on_row)
        self.entered.connect(lambda index: self.pointed.emit(int(self.units.order[index.row()])))
        self.viewportEntered.connect(self.unpointed)
        self.restyle()

    def restyle(self) -> None:
        """Fonts or colours changed."""
        self.setFont(self.theme.font("small"))
        header = self.horizontalHeader()
        header.setFont(self.theme.font("small"))
        header.setFixedHeight(self.fontMetrics().height() + 6)
        header.setMinimumSectionSize(self.fontMetrics().horizontalAdvance("−0.00000") + 14)
        self.fit_rows()

    def set_unit(self, unit: int) -> None:
        """Show which unit is the current one. Another one is scrolled to; where the same one only stands elsewhere
        now, the table stays where it is."""
        row = self.units.row_of(unit)
        if row >= 0 and row != self.currentIndex().row():
            self._silent = True
            self.setAutoScroll(unit != self._unit)
            self.setCurrentIndex(self.units.index(row, max(0, self.currentIndex().column())))
            self.setAutoScroll(True)
            self._silent = False
        self._unit = unit

    def _on_row(self, index: QModelIndex, _previous: QModelIndex) -> None:
        if index.isValid() and not self._silent:
            self._unit = int(self.units.order[index.row()])
            self.picked.emit(self._unit)
