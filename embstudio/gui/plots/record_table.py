"""Some rows of a set of vectors with all that is known of each: its word, and its columns of metadata."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence
from PySide6.QtWidgets import QHeaderView, QWidget

from embstudio.gui.plots.plain_table import PlainTable
from embstudio.gui.plots.token_label import visible_text
from embstudio.gui.style.theme import Theme

_Index = QModelIndex | QPersistentModelIndex
_TOP = QModelIndex()
SORTED = 300_000  # lines at most: the window waits for their order
UNSORTED = f"Lists of more than {SORTED:,} lines stay in the set's order"


class RecordModel(QAbstractTableModel):
    """Word, columns of metadata, row. Texts are looked up when they are painted: a selection may be a million rows."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.rows = np.zeros(0, np.intp)  # in the order in which they are listed
        self._given = self.rows
        self._words: Sequence[str] = ()
        self._columns: list[tuple[str, Sequence[str]]] = []

    def set_rows(self, rows: np.ndarray, words: Sequence[str], columns: Mapping[str, Sequence[str]]) -> None:
        """Take places [m] in the words and in each column."""
        self.beginResetModel()
        self.rows = self._given = rows
        self._words, self._columns = words, list(columns.items())
        self.endResetModel()

    @property
    def names(self) -> list[str]:
        """Of the columns."""
        return ["word", *(name for name, _values in self._columns), "row"] if len(self.rows) else ["word"]

    def texts(self, row: int) -> list[str]:
        """All that is known of a row of the set, a text for each column."""
        return [self._words[row], *(values[row] for _name, values in self._columns), str(row + 1)]

    def rowCount(self, parent: _Index = _TOP) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: _Index = _TOP) -> int:
        return 0 if parent.isValid() else len(self.names)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row, column = int(self.rows[index.row()]), index.column()
        if role == Qt.ItemDataRole.TextAlignmentRole and column == len(self._columns) + 1:
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return None
        if column == len(self._columns) + 1:
            text = f"{row + 1:,}"
        else:
            text = self._columns[column - 1][1][row] if column else visible_text(self._words[row])
        return f"{text}\nrow {row + 1:,}" if role == Qt.ItemDataRole.ToolTipRole else text

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self.names[section] if section < len(self.names) else None
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.ToolTipRole:
            return "A click sorts, a third one puts the lines back in the set's order" if self._sortable else UNSORTED
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """By numbers where all values of a column are, else by texts whatever their case; what is empty comes last. A
        column below 0 is the set's order. Of very long lists nothing happens."""
        if not self._sortable:
            return
        down = order == Qt.SortOrder.DescendingOrder
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        at = [(int(self.rows[index.row()]), index.column()) for index in before]
        if not 0 <= column < len(self.names):
            self.rows = self._given
        elif column == len(self._columns) + 1:
            self.rows = np.sort(self._given)[:: -1 if down else 1]
        else:
            values = self._columns[column - 1][1] if column else self._words
            self.rows = _ordered(self._given, [values[row] for row in self._given.tolist()], down=down)
        places = {row: place for place, row in enumerate(self.rows.tolist())} if at else {}
        self.changePersistentIndexList(before, [self.index(places[row], column) for row, column in at])
        self.layoutChanged.emit()

    @property
    def _sortable(self) -> bool:
        return len(self._given) <= SORTED


def _ordered(rows: np.ndarray, texts: Sequence[str], *, down: bool) -> np.ndarray:
    """Rows in the order of their texts; equal ones as they come."""
    numbers = _numbers(texts)
    keys = numbers if numbers is not None else [text.strip().casefold() for text in texts]
    blank = [not text.strip() for text in texts]
    full = [place for place in range(len(texts)) if not blank[place]]
    ordered = sorted(full, key=keys.__getitem__, reverse=down)
    return np.asarray(rows[[*ordered, *(place for place, empty in enumerate(blank) if empty)]])


def _numbers(texts: Sequence[str]) -> list[float] | None:
    """Their values, if all that are not empty are numbers."""
    try:
        values = [float(text) if text.strip() else 0.0 for text in texts]
    except ValueError:
        return None
    return values if all(value == value for value in values) else None  # NaN has no place in an order


class RecordTable(PlainTable):
    """picked(row): of the set, where a line was clicked or Enter was pressed. narrowed(rows): no other lines are wanted
    any more."""

    picked = Signal(int)
    narrowed = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.records = RecordModel(self)
        self.setModel(self.records)
        self.setObjectName("recordTable")
        self.setAccessibleName("Selected vectors")
        self.setWordWrap(False)
        self.verticalHeader().hide()
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setStretchLastSection(True)
        header.setHighlightSections(False)
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        header.setSortIndicatorClearable(True)
        self.setSortingEnabled(True)
        self.records.modelReset.connect(lambda: header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder))
        for signal in (self.clicked, self.activated):
            signal.connect(lambda index: self.picked.emit(int(self.records.rows[index.row()])))
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        for text, keys, do in (
            ("Copy the lines", QKeySequence(QKeySequence.StandardKey.Copy), self.copy),
            ("Copy the words", QKeySequence(), self.copy_words),
            ("Keep only these selected", QKeySequence(), lambda: self.narrowed.emit(np.sort(self.marked))),
        ):
            action = QAction(text, self)
            action.setShortcut(keys)
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
            action.triggered.connect(lambda _checked=False, do=do: do())
            self.addAction(action)
        self.restyle()

    @property
    def marked(self) -> np.ndarray:
        """Rows of the set in the lines that are marked, from the top; all where none is."""
        lines = sorted(index.row() for index in self.selectionModel().selectedRows())
        return self.records.rows[lines] if lines else self.records.rows

    def copy(self) -> None:
        """Put the marked lines on the clipboard, with the columns' names, between tabs."""
        lines = [self.records.names, *(self.records.texts(row) for row in self.marked.tolist())]
        plain = ("\t".join(" ".join(text.split()) for text in line) for line in lines)
        QGuiApplication.clipboard().setText("\n".join(plain) + "\n")

    def copy_words(self) -> None:
        """Put the words of the marked lines on the clipboard, one a line."""
        words = (self.records.texts(row)[0].strip() for row in self.marked.tolist())
        QGuiApplication.clipboard().setText("\n".join(words) + "\n")

    def restyle(self) -> None:
        """Fonts or colours changed."""
        self.setFont(self.theme.font())
        self.horizontalHeader().setFont(self.theme.font("small"))
        self.horizontalHeader().setDefaultSectionSize(15 * self.fontMetrics().averageCharWidth())
        self.fit_rows()

    def sizeHint(self) -> QSize:
        return QSize(round(220 * self.theme.scale), 200)

    def minimumSizeHint(self) -> QSize:
        return QSize(round(150 * self.theme.scale), 4 * self.verticalHeader().defaultSectionSize())
