"""The weights of one query as numbers: sortable, in words for screen readers, cheap to change on every step."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QWidget

from embstudio.gui.plots.plain_table import PlainTable
from embstudio.gui.style.theme import Theme

_HEADERS = ("#", "to")  # and what the weights are
_Index = QModelIndex | QPersistentModelIndex
_TOP = QModelIndex()


class WeightsModel(QAbstractTableModel):
    """One row a key: its number from 1, its token, its weight (— where the query cannot look)."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._labels: tuple[str, ...] = ()
        self._weights = np.zeros(0)
        self._measure = "weight"
        self.order = np.zeros(0, dtype=np.intp)  # key of each row
        self._sort_column, self._descending = 2, True

    def set_labels(self, labels: Sequence[str]) -> None:
        """Take the tokens of the keys."""
        self.beginResetModel()
        self._labels = tuple(labels)
        self._weights = np.zeros(len(labels))
        self.order = np.arange(len(labels))
        self.endResetModel()

    def set_weights(self, weights: np.ndarray, measure: str = "weight") -> None:
        """Take the weights [key] of another query; the order stays by the column chosen. measure: what they are."""
        self._weights = weights
        if measure != self._measure:
            self._measure = measure
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, 2, 2)
        self._arrange()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        self._sort_column, self._descending = column, order == Qt.SortOrder.DescendingOrder
        self._arrange()

    def _arrange(self) -> None:
        if self._sort_column == 2:
            size = np.where(np.isnan(self._weights), -1.0, self._weights)
            self.order = np.argsort(-size if self._descending else size, kind="stable")
        else:
            keys = self._labels if self._sort_column == 1 else range(len(self._labels))
            self.order = np.array(sorted(range(len(self._labels)), key=lambda at: keys[at]), dtype=np.intp)
            if self._descending:
                self.order = self.order[::-1]
        if len(self._labels):
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._labels) - 1, len(_HEADERS)))

    def rowCount(self, parent: _Index = _TOP) -> int:
        return 0 if parent.isValid() else len(self._labels)

    def columnCount(self, parent: _Index = _TOP) -> int:
        return 0 if parent.isValid() else len(_HEADERS) + 1

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column() != 1:
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        key = int(self.order[index.row()])
        if index.column() == 0:
            return str(key + 1)
        if index.column() == 1:
            return self._labels[key]
        weight = float(self._weights[key])
        return "—" if np.isnan(weight) else f"{weight:.4f}"

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return (*_HEADERS, self._measure)[section]
        return None


class WeightsTable(PlainTable):
    """The table. picked(key): a row was chosen with the mouse or the keyboard."""

    picked = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.weights = WeightsModel(self)
        self.setModel(self.weights)
        self.setAccessibleName("Weights of the current token")
        self.setSortingEnabled(True)
        self.sortByColumn(2, Qt.SortOrder.DescendingOrder)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.verticalHeader().hide()
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        header.setHighlightSections(False)
        self.clicked.connect(self._pick)
        self.activated.connect(self._pick)
        self.restyle()

    def restyle(self) -> None:
        """Fonts or colours changed."""
        self.setFont(self.theme.font("small"))
        metrics = self.fontMetrics()
        header = self.horizontalHeader()
        header.setFont(self.theme.font("small"))
        header.setMinimumSectionSize(metrics.horizontalAdvance("00") + 8)
        header.setFixedHeight(metrics.height() + 6)
        self.fit_rows()
        self._fit_numbers()
        self.setColumnWidth(2, metrics.horizontalAdvance("weight") + 26)

    def set_labels(self, labels: Sequence[str]) -> None:
        """Take the tokens of the keys."""
        self.weights.set_labels(labels)
        self._fit_numbers()

    def _fit_numbers(self) -> None:
        """Make the first column as wide as its longest number."""
        digits = max(2, len(str(self.weights.rowCount())))
        self.setColumnWidth(0, self.fontMetrics().horizontalAdvance("0" * digits) + 12)

    def _pick(self, index: QModelIndex) -> None:
        self.picked.emit(int(self.weights.order[index.row()]))
