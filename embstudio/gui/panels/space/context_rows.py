"""The sentences in which a word is looked at, as a table to edit: what the word means there, and the sentence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QColor, QPixmap

_Index = QModelIndex | QPersistentModelIndex
_TOP = QModelIndex()
FOUND, GROUP, SENTENCE = range(3)
_TITLES = ("", "group", "sentence")
_TIPS = (
    "How often the word stands in the sentence",
    "What the word means there, in a word or a letter of your own: points of a group have a colour and a shape",
    "The sentence",
)
MOST = 200  # sentences
Row = tuple[str, str]  # group, sentence


class ContextRows(QAbstractTableModel):
    """edited(): by the person, or taken back. word_restored(word): with the rows that were taken back. The last row is
    empty, to write into. At most 200 others. word: that they are about."""

    edited = Signal()
    word_restored = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.word = ""
        self.rows: list[Row] = []
        self.found: list[tuple[str, str]] = []  # what is said of each row: short, and whole
        self.quiet = QColor()
        self.signs: dict[str, QPixmap] = {}  # what the points of each group look like
        self._before: list[tuple[str, list[Row]]] = []

    # What is in it -------------------------------------------------------------------------------------------------

    def fill(self, rows: Iterable[Row], word: str | None = None) -> None:
        """Take other rows instead, about another word if one is given; can be taken back."""
        self._change(list(rows)[:MOST], word)

    def insert(self, at: int, rows: Sequence[Row]) -> int:
        """Put rows in before another; returns how many had room."""
        room = rows[: max(0, MOST - len(self.rows))]
        if room:
            self._change([*self.rows[:at], *room, *self.rows[at:]])
        return len(room)

    def remove(self, places: Iterable[int]) -> None:
        """Take rows out; can be taken back."""
        gone = set(places)
        kept = [row for place, row in enumerate(self.rows) if place not in gone]
        if len(kept) < len(self.rows):
            self._change(kept)

    def undo(self) -> None:
        """Take the last change back."""
        if not self._before:
            return
        word, rows = self._before.pop()
        if word != self.word:
            self.word = word
            self.word_restored.emit(word)
        self._put(rows)
        self.edited.emit()

    @property
    def can_undo(self) -> bool:
        return bool(self._before)

    def tell(self, found: list[tuple[str, str]]) -> None:
        """Take what is known of each row."""
        if found != self.found:
            self.found = found
            self.dataChanged.emit(self.index(0, FOUND), self.index(max(0, len(self.rows) - 1), SENTENCE))

    def show_signs(self, signs: dict[str, QPixmap]) -> None:
        """Take what the points of each group look like."""
        self.signs = signs
        self.dataChanged.emit(self.index(0, GROUP), self.index(max(0, len(self.rows) - 1), GROUP))

    def _change(self, rows: list[Row], word: str | None = None) -> None:
        self._before = [*self._before[-49:], (self.word, self.rows)]
        if word is not None:
            self.word = word
        self._put(rows)
        self.edited.emit()

    def _put(self, rows: list[Row]) -> None:
        self.beginResetModel()
        self.rows, self.found = rows, []
        self.endResetModel()

    # As a table ----------------------------------------------------------------------------------------------------

    def rowCount(self, parent: _Index = _TOP) -> int:
        return 0 if parent.isValid() else min(len(self.rows) + 1, MOST)

    def columnCount(self, parent: _Index = _TOP) -> int:
        return 0 if parent.isValid() else len(_TITLES)

    def flags(self, index: _Index) -> Qt.ItemFlag:
        flags = super().flags(index)
        return flags if index.column() == FOUND else flags | Qt.ItemFlag.ItemIsEditable

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        place, column = index.row(), index.column()
        if place >= len(self.rows):
            if role == Qt.ItemDataRole.DisplayRole and column == SENTENCE:
                return "a further sentence…"
            if role == Qt.ItemDataRole.ForegroundRole:
                return self.quiet
            return "" if role == Qt.ItemDataRole.EditRole else None
        short, whole = self.found[place] if place < len(self.found) else ("", "")
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return (short, *self.rows[place])[column]
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{self.rows[place][1]}\n{whole}".strip() if column != GROUP else _TIPS[GROUP]
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return (whole, *self.rows[place])[column]
        if role == Qt.ItemDataRole.DecorationRole and column == GROUP:
            return self.signs.get(self.rows[place][0])
        if role == Qt.ItemDataRole.TextAlignmentRole and column == FOUND:
            return int(Qt.AlignmentFlag.AlignCenter)
        if role == Qt.ItemDataRole.ForegroundRole and not short.isdigit() and column == SENTENCE and short:
            return self.quiet
        return None

    def setData(self, index: _Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        place, text = index.row(), " ".join(str(value).split())
        if role != Qt.ItemDataRole.EditRole or (place >= len(self.rows) and not text):
            return False
        old = self.rows[place] if place < len(self.rows) else (self.rows[-1][0] if self.rows else "", "")
        new = (text, old[1]) if index.column() == GROUP else (old[0], text)
        if place < len(self.rows) and new == old:
            return False
        if index.column() == SENTENCE and not text:
            self.remove([place])
        else:
            self._write(place, new)
        return True

    def _write(self, place: int, row: Row) -> None:
        """Put a row in the place of another, or behind all: whoever is editing stays where they are."""
        self._before = [*self._before[-49:], (self.word, list(self.rows))]
        if place < len(self.rows):
            self.rows[place] = row
        else:
            behind = len(self.rows) + 1
            if behind < MOST:
                self.beginInsertRows(_TOP, behind, behind)
            self.rows.append(row)
            if behind < MOST:
                self.endInsertRows()
        self.dataChanged.emit(self.index(place, FOUND), self.index(place, SENTENCE))
        self.headerDataChanged.emit(Qt.Orientation.Vertical, place, place)
        self.edited.emit()

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation == Qt.Orientation.Vertical:
            fresh = section >= len(self.rows)
            return ("+" if fresh else str(section + 1)) if role == Qt.ItemDataRole.DisplayRole else None
        if role == Qt.ItemDataRole.DisplayRole:
            return _TITLES[section]
        return _TIPS[section] if role == Qt.ItemDataRole.ToolTipRole else None


def rows_of(text: str) -> list[Row]:
    """Lines as rows: "group ⇥ sentence", or a sentence alone. Empty lines are left out."""
    rows = []
    for line in text.splitlines():
        group, tab, sentence = line.partition("\t")
        whole = (" ".join(group.split()), " ".join(sentence.split())) if tab else ("", " ".join(line.split()))
        if whole[1]:
            rows.append(whole)
    return rows
