"""Figures of two things side by side, a line for each."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QSize, Qt
from PySide6.QtWidgets import QHeaderView, QSizePolicy, QWidget

from embstudio.gui.plots.plain_table import PlainTable
from embstudio.gui.style.theme import Theme

_Index = QModelIndex | QPersistentModelIndex
_TOP = QModelIndex()
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
Line = tuple[str, str, str, str]  # what it is, of A, of B, and more about it


class FacingModel(QAbstractTableModel):
    """What, A, B."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.lines: tuple[Line, ...] = ()
        self._titles = ("", "")

    def set_titles(self, first: str, second: str) -> None:
        """Name the two."""
        self._titles = first, second
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 1, 2)

    def set_lines(self, lines: Sequence[Line]) -> None:
        """Take all lines."""
        self.beginResetModel()
        self.lines = tuple(lines)
        self.endResetModel()

    def rowCount(self, parent: _Index = _TOP) -> int:
        return 0 if parent.isValid() else len(self.lines)

    def columnCount(self, parent: _Index = _TOP) -> int:
        return 0 if parent.isValid() else 3

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        line = self.lines[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return line[index.column()]
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{line[index.column()]}\n{line[3]}".strip()
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _LEFT
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return f"{'AB'[section - 1]}: {self._titles[section - 1]}" if section else ""
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.ToolTipRole and section:
            return self._titles[section - 1]
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.TextAlignmentRole:
            return _LEFT
        return None


class FacingTable(PlainTable):
    """As high as its lines, which are as high as their words need."""

    def __init__(self, theme: Theme, name: str, plain: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.facing = FacingModel(self)
        self.setModel(self.facing)
        self.setObjectName(name)
        self.setAccessibleName(plain)
        self.setWordWrap(True)
        self.verticalHeader().hide()
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        self.restyle()

    def restyle(self) -> None:
        """Fonts or colours changed."""
        self.setFont(self.theme.font())
        self.horizontalHeader().setFont(self.theme.font("small", bold=True))
        self.fit_rows()
        self.horizontalHeader().resizeSection(0, self.fontMetrics().horizontalAdvance("semantic, shared words") + 12)

    def sizeHint(self) -> QSize:
        return QSize(round(360 * self.theme.scale), 10 * self.verticalHeader().defaultSectionSize())

    def minimumSizeHint(self) -> QSize:
        return QSize(round(200 * self.theme.scale), 6 * self.verticalHeader().defaultSectionSize())
