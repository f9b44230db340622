"""Facts in three columns: what, how it comes about, and the number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHeaderView, QWidget

from embstudio.gui.plots.line_model import LineModel
from embstudio.gui.plots.plain_table import PlainTable
from embstudio.gui.style.theme import Theme


class Fact(NamedTuple):
    """cells: one for each column. tip: exact, in a sentence."""

    cells: tuple[str, ...]
    tip: str = ""


class FactModel(LineModel[Fact]):
    """One line a fact."""

    def cells(self, _place: int, line: Fact) -> Sequence[str]:
        return line.cells

    def tip(self, _place: int, line: Fact) -> str:
        return line.tip or "\n".join(cell for cell in line.cells if cell)


class FactTable(PlainTable):
    """As high as its lines. words: the columns that hold words; wide: the one that takes what room is left."""

    def __init__(
        self,
        theme: Theme,
        headings: tuple[str, ...],
        words: frozenset[int],
        wide: int,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(theme, parent)
        self.facts = FactModel(self)
        self.facts.headings, self.facts.words = headings, words
        self.setModel(self.facts)
        self.setWordWrap(False)
        self.verticalHeader().hide()
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(wide, QHeaderView.ResizeMode.Stretch)
        header.setMinimumSectionSize(40)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.restyle()

    def set_facts(self, facts: Sequence[Fact]) -> None:
        """Take other lines."""
        self.facts.take(facts)
        self._fit()

    def restyle(self) -> None:
        """Fonts or colours changed."""
        self.setFont(self.theme.font())
        self.horizontalHeader().setFont(self.theme.font("small"))
        self.fit_rows()
        self._fit()

    def minimumSizeHint(self) -> QSize:
        return QSize(round(240 * self.theme.scale), self.height())

    def _fit(self) -> None:
        rows = max(1, self.facts.rowCount())
        scroll = self.horizontalScrollBar().sizeHint().height()
        line = self.verticalHeader().defaultSectionSize()
        self.setFixedHeight(self.horizontalHeader().sizeHint().height() + rows * line + scroll + 4)
