"""Rows of numbers and words, stage by stage: some with a bar, some with a tint as strong as their number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPalette, QPen, QResizeEvent
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

_Index = QModelIndex | QPersistentModelIndex
_TOP = QModelIndex()
_CELL = Qt.ItemDataRole.UserRole
PAD = 6  # pixels left and right of a text
STRONGEST = 0.42  # opacity of a tint of 1: text stays readable on it


@dataclass(frozen=True)
class StageColumn:
    """about: the tooltip of the header. wide: in digits. words: text, set flush left. grows: its share of the room that
    is over, if it is words."""

    title: str
    about: str
    wide: int = 6
    words: bool = False
    grows: int = 1


@dataclass(frozen=True)
class StageCell:
    """about: the tooltip. tail: what stands flush right and is never cut. bar, tint: shares of 1, None for none.
    strong: in bold."""

    text: str = ""
    about: str = ""
    tail: str = ""
    bar: float | None = None
    tint: float | None = None
    strong: bool = False


@dataclass(frozen=True)
class StageRow:
    """current: the row is where the cursor is. rule: a line above it sets it off from what came before."""

    cells: tuple[StageCell, ...]
    current: bool = False
    rule: bool = False


class StageModel(QAbstractTableModel):
    """Columns that stay, rows that change with every step."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.columns: tuple[StageColumn, ...] = ()
        self.rows: tuple[StageRow, ...] = ()

    def set_rows(self, columns: Sequence[StageColumn], rows: Sequence[StageRow]) -> bool:
        """Take all; returns whether there are other columns or another number of rows than before."""
        if tuple(columns) == self.columns and len(rows) == len(self.rows):
            self.rows = tuple(rows)
            if rows:
                self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, len(columns) - 1))
            return False
        self.beginResetModel()
        self.columns, self.rows = tuple(columns), tuple(rows)
        self.endResetModel()
        return True

    def rowCount(self, parent: _Index = _TOP) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: _Index = _TOP) -> int:
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        cell = self.rows[index.row()].cells[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return f"{cell.text} {cell.tail}".strip()
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleDescriptionRole):
            return cell.about
        return cell if role == _CELL else None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation != Qt.Orientation.Horizontal:
            return None
        column = self.columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.title
        if role == Qt.ItemDataRole.ToolTipRole:
            return column.about
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignLeft if column.words else Qt.AlignmentFlag.AlignRight
            return int(side | Qt.AlignmentFlag.AlignVCenter)
        return None


class StageTable(PlainTable):
    """picked(row, column): a cell was clicked, or come to by keyboard."""

    picked = Signal(int, int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.stages = StageModel(self)
        self.setModel(self.stages)
        self.setItemDelegate(_CellPainter(self))
        self.setObjectName("stageTable")
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectItems)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setMouseTracking(True)
        self.verticalHeader().hide()
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.horizontalHeader().setHighlightSections(False)
        self._silent = False
        self.selectionModel().currentChanged.connect(self._on_current)
        self.restyle()

    def set_rows(self, columns: Sequence[StageColumn], rows: Sequence[StageRow]) -> None:
        """Take columns and rows; the selected cell stays selected as far as it still exists."""
        at = self.currentIndex()
        place = (at.row(), at.column()) if at.isValid() else None
        if self.stages.set_rows(columns, rows):
            self._fit_rows()
            self._fit_columns()
            if place and place[0] < len(rows) and place[1] < len(columns):
                self._silent = True
                self.setCurrentIndex(self.stages.index(*place))
                self._silent = False

    def fits(self, columns: Sequence[StageColumn]) -> bool:
        """Whether all columns have room beside one another."""
        return sum(map(self._width_of, columns)) <= self.viewport().width()

    def restyle(self) -> None:
        """Fonts or colours changed."""
        self.setFont(self.theme.font("small"))
        self.horizontalHeader().setFont(self.theme.font("small"))
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.Highlight, Qt.GlobalColor.transparent)  # the selected cell is framed
        self.setPalette(palette)
        colours = self.theme.colours
        self.horizontalHeader().setStyleSheet(
            f"QHeaderView {{ background: {colours.panel}; }}"
            f"QHeaderView::section {{ background: {colours.panel}; color: {colours.muted}; border: none; "
            f"border-bottom: 1px solid {colours.border}; padding: 3px {PAD}px; }}"
        )
        self._fit_rows()
        self._fit_columns()

    def sizeHint(self) -> QSize:
        return QSize(560, 320)

    def minimumSizeHint(self) -> QSize:
        return QSize(round(220 * self.theme.scale), 6 * self.verticalHeader().defaultSectionSize())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_rows()
        self._fit_columns()

    def _fit_rows(self) -> None:
        """Rows as high as the font needs, and higher where all of them have room for it."""
        least = self.fontMetrics().height() + 4
        room = self.viewport().height() // max(1, len(self.stages.rows))
        self.verticalHeader().setMinimumSectionSize(least)
        self.verticalHeader().setDefaultSectionSize(min(max(least, room), round(1.9 * least)))

    def _fit_columns(self) -> None:
        """Numbers get what they need, words share what is over."""
        columns = self.stages.columns
        widths = [self._width_of(column) for column in columns]
        shares = [column.grows if column.words else 0 for column in columns]
        shares = shares if any(shares) else [1] * len(columns)
        over = max(0, self.viewport().width() - sum(widths))
        widths = [width + over * share // (sum(shares) or 1) for width, share in zip(widths, shares, strict=True)]
        for place, width in enumerate(widths):
            self.horizontalHeader().resizeSection(place, width)

    def _width_of(self, column: StageColumn) -> int:
        digits = self.fontMetrics().horizontalAdvance("0")
        title = 0 if column.words else self.horizontalHeader().fontMetrics().horizontalAdvance(column.title)
        return max(column.wide * digits, title) + 2 * PAD + 2

    def _on_current(self, index: QModelIndex, _previous: QModelIndex) -> None:
        if index.isValid() and not self._silent:
            self.picked.emit(index.row(), index.column())


class _CellPainter(QStyledItemDelegate):
    """Draws a cell: tint, bar, text; the mark of the current row; the frame of the selected cell."""

    def __init__(self, table: StageTable) -> None:
        super().__init__(table)
        self._table = table

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        theme, model = self._table.theme, self._table.stages
        row, column = model.rows[index.row()], model.columns[index.column()]
        cell, rect = row.cells[index.column()], QRectF(option.rect)
        painter.save()
        if cell.tint:
            painter.fillRect(rect.adjusted(1, 1, -1, -1), _faded(theme.colour("attention"), STRONGEST * cell.tint))
        if cell.bar is not None:
            room = rect.adjusted(PAD, rect.height() - 5, -PAD, -3)
            painter.fillRect(room, _faded(theme.colour("border"), 0.6))
            room.setWidth(room.width() * min(1.0, max(0.0, cell.bar)))
            painter.fillRect(room, theme.colour("residual"))
        if row.rule:
            painter.setPen(QPen(theme.colour("muted"), 1))
            painter.drawLine(rect.topLeft() + QPointF(0, 0.5), rect.topRight() + QPointF(0, 0.5))
        painter.setFont(theme.font("small", bold=cell.strong))
        painter.setPen(theme.colour("text"))
        side = Qt.AlignmentFlag.AlignLeft if column.words else Qt.AlignmentFlag.AlignRight
        inner = rect.adjusted(PAD, 0, -PAD, -3 if cell.bar is not None else 0)
        if cell.tail:
            painter.drawText(inner, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), cell.tail)
            inner.setRight(inner.right() - painter.fontMetrics().horizontalAdvance(cell.tail) - PAD)
        text = painter.fontMetrics().elidedText(cell.text, Qt.TextElideMode.ElideRight, int(inner.width()))
        painter.drawText(inner, int(side | Qt.AlignmentFlag.AlignVCenter), text)
        if row.current and index.column() == 0:
            painter.fillRect(QRectF(rect.left(), rect.top() + 1, 3, rect.height() - 2), theme.colour("accent"))
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setPen(QPen(theme.colour("accent"), 1.5))
            painter.drawRect(rect.adjusted(1, 1, -1.5, -1.5))
        painter.restore()


def _faded(colour: QColor, opacity: float) -> QColor:
    faded = QColor(colour)
    faded.setAlphaF(min(1.0, max(0.0, opacity)))
    return faded
