"""Some rows of a set of vectors with all that is known of each: its word, and its columns of metadata."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtWidgets import QHeaderView, QWidget

from embstudio.gui.plots.plain_table import PlainTable
from embstudio.gui.plots.token_label import visible_text
from embstudio.gui.style.theme import Theme

_Index = QModelIndex | QPersistentModelIndex
_TOP = QModelIndex()


class RecordModel(QAbstractTableModel):
    """Texts are looked up when they are painted: a selection may be a million rows."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.rows = np.zeros(0, np.intp)
        self._words: Sequence[str] = ()
        self._columns: list[tuple[str, Sequence[str]]] = []

    def set_rows(self, rows: np.ndarray, words: Sequence[str], columns: Mapping[str, Sequence[str]]) -> None:
        """Take places [m] in the words and in each column."""
        self.beginResetModel()
        self.rows, self._words, self._columns = rows, words, list(columns.items())
        self.endResetModel()

    def rowCount(self, parent: _Index = _TOP) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: _Index = _TOP) -> int:
        return 0 if parent.isValid() else 1 + len(self._columns)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return None
        row = int(self.rows[index.row()])
        text = self._columns[index.column() - 1][1][row] if index.column() else visible_text(self._words[row])
        return f"{text}\nrow {row + 1:,}" if role == Qt.ItemDataRole.ToolTipRole else text

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self._columns[section - 1][0] if section else "word"
        return None


class RecordTable(PlainTable):
    """picked(row): of the set, where a line was clicked or Enter was pressed."""

    picked = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.records = RecordModel(self)
        self.setModel(self.records)
        self.setObjectName("recordTable")
        self.setAccessibleName("Selected vectors")
        self.verticalHeader().hide()
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self.horizontalHeader().setStretchLastSection(True)
        self.horizontalHeader().setHighlightSections(False)
        for signal in (self.clicked, self.activated):
            signal.connect(lambda index: self.picked.emit(int(self.records.rows[index.row()])))
        self.restyle()

    def restyle(self) -> None:
        """Fonts or colours changed."""
        self.setFont(self.theme.font())
        self.horizontalHeader().setFont(self.theme.font("small"))
        self.fit_rows()

    def sizeHint(self) -> QSize:
        return QSize(round(220 * self.theme.scale), 200)

    def minimumSizeHint(self) -> QSize:
        return QSize(round(150 * self.theme.scale), 4 * self.verticalHeader().defaultSectionSize())
