"""How near each two of some texts are: a square table of one metric's numbers, fuller in colour the nearer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QColor, QResizeEvent
from PySide6.QtWidgets import QHeaderView, QWidget

from embstudio.gui.plots.plain_table import PlainTable
from embstudio.gui.style.colour_maps import paint, unit_map
from embstudio.gui.style.numbers import MINUS, four
from embstudio.gui.style.theme import Theme

_Index = QModelIndex | QPersistentModelIndex
_TOP = QModelIndex()
_MIDDLE = int(Qt.AlignmentFlag.AlignCenter)


class LikenessModel(QAbstractTableModel):
    """letters, texts: of the rows and columns. values: [n, n], NaN where the metric is undefined."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.letters: tuple[str, ...] = ()
        self.texts: tuple[str, ...] = ()
        self.values = np.zeros((0, 0))
        self._farthest, self._nearest = 0.0, 0.0

    def set_matrix(
        self, letters: Sequence[str], texts: Sequence[str], values: np.ndarray, farthest: float, nearest: float
    ) -> None:
        """Take another table. farthest, nearest: the numbers at which the colours begin and end."""
        self.beginResetModel()
        self.letters, self.texts, self.values = tuple(letters), tuple(texts), values
        self._farthest, self._nearest = farthest, nearest
        self.endResetModel()

    def rowCount(self, parent: _Index = _TOP) -> int:
        return 0 if parent.isValid() else len(self.letters)

    def columnCount(self, parent: _Index = _TOP) -> int:
        return 0 if parent.isValid() else len(self.letters)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row, column = index.row(), index.column()
        value = float(self.values[row, column])
        if role == Qt.ItemDataRole.DisplayRole:
            return "—" if np.isnan(value) else two(value)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _MIDDLE
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            said = "undefined" if np.isnan(value) else four(value)
            return f"{said}\n{self.letters[row]}  {self.texts[row]}\n{self.letters[column]}  {self.texts[column]}"
        if role == Qt.ItemDataRole.BackgroundRole:
            return self._ground(value) if self._coloured(row, column) else None
        if role == Qt.ItemDataRole.ForegroundRole:
            if not self._coloured(row, column):
                return self._theme.colour("muted")
            return QColor("#101216" if self._ground(value).lightnessF() > 0.5 else "#FFFFFF")
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if role == Qt.ItemDataRole.DisplayRole:
            return self.letters[section]
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return self.texts[section]
        return None

    def _coloured(self, row: int, column: int) -> bool:
        """A text and itself is no pair."""
        return row != column and not np.isnan(self.values[row, column])

    def _ground(self, value: float) -> QColor:
        reach = self._nearest - self._farthest
        share = (value - self._farthest) / reach if reach else 0.5
        table = unit_map(self._theme.colours, self._theme.colours.positive)
        red, green, blue, _alpha = paint(np.array([share]), 0, 1, table)[0].tolist()
        return QColor(red, green, blue)


class LikenessTable(PlainTable):
    """As high as its rows. chosen(row, column): the person went to a pair."""

    chosen = Signal(int, int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.likeness = LikenessModel(theme, self)
        self.setModel(self.likeness)
        self.setObjectName("likenessTable")
        self.setAccessibleName("How near each two of the texts are")
        self.setSelectionBehavior(LikenessTable.SelectionBehavior.SelectItems)
        self.setSelectionMode(LikenessTable.SelectionMode.SingleSelection)
        for header in (self.horizontalHeader(), self.verticalHeader()):
            header.setHighlightSections(True)
            header.setSectionsClickable(False)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.selectionModel().currentChanged.connect(self._on_current)
        self.restyle()

    def set_matrix(
        self,
        letters: Sequence[str],
        texts: Sequence[str],
        values: np.ndarray,
        farthest: float,
        nearest: float,
        pair: tuple[int, int],
    ) -> None:
        """Take another table, and mark a pair; see `LikenessModel.set_matrix`."""
        self.likeness.set_matrix(letters, texts, values, farthest, nearest)
        self.mark(pair)
        self._fit()

    def mark(self, pair: tuple[int, int]) -> None:
        """Stand at a pair without a word about it."""
        there = self.currentIndex()
        if there.isValid() and {there.row(), there.column()} == set(pair):
            return
        self.selectionModel().blockSignals(True)
        self.setCurrentIndex(self.likeness.index(*pair))
        self.selectionModel().blockSignals(False)
        self.viewport().update()

    def restyle(self) -> None:
        """Fonts or colours changed."""
        self.setFont(self.theme.font("small"))
        for header in (self.horizontalHeader(), self.verticalHeader()):
            header.setFont(self.theme.font("small"))
        self.horizontalHeader().setMinimumSectionSize(self.fontMetrics().horizontalAdvance("−0.00") + 8)
        self.fit_rows()
        self._fit()

    def minimumSizeHint(self) -> QSize:
        return QSize(round(160 * self.theme.scale), self.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _on_current(self, index: QModelIndex, _before: QModelIndex) -> None:
        if index.isValid() and index.row() != index.column():
            self.chosen.emit(index.row(), index.column())

    def _fit(self) -> None:
        rows, header = self.likeness.rowCount(), self.horizontalHeader()
        wanted = self.verticalHeader().sizeHint().width() + rows * header.minimumSectionSize()
        scroll = self.horizontalScrollBar().sizeHint().height() if wanted > self.width() else 0
        high = header.sizeHint().height() + rows * self.verticalHeader().defaultSectionSize()
        self.setFixedHeight(high + scroll + 2)


def two(value: float) -> str:
    """Two decimals, and of numbers from 10 on three digits at most: there are many columns."""
    text = f"{value:.2f}" if abs(value) < 9.995 else f"{value:.1f}" if abs(value) < 99.95 else f"{value:.3g}"
    return text.replace("-", MINUS)
