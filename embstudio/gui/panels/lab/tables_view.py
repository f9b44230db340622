"""Both tables of word2vec, for the words one looks at."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtWidgets import QVBoxLayout, QWidget

from embstudio.gui.panels.lab.table_map import TableMap
from embstudio.gui.panels.wrapped_label import WrappedLabel
from embstudio.gui.style.theme import Theme

_ABOUT = (
    "Training keeps two vectors of each word: the input vector, of a word that predicts, and the output vector, of one "
    "that is predicted. The input table is what is usually kept."
)


class TablesView(QWidget):
    """One above the other, the same words in both."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.input = TableMap(theme, "Input vectors v", self)
        self.output = TableMap(theme, "Output vectors u", self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(WrappedLabel(_ABOUT, self))
        column.addWidget(self.input, 1)
        column.addWidget(self.output, 1)

    def show_rows(self, tables: tuple[np.ndarray, ...], rows: Sequence[int], words: Sequence[str]) -> None:
        """Show some rows of both tables [words, width]."""
        names = [words[row] for row in rows]
        for view, table in zip((self.input, self.output), tables, strict=True):
            view.set_values(table[list(rows)], names)

    def restyle(self) -> None:
        """Colours or fonts changed."""
        for view in (self.input, self.output):
            view.updateGeometry()
            view.update()
