"""All heads with their measures, sortable, to find the ones worth looking at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QRectF, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from embstudio.gui.plots.plain_table import PlainTable
from embstudio.gui.style.theme import Theme
from embstudio.trace.head_measures import HeadMeasures

_Index = QModelIndex | QPersistentModelIndex
_TOP = QModelIndex()
SHARE = int(Qt.ItemDataRole.UserRole)
BAR_INSET = 18  # pixels between the columns' lines
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)


@dataclass(frozen=True)
class Column:
    """A measure as the table shows it. about: what its tooltip says."""

    name: str
    title: str
    about: str


COLUMNS = (
    Column("entropy", "entropy", "How spread out the weights are, in bits: 0 is one key, 3 is as good as 8 alike."),
    Column("sharpness", "strongest", "The weight of the key attended to most."),
    Column("distance", "distance", "How far away the keys are, in tokens."),
    Column("first", "first", "The weight on the first token."),
    Column("special", "special", "The weight on special tokens such as [CLS] and [SEP]."),
    Column("itself", "itself", "The weight on the token itself."),
    Column("previous", "previous", "The weight on the token before."),
    Column("sink", "no token", "What goes to no token at all (an attention sink)."),
)
_MEANS = " Mean over the tokens that have a choice; — where it means nothing here."


class HeadsModel(QAbstractTableModel):
    """One row a head: layer.head, then its measures (— where one has no meaning or is not known yet)."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.heads: list[tuple[int, int]] = []
        self._measures: dict[tuple[int, int], HeadMeasures] = {}
        self._missing: frozenset[int] = frozenset()
        self._largest: dict[int, float] = {}  # by column
        self._sort_column, self._descending = 0, False
        self.order: list[int] = []

    def set_heads(self, heads: Sequence[tuple[int, int]], missing: frozenset[int]) -> None:
        """Take the heads (layer, head); `missing` are layers of which nothing is known. The same heads stay where they
        are until other measures come."""
        if list(heads) == self.heads:
            self._missing = missing
            return
        self.beginResetModel()
        self.heads, self._measures, self._missing = list(heads), {}, missing
        self._arrange()
        self.endResetModel()

    def add(self, measures: Mapping[tuple[int, int], HeadMeasures]) -> None:
        """Take the measures of the heads that are known."""
        self._measures = dict(measures)
        for place, column in enumerate(COLUMNS, start=1):
            values = [getattr(measured, column.name) for measured in self._measures.values()]
            self._largest[place] = float(np.nan_to_num(values).max(initial=0.0))
        self._arrange()
        if self.heads:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self.heads) - 1, len(COLUMNS)))

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        self._sort_column, self._descending = column, order == Qt.SortOrder.DescendingOrder
        self._arrange()
        if self.heads:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self.heads) - 1, len(COLUMNS)))

    def row_of(self, head: tuple[int, int]) -> int | None:
        """Where a head stands in the table."""
        return self.order.index(self.heads.index(head)) if head in self.heads else None

    def at(self, row: int) -> tuple[int, int]:
        """The head in a row."""
        return self.heads[self.order[row]]

    def _share(self, place: tuple[int, int], column: int) -> float:
        """How a value compares with the largest of its column, from 0 to 1."""
        value, largest = self._value(place, column), self._largest.get(column, 0.0)
        return 0.0 if np.isnan(value) or largest <= 0 else max(0.0, min(1.0, value / largest))

    def _value(self, head: tuple[int, int], column: int) -> float:
        measured = self._measures.get(head)
        return float("nan") if measured is None else float(getattr(measured, COLUMNS[column - 1].name))

    def _arrange(self) -> None:
        """What is not known comes last, whichever way it is sorted."""
        places = range(len(self.heads))
        if self._sort_column == 0:
            self.order = sorted(places, key=lambda place: self.heads[place], reverse=self._descending)
            return
        sign = -1 if self._descending else 1
        keys = [(np.isnan(value), sign * value if not np.isnan(value) else 0.0) for value in
                (self._value(head, self._sort_column) for head in self.heads)]  # fmt: skip
        self.order = sorted(places, key=lambda place: keys[place])

    def rowCount(self, parent: _Index = _TOP) -> int:
        return 0 if parent.isValid() else len(self.heads)

    def columnCount(self, parent: _Index = _TOP) -> int:
        return 0 if parent.isValid() else len(COLUMNS) + 1

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column():
            return _RIGHT
        layer, head = place = self.at(index.row())
        if role == Qt.ItemDataRole.ToolTipRole:
            missing = ": not measured yet, click to fetch the layer" if layer in self._missing else ""
            return f"layer {layer}, head {head}{missing}"
        if role == SHARE and index.column():
            return self._share(place, index.column())
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        if not index.column():
            unknown = layer in self._missing and place not in self._measures
            return f"{layer}.{head}" + (" not captured" if unknown else "")
        value = self._value(place, index.column())
        if np.isnan(value):
            return "—" if place in self._measures or layer in self._missing else "…"
        return f"{value:.2f}" if COLUMNS[index.column() - 1].name in ("entropy", "distance") else f"{value:.3f}"

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation != Qt.Orientation.Horizontal:
            return None
        column = COLUMNS[section - 1] if section else Column("head", "head", "Layer and head, counted from 0.")
        if role == Qt.ItemDataRole.ToolTipRole:
            return column.about + (_MEANS if section else "")
        return column.title if role == Qt.ItemDataRole.DisplayRole else None


class _Bars(QStyledItemDelegate):
    """A line under each number, as long as it is large, so that the eye finds the heads that stand out."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        super().paint(painter, option, index)
        share = index.data(SHARE)
        if share:
            rect = QRectF(option.rect).adjusted(BAR_INSET, 0, -2, 0)
            chosen = bool(option.state & QStyle.StateFlag.State_Selected)
            colour = self._theme.colour("on_accent" if chosen else "attention")
            colour.setAlphaF(0.45)
            wide = float(share) * rect.width()
            painter.fillRect(QRectF(rect.right() - wide, rect.bottom() - 2, wide, 2), colour)


class HeadsTable(PlainTable):
    """The table; the current head's row is selected. picked(layer, head): another row was chosen."""

    picked = Signal(int, int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.measures = HeadsModel(self)
        self.setModel(self.measures)
        self.setItemDelegate(_Bars(theme, self))
        self.setAccessibleName("All heads and what they do over the sentence")
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        self.horizontalHeader().setHighlightSections(False)
        self.setSortingEnabled(True)
        self.sortByColumn(0, Qt.SortOrder.AscendingOrder)
        self.horizontalHeader().sortIndicatorChanged.connect(self._on_sorted)
        self._current: tuple[int, int] | None = None
        self.clicked.connect(self._pick)
        self.activated.connect(self._pick)
        self.restyle()

    def set_current(self, layer: int, head: int) -> None:
        """Select the row of a head."""
        if self._current != (layer, head):
            self._current = layer, head
            self._select()

    def _select(self) -> None:
        row = self.measures.row_of(self._current) if self._current is not None else None
        if row is not None and self.currentIndex().row() != row:
            self.selectRow(row)

    def _on_sorted(self) -> None:
        """The head that is current stays so; what is wanted is at the top."""
        self._select()
        self.scrollToTop()

    def add(self, measures: Mapping[tuple[int, int], HeadMeasures]) -> None:
        """Take the measures of the heads that are known; the current one stays selected wherever it goes."""
        self.measures.add(measures)
        self._select()

    def restyle(self) -> None:
        """Fonts or colours changed."""
        self.setFont(self.theme.font("small"))
        header = self.horizontalHeader()
        header.setFont(self.theme.font("small"))
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        header.setMinimumSectionSize(self.fontMetrics().horizontalAdvance("previous") + 22)
        self.fit_rows()

    def _pick(self, index: QModelIndex) -> None:
        self.picked.emit(*self.measures.at(index.row()))
