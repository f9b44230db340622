"""Clusters with their sizes and the words that name them, as a table that stands for the plot's legend too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QPointF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QHeaderView, QWidget

from embstudio.gui.plots.plain_table import PlainTable
from embstudio.gui.plots.scatter.symbols import draw_symbol
from embstudio.gui.style.theme import Theme

_Index = QModelIndex | QPersistentModelIndex
_TOP = QModelIndex()
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)


@dataclass(frozen=True)
class ClusterLine:
    """size: vectors. words: typical of it. look: shape and colour of its points. traits: sentences on its members."""

    size: int
    words: Sequence[str]
    look: tuple[str, str]
    traits: Sequence[str] = ()


class ClusterModel(QAbstractTableModel):
    """Number, size, words."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.lines: tuple[ClusterLine, ...] = ()

    def set_lines(self, lines: Sequence[ClusterLine]) -> None:
        """Take clusters, the largest first."""
        self.beginResetModel()
        self.lines = tuple(lines)
        self.endResetModel()

    def rowCount(self, parent: _Index = _TOP) -> int:
        return 0 if parent.isValid() else len(self.lines)

    def columnCount(self, parent: _Index = _TOP) -> int:
        return 0 if parent.isValid() else 3

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        line, column = self.lines[index.row()], index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return (str(index.row() + 1), f"{line.size:,}", ", ".join(line.words))[column]
        if role == Qt.ItemDataRole.ToolTipRole:
            said = [f"{line.size:,} vectors; typical of them: {', '.join(line.words)}", *line.traits]
            return "\n".join([*said, "A click selects them."])
        if role == Qt.ItemDataRole.DecorationRole and column == 0:
            return _symbol(line.look, self._theme)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if column == 1 else _LEFT
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return ("", "size", "typical words")[section]
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if section == 1 else _LEFT
        return None


class ClusterTable(PlainTable):
    """picked(cluster): a line was clicked, or Enter pressed on it."""

    picked = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.clusters = ClusterModel(theme, self)
        self.setModel(self.clusters)
        self.setObjectName("clusterTable")
        self.setAccessibleName("Clusters")
        self.setWordWrap(False)  # so that as much of the words is seen as fits
        self.verticalHeader().hide()
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.horizontalHeader().setSectionResizeMode(2, QHeaderView.ResizeMode.Stretch)
        self.horizontalHeader().setHighlightSections(False)
        for signal in (self.clicked, self.activated):
            signal.connect(lambda index: self.picked.emit(index.row()))
        self.restyle()

    def restyle(self) -> None:
        """Fonts or colours changed."""
        self.setFont(self.theme.font())
        self.horizontalHeader().setFont(self.theme.font("small"))
        metrics = self.fontMetrics()
        self.fit_rows()
        side = metrics.height()
        self.setIconSize(QSize(side, side))
        self.horizontalHeader().resizeSection(0, side + metrics.horizontalAdvance("00") + 16)
        self.horizontalHeader().resizeSection(1, metrics.horizontalAdvance("00,000") + 12)
        self.viewport().update()

    def sizeHint(self) -> QSize:
        return QSize(round(220 * self.theme.scale), 200)

    def minimumSizeHint(self) -> QSize:
        return QSize(round(150 * self.theme.scale), 4 * self.verticalHeader().defaultSectionSize())


def _symbol(look: tuple[str, str], theme: Theme) -> QPixmap:
    side = 4 * round(4 * theme.scale)
    picture = QPixmap(2 * side, 2 * side)
    picture.setDevicePixelRatio(2.0)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    draw_symbol(painter, QPointF(side / 2, side / 2), (*look, 4.5 * theme.scale, 1.0), theme.colours.panel)
    painter.end()
    return picture
