"""Lines over tokens as a table of numbers, for whoever wants them exact or cannot see the picture."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QWidget

from embstudio.gui.plots.line_plot import Line
from embstudio.gui.plots.plain_table import PlainTable
from embstudio.gui.style.numbers import four
from embstudio.gui.style.theme import Theme

_Index = QModelIndex | QPersistentModelIndex
_TOP = QModelIndex()
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)


class ValueModel(QAbstractTableModel):
    """One row a token, one column a line. text_of(value): how a number is written."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._labels: tuple[str, ...] = ()
        self._lines: tuple[Line, ...] = ()
        self.text_of: Callable[[float], str] = four

    def set_lines(self, labels: Sequence[str], lines: Sequence[Line]) -> None:
        """Take the tokens and the lines."""
        self.beginResetModel()
        self._labels, self._lines = tuple(labels), tuple(lines)
        self.endResetModel()

    def rowCount(self, parent: _Index = _TOP) -> int:
        return 0 if parent.isValid() or not self._lines else len(self._labels)

    def columnCount(self, parent: _Index = _TOP) -> int:
        return 0 if parent.isValid() else len(self._lines)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT
        if role == Qt.ItemDataRole.DisplayRole:
            return self.text_of(float(self._lines[index.column()].values[index.row()]))
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        if orientation == Qt.Orientation.Horizontal:
            return self._lines[section].symbol
        return f"{section + 1}  {self._labels[section]}"


class ValueTable(PlainTable):
    """The table; the current token's row is selected. picked(column of the lines): another row was chosen."""

    picked = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.lines = ValueModel(self)
        self.setModel(self.lines)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.clicked.connect(lambda index: self.picked.emit(index.row()))
        self.activated.connect(lambda index: self.picked.emit(index.row()))
        self.restyle()

    def set_row(self, row: int) -> None:
        """Select the current token's row."""
        if self.currentIndex().row() != row:
            self.selectRow(row)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, 6 * self.verticalHeader().defaultSectionSize())

    def restyle(self) -> None:
        """Fonts or colours changed."""
        self.setFont(self.theme.mono("small"))
        self.fit_rows()
