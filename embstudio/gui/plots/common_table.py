"""A word's neighbours in two sets side by side; those in both lists are marked."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHeaderView, QWidget

from embstudio.gui.plots.plain_table import PlainTable
from embstudio.gui.plots.token_label import visible_text
from embstudio.gui.style.numbers import four
from embstudio.gui.style.theme import Theme

_Index = QModelIndex | QPersistentModelIndex
_TOP = QModelIndex()
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
COMMON = "●"
Near = tuple[int, str, float]  # place, word, distance


class CommonModel(QAbstractTableModel):
    """Rank, the neighbour in A, the neighbour in B."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.lists: tuple[Sequence[Near], Sequence[Near]] = ((), ())
        self.common: frozenset[int] = frozenset()
        self.bold = QFont()
        self._metric = ""

    def set_lists(self, first: Sequence[Near], second: Sequence[Near], metric: str) -> None:
        """Take the neighbours in both sets, nearest first."""
        self.beginResetModel()
        self.lists, self._metric = (tuple(first), tuple(second)), metric
        self.common = frozenset(near[0] for near in first) & frozenset(near[0] for near in second)
        self.endResetModel()

    def near(self, index: _Index) -> Near | None:
        """What stands in a cell."""
        if not index.column():
            return None
        neighbours = self.lists[index.column() - 1]
        return neighbours[index.row()] if index.row() < len(neighbours) else None

    def rowCount(self, parent: _Index = _TOP) -> int:
        return 0 if parent.isValid() else max(map(len, self.lists))

    def columnCount(self, parent: _Index = _TOP) -> int:
        return 0 if parent.isValid() else 3

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        near = self.near(index)
        if near is None:
            return str(index.row() + 1) if role == Qt.ItemDataRole.DisplayRole and not index.column() else (
                _RIGHT if role == Qt.ItemDataRole.TextAlignmentRole else None)  # fmt: skip
        place, word, distance = near
        if role == Qt.ItemDataRole.DisplayRole:
            return f"{COMMON} {visible_text(word)}" if place in self.common else visible_text(word)
        if role == Qt.ItemDataRole.FontRole and place in self.common:
            return self.bold
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{visible_text(word)}, in both lists" if place in self.common else visible_text(word)
        if role == Qt.ItemDataRole.ToolTipRole:
            also = ", among the nearest in both" if place in self.common else ""
            return f"{visible_text(word)}: {self._metric} {four(distance)}{also}"
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return ("", "in A", "in B")[section]
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.TextAlignmentRole:
            return _LEFT
        return None


class CommonTable(PlainTable):
    """picked(place): a neighbour was clicked, or Enter pressed on it."""

    picked = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.neighbours = CommonModel(self)
        self.setModel(self.neighbours)
        self.setSelectionBehavior(PlainTable.SelectionBehavior.SelectItems)
        self.setObjectName("commonTable")
        self.setAccessibleName("Nearest words in A and in B, side by side")
        self.verticalHeader().hide()
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Fixed)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        for signal in (self.clicked, self.activated):
            signal.connect(self._pick)
        self.restyle()

    def _pick(self, index: QModelIndex) -> None:
        near = self.neighbours.near(index)
        if near is not None:
            self.picked.emit(near[0])

    def restyle(self) -> None:
        """Fonts or colours changed."""
        self.setFont(self.theme.font())
        self.neighbours.bold = self.theme.font(bold=True)
        self.horizontalHeader().setFont(self.theme.font("small"))
        self.fit_rows()
        self.horizontalHeader().resizeSection(0, self.fontMetrics().horizontalAdvance("000") + 8)

    def sizeHint(self) -> QSize:
        return QSize(round(260 * self.theme.scale), 200)

    def minimumSizeHint(self) -> QSize:
        return QSize(round(180 * self.theme.scale), 4 * self.verticalHeader().defaultSectionSize())
