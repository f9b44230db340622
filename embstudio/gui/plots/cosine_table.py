"""The cosine of each two of some vectors: a square table, coloured from −1 to 1."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QColor, QResizeEvent
from PySide6.QtWidgets import QHeaderView, QWidget

from embstudio.gui.plots.plain_table import PlainTable
from embstudio.gui.style.colour_maps import paint, signed_map
from embstudio.gui.style.numbers import MINUS
from embstudio.gui.style.theme import Theme

_Index = QModelIndex | QPersistentModelIndex
_TOP = QModelIndex()
_MIDDLE = int(Qt.AlignmentFlag.AlignCenter)
_WIDEST = "−.00"
_HIGHEST = 2.5  # times what a row needs


def short(value: float) -> str:
    """.74, −.45, 1.00; a value just below 1 is not called 1."""
    size = abs(value)
    text = f"{size:.2f}"
    if text == "1.00" and size < 0.99995:
        text = ".99+"
    return (MINUS if value < 0 and size >= 0.005 else "") + text.removeprefix("0")


class CosineModel(QAbstractTableModel):
    """labels: over and beside the cells; names: what they stand for; cosines: [n, n], NaN where there is none."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.labels: tuple[str, ...] = ()
        self.names: tuple[str, ...] = ()
        self.cosines = np.zeros((0, 0))

    def set_matrix(self, labels: Sequence[str], names: Sequence[str], cosines: np.ndarray) -> None:
        """Take another table; the cells of one of the same size only change."""
        same = len(labels) == len(self.labels)
        if not same:
            self.beginResetModel()
        self.labels, self.names, self.cosines = tuple(labels), tuple(names), cosines
        if not same:
            self.endResetModel()
        elif labels:
            last = len(labels) - 1
            self.dataChanged.emit(self.index(0, 0), self.index(last, last))
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, last)
            self.headerDataChanged.emit(Qt.Orientation.Vertical, 0, last)

    def recolour(self) -> None:
        """The colours changed."""
        if self.labels:
            last = len(self.labels) - 1
            self.dataChanged.emit(self.index(0, 0), self.index(last, last))

    def rowCount(self, parent: _Index = _TOP) -> int:
        return 0 if parent.isValid() else len(self.labels)

    def columnCount(self, parent: _Index = _TOP) -> int:
        return 0 if parent.isValid() else len(self.labels)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row, column = index.row(), index.column()
        value = float(self.cosines[row, column])
        if role == Qt.ItemDataRole.DisplayRole:
            return "—" if math.isnan(value) else short(value)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _MIDDLE
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            said = "one of them is zero" if math.isnan(value) else f"cosine {value:.6f}".replace("-", MINUS)
            return f"{self.names[row]}\n{self.names[column]}\n{said}"
        if role == Qt.ItemDataRole.BackgroundRole:
            return None if math.isnan(value) else self._ground(value)
        if role == Qt.ItemDataRole.ForegroundRole and not math.isnan(value):
            return QColor("#101216" if self._ground(value).lightnessF() > 0.5 else "#FFFFFF")
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if role == Qt.ItemDataRole.DisplayRole:
            return self.labels[section]
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return self.names[section]
        return None

    def _ground(self, value: float) -> QColor:
        red, green, blue, _alpha = paint(np.array([value]), -1, 1, signed_map(self._theme.colours))[0].tolist()
        return QColor(red, green, blue)


class CosineTable(PlainTable):
    """picked(row): a cell or the title of a row was chosen."""

    picked = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.cells = CosineModel(theme, self)
        self.setModel(self.cells)
        self.setObjectName("cosineTable")
        self.setAccessibleName("The cosine of each two")
        self.setSelectionBehavior(CosineTable.SelectionBehavior.SelectItems)
        self.setSelectionMode(CosineTable.SelectionMode.SingleSelection)
        for header in (self.horizontalHeader(), self.verticalHeader()):
            header.setHighlightSections(True)
        self.horizontalHeader().setSectionsClickable(False)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.verticalHeader().sectionClicked.connect(self.picked)
        self.clicked.connect(lambda index: self.picked.emit(index.row()))
        self.restyle()

    def set_matrix(self, labels: Sequence[str], names: Sequence[str], cosines: np.ndarray) -> None:
        """Take another table."""
        before = self.cells.rowCount()
        self.cells.set_matrix(labels, names, cosines)
        if before != len(labels):
            self._spread()

    def restyle(self) -> None:
        """Fonts or colours changed."""
        self.setFont(self.theme.font("small"))
        for header in (self.horizontalHeader(), self.verticalHeader()):
            header.setFont(self.theme.font("small"))
        least = self.fontMetrics().horizontalAdvance(_WIDEST) + 8
        self.horizontalHeader().setMinimumSectionSize(least)
        self.fit_rows()
        self._spread()
        self.cells.recolour()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._spread()

    def _spread(self) -> None:
        """Rows higher than they need where there is room, so that the table fills its place."""
        least, count = self.verticalHeader().minimumSectionSize() + 4, self.cells.rowCount()
        room = self.viewport().height() // count if count else least
        self.verticalHeader().setDefaultSectionSize(max(least, min(room, round(_HIGHEST * least))))

    def minimumSizeHint(self) -> QSize:
        return QSize(round(140 * self.theme.scale), round(80 * self.theme.scale))
