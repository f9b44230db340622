"""A list of words with a number each, which takes what width there is."""

from __future__ import annotations

from PySide6.QtCore import QAbstractItemModel, QSize, Qt
from PySide6.QtWidgets import QHeaderView, QWidget

from embstudio.gui.plots.plain_table import PlainTable
from embstudio.gui.style.theme import Theme


class WordTable(PlainTable):
    """least: lines that are always in sight. Subclasses give it a model, whose column 1 holds the words, with
    `show_lines`."""

    def __init__(self, theme: Theme, name: str, plain: str, parent: QWidget | None, *, least: int) -> None:
        super().__init__(theme, parent)
        self._least = least
        self.setObjectName(name)
        self.setAccessibleName(plain)
        self.verticalHeader().hide()
        self.horizontalHeader().setHighlightSections(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def show_lines(self, model: QAbstractItemModel, others: QHeaderView.ResizeMode) -> None:
        """others: how wide the columns beside the words are."""
        self.setModel(model)
        self.horizontalHeader().setSectionResizeMode(others)
        self.horizontalHeader().setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        self.restyle()

    def restyle(self) -> None:
        """Fonts or colours changed."""
        self.setFont(self.theme.font())
        self.horizontalHeader().setFont(self.theme.font("small"))
        self.fit_rows()

    def sizeHint(self) -> QSize:
        return QSize(round(220 * self.theme.scale), 200)

    def minimumSizeHint(self) -> QSize:
        return QSize(round(150 * self.theme.scale), self._least * self.verticalHeader().defaultSectionSize())
