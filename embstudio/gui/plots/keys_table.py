"""One query's calculation for all keys at once: a row a key, a column a stage."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QWidget

from embstudio.gui.plots.plain_table import PlainTable
from embstudio.gui.style.numbers import four
from embstudio.gui.style.theme import Theme
from embstudio.stepper.key_columns import KeyColumn

_Index = QModelIndex | QPersistentModelIndex
_TOP = QModelIndex()
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
ROWS_IN_SIGHT = 4


class KeysModel(QAbstractTableModel):
    """Number and token of each key, then its value at each stage (— where it is not known)."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._labels: tuple[str, ...] = ()
        self._columns: tuple[KeyColumn, ...] = ()
        self._sort_column, self._descending = 0, False
        self.order = np.zeros(0, dtype=np.intp)  # key of each row

    def set_columns(self, labels: Sequence[str], columns: Sequence[KeyColumn]) -> None:
        """Take the keys and their values; the order stays by the column chosen."""
        same = len(labels) == len(self._labels) and len(columns) == len(self._columns)
        if not same:
            self.beginResetModel()
        self._labels, self._columns = tuple(labels), tuple(columns)
        self._arrange()
        if not same:
            self.endResetModel()
        self._tell()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        self._sort_column, self._descending = column, order == Qt.SortOrder.DescendingOrder
        self._arrange()
        self._tell()

    def _tell(self) -> None:
        if self._labels:
            last = self.index(len(self._labels) - 1, self.columnCount() - 1)
            self.dataChanged.emit(self.index(0, 0), last)

    def _arrange(self) -> None:
        if self._sort_column >= 2 and self._sort_column - 2 < len(self._columns):
            values = self._columns[self._sort_column - 2].values
            values = np.where(np.isnan(values), -np.inf, values)
            self.order = np.argsort(-values if self._descending else values, kind="stable")
            return
        names = self._labels if self._sort_column == 1 else range(len(self._labels))
        self.order = np.array(sorted(range(len(self._labels)), key=lambda key: names[key]), dtype=np.intp)
        if self._descending:
            self.order = self.order[::-1]

    def rowCount(self, parent: _Index = _TOP) -> int:
        return 0 if parent.isValid() else len(self._labels)

    def columnCount(self, parent: _Index = _TOP) -> int:
        return 0 if parent.isValid() else len(self._columns) + 2

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column() != 1:
            return _RIGHT
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        key = int(self.order[index.row()])
        if index.column() < 2:
            return self._labels[key] if index.column() else str(key + 1)
        value = float(self._columns[index.column() - 2].values[key])
        return "—" if np.isnan(value) else four(value)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.ToolTipRole and section >= 2:
            return self._columns[section - 2].about
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        return ("#", "key")[section] if section < 2 else self._columns[section - 2].title


class KeysTable(PlainTable):
    """The table; the chain's key is selected. picked(key): another row was chosen."""

    picked = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.keys = KeysModel(self)
        self.setModel(self.keys)
        self.setAccessibleName("The same calculation for all keys")
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.setSortingEnabled(True)
        self.sortByColumn(0, Qt.SortOrder.AscendingOrder)
        self.clicked.connect(self._pick)
        self.activated.connect(self._pick)
        self.restyle()

    def set_columns(self, labels: Sequence[str], columns: Sequence[KeyColumn], key: int) -> None:
        """Take another query's values, and mark a key."""
        self.keys.set_columns(labels, columns)
        self._fit_numbers()
        row = int(np.flatnonzero(self.keys.order == key)[0])
        if self.currentIndex().row() != row:
            self.selectRow(row)

    def minimumSizeHint(self) -> QSize:
        rows = ROWS_IN_SIGHT * self.verticalHeader().defaultSectionSize()
        return QSize(200, rows + self.horizontalHeader().sizeHint().height())

    def restyle(self) -> None:
        """Fonts or colours changed."""
        self.setFont(self.theme.font("small"))
        self.horizontalHeader().setFont(self.theme.font("small"))
        self.fit_rows()
        self._fit_numbers()

    def _fit_numbers(self) -> None:
        """Make the first column as wide as its longest number; the others share the rest."""
        if self.keys.columnCount() > 2:
            digits = max(3, len(str(self.keys.rowCount())))
            self.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Fixed)
            self.setColumnWidth(0, self.fontMetrics().horizontalAdvance("0" * digits) + 18)

    def _pick(self, index: QModelIndex) -> None:
        self.picked.emit(int(self.keys.order[index.row()]))
