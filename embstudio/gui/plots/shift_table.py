"""Words of two sets: how many of their neighbours are the same, and how far each moved; sorted by any of it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtWidgets import QHeaderView, QWidget

from embstudio.gui.plots.plain_table import PlainTable
from embstudio.gui.plots.token_label import visible_text
from embstudio.gui.style.numbers import four
from embstudio.gui.style.theme import Theme

_Index = QModelIndex | QPersistentModelIndex
_TOP = QModelIndex()
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
WORD, SAME, MOVED = range(3)  # columns
_NAMED = 200  # letters of a word; texts can be long


class ShiftModel(QAbstractTableModel):
    """Cells are written when they are painted: there may be a million words."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.rows = np.zeros(0, np.intp)  # places in the words, in the order in which they are listed
        self.title = "word"  # what a line is of
        self._words: Sequence[str] = ()
        self._overlap = self._moved = np.zeros(0)
        self._count, self._order = 0, (MOVED, True)
        self._kept: np.ndarray | None = None

    def set_words(self, words: Sequence[str], overlap: np.ndarray, moved: np.ndarray, count: int) -> None:
        """overlap: [words], the share of `count` neighbours that are the same, NaN where nobody asked."""
        self._words, self._overlap, self._moved, self._count, self._kept = words, overlap, moved, count, None
        self._arrange()

    def keep(self, rows: np.ndarray | None) -> None:
        """List these words only; None: all."""
        self._kept = rows
        self._arrange()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        self._order = column, order == Qt.SortOrder.DescendingOrder
        self._arrange()

    def _arrange(self) -> None:
        self.beginResetModel()
        rows = np.arange(len(self._words)) if self._kept is None else self._kept
        column, falling = self._order
        if column == WORD:
            names = [visible_text(self._words[row]).casefold() for row in rows.tolist()]
            order = np.array(sorted(range(len(rows)), key=names.__getitem__, reverse=falling), np.intp)
        else:
            values = (self._overlap if column == SAME else self._moved)[rows]
            order = np.argsort(-values if falling else values, kind="stable")  # NaN comes last either way
        self.rows = rows[order]
        self.endResetModel()

    def rowCount(self, parent: _Index = _TOP) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: _Index = _TOP) -> int:
        return 0 if parent.isValid() else 3

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row, column = int(self.rows[index.row()]), index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return (visible_text(self._words[row][:_NAMED]), self._same(row), four(float(self._moved[row])))[column]
        if role == Qt.ItemDataRole.ToolTipRole:
            asked = not np.isnan(self._overlap[row])
            same = f"{self._same(row)} of its {self._count} nearest are the same in both" if asked else (
                "its neighbours were not compared: it is not in the random sample")  # fmt: skip
            return f"{visible_text(self._words[row])}: {same}; moved {four(float(self._moved[row]))}"
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _LEFT if column == WORD else _RIGHT
        return None

    def _same(self, row: int) -> str:
        share = self._overlap[row]
        return "–" if np.isnan(share) else str(round(float(share) * self._count))

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return (self.title, f"same of {self._count}", "moved")[section]
        if role == Qt.ItemDataRole.ToolTipRole:
            return (
                "The words of both sets. Click a heading to sort by it.",
                f"How many of the word's {self._count} nearest are the same in both sets. Click to sort.",
                "How far apart its two places lie once A is turned onto B. Click to sort.",
            )[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _LEFT if section == WORD else _RIGHT
        return None


class ShiftTable(PlainTable):
    """picked(place): among the words, where a line was clicked, or came under the keys."""

    picked = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.shifts = ShiftModel(self)
        self.setModel(self.shifts)
        self.setObjectName("shiftTable")
        self.setAccessibleName("Words of both sets, how many neighbours they keep and how far they moved")
        self.verticalHeader().hide()
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(WORD, QHeaderView.ResizeMode.Stretch)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        header.setSortIndicator(MOVED, Qt.SortOrder.DescendingOrder)
        self.setSortingEnabled(True)
        self.selectionModel().currentRowChanged.connect(self._pick)
        self.clicked.connect(lambda index: self._pick(index, index))
        self.restyle()

    def order_by(self, column: int, *, falling: bool) -> None:
        """Sort by a column, as a click on its heading would."""
        self.sortByColumn(column, Qt.SortOrder.DescendingOrder if falling else Qt.SortOrder.AscendingOrder)

    def show_place(self, place: int) -> None:
        """Bring a word into sight, without a word about it."""
        found = np.flatnonzero(self.shifts.rows == place)
        if len(found):
            blocked = self.selectionModel().blockSignals(True)
            self.setCurrentIndex(self.shifts.index(int(found[0]), 0))
            self.selectionModel().blockSignals(blocked)
            self.viewport().update()

    def _pick(self, index: QModelIndex, _before: QModelIndex) -> None:
        if index.isValid():
            self.picked.emit(int(self.shifts.rows[index.row()]))

    def restyle(self) -> None:
        """Fonts or colours changed."""
        self.setFont(self.theme.font())
        self.horizontalHeader().setFont(self.theme.font("small"))
        self.fit_rows()
        metrics = self.fontMetrics()
        self.horizontalHeader().resizeSection(SAME, metrics.horizontalAdvance("same of 100") + 24)
        self.horizontalHeader().resizeSection(MOVED, metrics.horizontalAdvance("0.00000") + 28)

    def sizeHint(self) -> QSize:
        return QSize(round(320 * self.theme.scale), 200)

    def minimumSizeHint(self) -> QSize:
        return QSize(round(200 * self.theme.scale), 4 * self.verticalHeader().defaultSectionSize())
