"""Both methods on the same documents: topic shares beside coordinates, and the words of each."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from embstudio.gui.panels.lab.topics_grid import TopicsGrid
from embstudio.gui.panels.lab.topics_sight import TopicsSight
from embstudio.gui.panels.lab.topics_words import component_html, topics_html
from embstudio.gui.panels.wrapped_label import WrappedLabel
from embstudio.gui.style.numbers import MINUS
from embstudio.gui.style.theme import Theme
from embstudio.lab.topics.corpus import Corpus
from embstudio.lab.topics.lsa import Lsa

_MOST = 12  # columns of each method
_TOLD = 4  # components whose words are told
_ABOUT = (
    "LDA gives shares of topics, together 1; topics have no order, and another seed numbers them otherwise. LSA gives "
    "coordinates, in the order of what they keep and the same each time; they may be negative, for a component has two "
    "ends and stands for the difference between them."
)


class TopicsCompare(QWidget):
    """picked(document)."""

    picked = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.grid = TopicsGrid(theme, "Documents: topic shares by LDA, coordinates by LSA", 6, self)
        self.grid.setObjectName("labCompare")
        self.grid.picked.connect(self.picked)
        self.lda, self.lsa = (self._told(name) for name in ("labLdaTopics", "labLsaComponents"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.grid, 1)
        column.addWidget(WrappedLabel(_ABOUT, self))
        column.addWidget(self.lda)
        column.addWidget(self.lsa)

    def show_both(self, corpus: Corpus | None, sight: TopicsSight | None, lsa: Lsa | None, rank: int) -> None:
        """Show what there is of LDA, and of LSA's first ranks."""
        theta = sight.theta if sight is not None else None
        colours = self.theme.colours
        if corpus is None:
            self.grid.set_grid((), (), lambda _row, _column: 0.0)
        topics = 0 if theta is None else min(_MOST, theta.shape[1])
        components = 0 if lsa is None else min(_MOST, rank)
        coordinates = lsa.documents(components) if lsa is not None else np.zeros((0, 0))
        most = float(np.abs(coordinates).max(initial=0.0)) or 1.0

        def value(row: int, column: int) -> float:
            if column < topics:
                assert theta is not None
                return float(theta[row, column])
            return float(coordinates[row, column - topics])

        if corpus is not None:
            names = [f"LDA {at + 1}" for at in range(topics)] + [f"LSA {at + 1}" for at in range(components)]
            self.grid.set_grid(corpus.names, names, value, [1.0] * topics + [most] * components)
        self.grid.grid.text = _short
        self.lda.setText(
            topics_html(sight.tops, sight.sizes.tolist(), colours)
            if sight is not None
            else "LDA: Run or Step first, then topics stand here."
        )
        if lsa is None or corpus is None:
            self.lsa.setText("")
            return
        told = [
            f"<b>component {at + 1}</b><br>{component_html(lsa, at, corpus.words, colours)}"
            for at in range(min(_TOLD, components))
        ]
        if components > _TOLD:
            told.append(f"and {components - _TOLD} more: see LSA")
        self.lsa.setText("<br>".join(told) if told else "LSA: no component is kept, raise the rank.")

    def restyle(self) -> None:
        """Colours or fonts changed."""
        self.grid.restyle()

    def _told(self, name: str) -> WrappedLabel:
        label = WrappedLabel("", self, quiet=False)
        label.setObjectName(name)
        label.setTextFormat(Qt.TextFormat.RichText)
        return label


def _short(value: float) -> str:
    """Three decimals, aligned; the tooltip has more."""
    return f"{value:.3f}".replace("-", MINUS)
