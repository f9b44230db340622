"""The rows of a list, for Qt's view."""

from __future__ import annotations

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtWidgets import QWidget

from embstudio.gui.panels.watches.row import Row

_Index = QModelIndex | QPersistentModelIndex
_TOP = QModelIndex()
ROW = Qt.ItemDataRole.UserRole


class RowModel(QAbstractListModel):
    """edited(row, text): the person wrote another expression. toggled(row, enabled)."""

    edited = Signal(int, str)
    toggled = Signal(int, bool)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.rows: tuple[Row, ...] = ()

    def set_rows(self, rows: tuple[Row, ...]) -> None:
        """Take the rows; those of the same expressions keep their place and whatever is being done with them."""
        before = [row.text for row in self.rows]
        after = [row.text for row in rows]
        if len(before) == len(after):
            self.rows = rows
            if rows:
                self.dataChanged.emit(self.index(0), self.index(len(rows) - 1))
            return
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()

    def rowCount(self, parent: _Index = _TOP) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def flags(self, index: _Index) -> Qt.ItemFlag:
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEditable
        if index.isValid() and self.rows[index.row()].enabled is not None:
            flags |= Qt.ItemFlag.ItemIsUserCheckable
        return flags

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row = self.rows[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return row.text
        if role == ROW:
            return row
        if role == Qt.ItemDataRole.CheckStateRole and row.enabled is not None:
            return Qt.CheckState.Checked if row.enabled else Qt.CheckState.Unchecked
        if role in (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.AccessibleDescriptionRole):
            return row.spoken
        return None

    def setData(self, index: _Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role == Qt.ItemDataRole.EditRole:
            self.edited.emit(index.row(), str(value))
            return True
        if role == Qt.ItemDataRole.CheckStateRole:
            self.toggled.emit(index.row(), Qt.CheckState(value) == Qt.CheckState.Checked)
            return True
        return False
