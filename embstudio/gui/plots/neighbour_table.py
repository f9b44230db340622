"""The nearest words with their distances, as a table."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QSize, Qt
from PySide6.QtWidgets import QHeaderView, QWidget

from embstudio.gui.plots.plain_table import PlainTable
from embstudio.gui.style.numbers import four
from embstudio.gui.style.theme import Theme

_Index = QModelIndex | QPersistentModelIndex
_TOP = QModelIndex()
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
# What is listed are distances; "cosine" over one would be read as how alike two words are.
_HEADINGS = {"cosine": "1 − cosine"}
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)


class NeighbourModel(QAbstractTableModel):
    """Rank, word, distance."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.rows: tuple[tuple[str, float], ...] = ()
        self.metric = "cosine"

    def set_rows(self, rows: Sequence[tuple[str, float]], metric: str) -> None:
        """Take words with their distances, nearest first, and the name of the metric."""
        self.beginResetModel()
        self.rows, self.metric = tuple(rows), metric
        self.endResetModel()

    def rowCount(self, parent: _Index = _TOP) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: _Index = _TOP) -> int:
        return 0 if parent.isValid() else 3

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        word, distance = self.rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return (str(index.row() + 1), word, four(distance))[index.column()]
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{index.row() + 1}. {word}: {self.metric} distance {distance:.6g}"
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _LEFT if index.column() == 1 else _RIGHT
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return ("", "word", _HEADINGS.get(self.metric, self.metric))[section]
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.TextAlignmentRole:
            return _LEFT if section == 1 else _RIGHT
        return None


class NeighbourTable(PlainTable):
    """Read-only; the rows change with the cursor, the columns keep their places."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.neighbours = NeighbourModel(self)
        self.setModel(self.neighbours)
        self.setObjectName("neighbourTable")
        self.setAccessibleName("Nearest words of the current token")
        self.verticalHeader().hide()
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.horizontalHeader().setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        self.horizontalHeader().setHighlightSections(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.restyle()

    def restyle(self) -> None:
        """Fonts or colours changed."""
        self.setFont(self.theme.font())
        self.horizontalHeader().setFont(self.theme.font("small"))
        metrics = self.fontMetrics()
        self.fit_rows()
        self.horizontalHeader().resizeSection(0, metrics.horizontalAdvance("000") + 8)
        self.horizontalHeader().resizeSection(2, metrics.horizontalAdvance("0.00000") + 24)

    def sizeHint(self) -> QSize:
        return QSize(round(220 * self.theme.scale), 200)

    def minimumSizeHint(self) -> QSize:
        return QSize(round(150 * self.theme.scale), 4 * self.verticalHeader().defaultSectionSize())
