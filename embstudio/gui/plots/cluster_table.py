"""Clusters with the words that name them and their sizes, as a table that stands for the plot's legend too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QHeaderView, QWidget

from embstudio.gui.plots.line_model import LineModel
from embstudio.gui.plots.scatter.symbols import draw_symbol
from embstudio.gui.plots.word_table import WordTable
from embstudio.gui.style.theme import Theme


@dataclass(frozen=True)
class ClusterLine:
    """size: vectors. words: typical of it. look: shape and colour of its points. traits: sentences on its members."""

    size: int
    words: Sequence[str]
    look: tuple[str, str]
    traits: Sequence[str] = ()


class ClusterModel(LineModel[ClusterLine]):
    """Number with the symbol of its points, words, size."""

    headings = ("", "typical words", "size")
    words = frozenset({0, 1})

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def cells(self, place: int, line: ClusterLine) -> Sequence[str]:
        return str(place + 1), ", ".join(line.words), f"{line.size:,}"

    def tip(self, place: int, line: ClusterLine) -> str:
        said = [f"{line.size:,} vectors; typical of them: {', '.join(line.words)}", *line.traits]
        return "\n".join([*said, "A click selects them."])

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if role == Qt.ItemDataRole.DecorationRole and index.column() == 0:
            return _symbol(self.rows[index.row()].look, self._theme)
        return super().data(index, role)


class ClusterTable(WordTable):
    """picked(cluster): a line was clicked, or Enter pressed on it."""

    picked = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "clusterTable", "Clusters", parent, least=4)
        self.setWordWrap(False)  # so that as much of the words is seen as fits
        self.clusters = ClusterModel(theme, self)
        self.show_lines(self.clusters, QHeaderView.ResizeMode.ResizeToContents)
        for signal in (self.clicked, self.activated):
            signal.connect(lambda index: self.picked.emit(index.row()))

    def restyle(self) -> None:
        super().restyle()
        side = self.fontMetrics().height()
        self.setIconSize(QSize(side, side))
        self.viewport().update()


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
