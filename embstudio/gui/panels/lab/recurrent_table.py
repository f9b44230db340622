"""A table of short texts, some with a bar behind them; its rows and columns stay while the numbers change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QResizeEvent
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem, QWidget

from embstudio.gui.plots.plain_table import PlainTable
from embstudio.gui.style.theme import Theme

_Index = QModelIndex | QPersistentModelIndex
_TOP = QModelIndex()
_BAR = Qt.ItemDataRole.UserRole
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_PADDING = 10  # pixels beside a text
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)


@dataclass(frozen=True)
class Cell:
    """bar: how much of the cell is filled, from 0 to 1; colour: of the bar, a name in `Colours`."""

    text: str
    tip: str = ""
    bar: float | None = None
    colour: str = "residual"
    strong: bool = False


class CellModel(QAbstractTableModel):
    """`cells` row by row; the first column names the row."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.heads: tuple[str, ...] = ()
        self.cells: list[list[Cell]] = []
        self.strong = parent.font()

    def set_cells(self, heads: Sequence[str], cells: list[list[Cell]]) -> bool:
        """Take other texts; whether the table has another shape."""
        same = self.heads == tuple(heads) and len(self.cells) == len(cells)
        if same:
            self.cells = cells
            if cells:
                self.dataChanged.emit(self.index(0, 0), self.index(len(cells) - 1, len(heads) - 1))
            return False
        self.beginResetModel()
        self.heads, self.cells = tuple(heads), cells
        self.endResetModel()
        return True

    def rowCount(self, parent: _Index = _TOP) -> int:
        return 0 if parent.isValid() else len(self.cells)

    def columnCount(self, parent: _Index = _TOP) -> int:
        return 0 if parent.isValid() else len(self.heads)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        cell = self.cells[index.row()][index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return cell.text
        if role == Qt.ItemDataRole.ToolTipRole:
            return cell.tip or None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if index.column() else _LEFT
        if role == Qt.ItemDataRole.FontRole and cell.strong:
            return self.strong
        return (cell.bar, cell.colour) if role == _BAR and cell.bar is not None else None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation == Qt.Orientation.Horizontal and section < len(self.heads):
            if role == Qt.ItemDataRole.DisplayRole:
                return self.heads[section]
            if role == Qt.ItemDataRole.TextAlignmentRole:
                return _RIGHT if section else _LEFT
        return None


class _Bars(QStyledItemDelegate):
    """Draws the bar under the text."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        bar = index.data(_BAR)
        if bar is not None:
            share, name = bar
            colour = QColor(self._theme.colour(name))
            colour.setAlpha(70)
            rect = option.rect.adjusted(2, 2, -2, -2)
            rect.setLeft(rect.right() - round(rect.width() * share))
            painter.fillRect(rect, colour)
        super().paint(painter, option, index)


class CellTable(PlainTable):
    """`set_cells` keeps what is selected and where one has scrolled to, as long as the shape stays."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.lines = CellModel(self)
        self.setModel(self.lines)
        self.setItemDelegate(_Bars(theme, self))
        self.verticalHeader().hide()
        self.horizontalHeader().setHighlightSections(False)
        self.restyle()

    def set_cells(self, heads: Sequence[str], cells: list[list[Cell]]) -> None:
        """Take the heads of the columns, and the cells row by row."""
        if self.lines.set_cells(heads, cells):
            self._fit_columns()
            return
        metrics = QFontMetrics(self.lines.strong)
        for column in range(len(heads)):  # longer numbers: only ever wider, so that nothing trembles
            longest = max((line[column].text for line in cells), key=len, default="")
            wanted = metrics.horizontalAdvance(longest) + _PADDING
            if wanted > self.columnWidth(column):
                self.setColumnWidth(column, wanted)

    def restyle(self) -> None:
        """Colours or fonts changed."""
        self.setFont(self.theme.font("small"))
        self.lines.strong = self.theme.font("small")
        self.lines.strong.setBold(True)
        self.horizontalHeader().setFont(self.theme.font("small"))
        self.fit_rows()
        self._fit_columns()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_columns()

    def minimumSizeHint(self) -> QSize:
        return QSize(160, 5 * (self.fontMetrics().height() + 4))

    def _fit_columns(self) -> None:
        """As wide as the texts; what is left over goes to the columns of numbers, all alike."""
        self.resizeColumnsToContents()
        header, count = self.horizontalHeader(), self.lines.columnCount()
        left = self.viewport().width() - sum(header.sectionSize(column) for column in range(count))
        for column in range(1, count):
            header.resizeSection(column, header.sectionSize(column) + max(0, left // (count - 1)))
