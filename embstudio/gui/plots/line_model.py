"""What tables of lines have in common: a cell of text for each column, words to the left and numbers to the right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QWidget

Line = TypeVar("Line")

_Index = QModelIndex | QPersistentModelIndex
_TOP = QModelIndex()
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)


class LineModel(QAbstractTableModel, Generic[Line]):
    """rows: the lines. Subclasses name the columns (`headings`) and those that hold words (`words`), and write `cells`
    and `tip`."""

    headings: tuple[str, ...] = ()
    words: frozenset[int] = frozenset({1})

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.rows: tuple[Line, ...] = ()

    def take(self, rows: Sequence[Line]) -> None:
        """Show other lines."""
        self.beginResetModel()
        self.rows = tuple(rows)
        self.endResetModel()

    def cells(self, place: int, line: Line) -> Sequence[str]:
        """What stands in the columns of a line, the first of which has the place 0."""
        raise NotImplementedError

    def tip(self, place: int, line: Line) -> str:
        """What is told of a line under the mouse."""
        raise NotImplementedError

    def heading_tip(self, section: int) -> str:
        """What is told of a column."""
        return ""

    def rowCount(self, parent: _Index = _TOP) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: _Index = _TOP) -> int:
        return 0 if parent.isValid() else len(self.headings)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        place, section = index.row(), index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return self.cells(place, self.rows[place])[section]
        if role == Qt.ItemDataRole.ToolTipRole:
            return self.tip(place, self.rows[place])
        return self._side(section) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.headings[section]
        if role == Qt.ItemDataRole.ToolTipRole:
            return self.heading_tip(section) or None
        return self._side(section) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def _side(self, section: int) -> int:
        return _LEFT if section in self.words else _RIGHT
