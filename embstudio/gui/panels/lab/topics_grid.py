"""A table of numbers of which only the cells in sight are worked out, however large it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QWidget

from embstudio.gui.plots.plain_table import PlainTable
from embstudio.gui.style.colour_maps import signed_map
from embstudio.gui.style.numbers import four
from embstudio.gui.style.theme import Theme

_Index = QModelIndex | QPersistentModelIndex
_TOP = QModelIndex()
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_TINT = 60  # of 127 steps from zero to the end of the map: what is written there must stay readable


class GridModel(QAbstractTableModel):
    """value(row, column) is asked for cells in sight. reach: the value of the strongest tint, either sign; 0: none.

    edited(row, column, text): somebody wrote into a cell.
    """

    edited = Signal(int, int, str)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.theme = theme
        self.rows: Sequence[str] = ()
        self.columns: Sequence[str] = ()
        self.value: Callable[[int, int], float] = lambda _row, _column: 0.0
        self.text: Callable[[float], str] = four
        self.reach = 0.0
        self.reaches: Sequence[float] = ()  # of each column, where they differ
        self.editable = False

    def rowCount(self, parent: _Index = _TOP) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: _Index = _TOP) -> int:
        return 0 if parent.isValid() else len(self.columns)

    def flags(self, index: _Index) -> Qt.ItemFlag:
        usual = super().flags(index)
        return usual | Qt.ItemFlag.ItemIsEditable if self.editable else usual

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT
        value = self.value(index.row(), index.column())
        if role == Qt.ItemDataRole.DisplayRole:
            return self.text(value)
        if role == Qt.ItemDataRole.EditRole:
            return f"{value:g}"
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{self.rows[index.row()]}, {self.columns[index.column()]}: {value:.6g}"
        reach = self.reaches[index.column()] if self.reaches else self.reach
        if role == Qt.ItemDataRole.BackgroundRole and reach and value:
            share = max(-1.0, min(1.0, value / reach))
            return QColor(*signed_map(self.theme.colours)[127 + round(_TINT * share)].tolist())
        return None

    def setData(self, index: _Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role == Qt.ItemDataRole.EditRole:
            self.edited.emit(index.row(), index.column(), str(value))
        return False  # what comes of it is told by whoever listens

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        names = self.columns if orientation == Qt.Orientation.Horizontal else self.rows
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return names[section]
        if role == Qt.ItemDataRole.TextAlignmentRole and orientation == Qt.Orientation.Vertical:
            return int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        return None


class TopicsGrid(PlainTable):
    """picked(row): another row was chosen. The first column of names is a header."""

    picked = Signal(int)

    def __init__(self, theme: Theme, name: str, lines: int = 5, parent: QWidget | None = None) -> None:
        """name: for those who do not see it. lines: to be seen at least."""
        super().__init__(theme, parent)
        self.grid = GridModel(theme, self)
        self.setModel(self.grid)
        self._lines = lines
        self.setAccessibleName(name)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectItems)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setCornerButtonEnabled(False)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        for header in (self.horizontalHeader(), self.verticalHeader()):
            header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
            header.setHighlightSections(True)
        self.verticalHeader().setTextElideMode(Qt.TextElideMode.ElideRight)
        self.selectionModel().currentRowChanged.connect(lambda now, _before: self.picked.emit(now.row()))
        self.restyle()

    def set_grid(
        self,
        rows: Sequence[str],
        columns: Sequence[str],
        value: Callable[[int, int], float],
        reach: float | Sequence[float] = 0.0,
    ) -> None:
        """Show other numbers; the place one is at stays where there is one. reach: of all columns, or of each."""
        grid, at = self.grid, self.currentIndex()
        row, column = at.row(), at.column()
        same = rows == grid.rows and columns == grid.columns
        grid.value = value
        grid.reach, grid.reaches = (reach, ()) if isinstance(reach, float) else (0.0, reach)
        if same:
            if rows and columns:
                grid.dataChanged.emit(grid.index(0, 0), grid.index(len(rows) - 1, len(columns) - 1))
            return
        self.blockSignals(True)
        grid.beginResetModel()
        grid.rows, grid.columns = rows, columns
        grid.endResetModel()
        if 0 <= row < len(rows) and 0 <= column < len(columns):
            self.setCurrentIndex(grid.index(row, column))
        self.blockSignals(False)
        self._size()

    def minimumSizeHint(self) -> QSize:
        height = self.verticalHeader().defaultSectionSize()
        shown = min(self._lines, max(1, len(self.grid.rows)))
        return QSize(120, round((shown + 2.2) * height))

    def sizeHint(self) -> QSize:
        height = self.verticalHeader().defaultSectionSize()
        return QSize(320, round((len(self.grid.rows[:20]) + 2.2) * height))

    def restyle(self) -> None:
        """Fonts or colours changed."""
        self.setFont(self.theme.mono("small"))
        for header in (self.horizontalHeader(), self.verticalHeader()):
            header.setFont(self.theme.font("small"))
        self.fit_rows()
        self._size()
        self.viewport().update()

    def _size(self) -> None:
        """As wide as the numbers and most words need."""
        metrics = self.horizontalHeader().fontMetrics()
        widest = max((metrics.horizontalAdvance(name) for name in self.grid.columns[:200]), default=0)
        numbers = self.fontMetrics().horizontalAdvance("−0.00000")
        self.horizontalHeader().setDefaultSectionSize(max(numbers, min(widest, 2 * numbers)) + 14)
        named = max((metrics.horizontalAdvance(name) for name in self.grid.rows[:200]), default=0)
        self.verticalHeader().setFixedWidth(min(named + 16, round(150 * self.theme.scale)))
        self.updateGeometry()
