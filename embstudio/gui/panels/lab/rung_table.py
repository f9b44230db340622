"""The ladder: a line for each way of making a vector of a text, and whether two texts are told apart there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QSize, Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QWidget

from embstudio.gui.plots.line_model import LineModel
from embstudio.gui.plots.plain_table import PlainTable
from embstudio.gui.style.theme import Theme


class RungLine(NamedTuple):
    """cosine: of the two texts; verdict: whether they are told apart; order: whether that of their words counts."""

    name: str
    cosine: str
    verdict: str
    order: str
    tip: str = ""


class RungModel(LineModel[RungLine]):
    """One line a rung."""

    headings = ("rung", "cosine", "A and B", "word order")
    words = frozenset({0, 2, 3})
    _tips = (
        "Ways to make a vector of a text, each knowing more than the one before. Choose one to see its numbers.",
        "Cosine similarity of A and B: 1 the same direction, 0 nothing in common",
        "Whether A and B have the same vector",
        "Whether A and A with its words in reverse order have the same vector; the number is their cosine",
    )

    def cells(self, place: int, line: RungLine) -> Sequence[str]:
        return f"{place + 1}  {line.name}", line.cosine, line.verdict, line.order

    def tip(self, _place: int, line: RungLine) -> str:
        return line.tip

    def heading_tip(self, section: int) -> str:
        return self._tips[section]


class RungTable(PlainTable):
    """chosen(place): the person went to a rung. As high as its lines."""

    chosen = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.rungs = RungModel(self)
        self.setModel(self.rungs)
        self.setObjectName("ladderRungs")
        self.setAccessibleName("The ladder: ways to make a vector of a text")
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setWordWrap(False)
        self.verticalHeader().hide()
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setMinimumSectionSize(30)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.selectionModel().currentRowChanged.connect(self._on_row)
        self.restyle()

    @property
    def place(self) -> int:
        """Of the rung one is on."""
        return max(0, self.currentIndex().row())

    def set_lines(self, lines: Sequence[RungLine]) -> None:
        """Take other lines; one stays on the rung one is on."""
        place = min(self.place, max(0, len(lines) - 1))
        selection = self.selectionModel()
        selection.blockSignals(True)
        self.rungs.take(lines)
        if lines:
            flags = QItemSelectionModel.SelectionFlag
            selection.setCurrentIndex(self.rungs.index(place, 0), flags.ClearAndSelect | flags.Rows)
        selection.blockSignals(False)
        self.viewport().update()
        self._fit()

    def go(self, place: int) -> None:
        """Choose a rung."""
        self.selectRow(place)

    def restyle(self) -> None:
        """Fonts or colours changed."""
        self.setFont(self.theme.font())
        self.horizontalHeader().setFont(self.theme.font("small"))
        self.fit_rows()
        self._fit()

    def minimumSizeHint(self) -> QSize:
        return QSize(round(240 * self.theme.scale), self.height())

    def _on_row(self, index: QModelIndex, _before: QModelIndex) -> None:
        if index.isValid():
            self.chosen.emit(index.row())

    def _fit(self) -> None:
        rows = max(1, self.rungs.rowCount())
        scroll = self.horizontalScrollBar().sizeHint().height()
        line = self.verticalHeader().defaultSectionSize()
        self.setFixedHeight(self.horizontalHeader().sizeHint().height() + rows * line + scroll + 4)
