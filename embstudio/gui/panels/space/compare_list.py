"""The list of the words of both sets, to look one up and to sort."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QLineEdit, QVBoxLayout, QWidget

from embstudio.gui.flow_layout import FlowRow
from embstudio.gui.panels.elided_label import ElidedLabel
from embstudio.gui.panels.space.compare_run import Compared
from embstudio.gui.panels.space.compare_words import kind_of
from embstudio.gui.plots.shift_table import MOVED, SAME, WORD, ShiftTable
from embstudio.gui.style.theme import Theme

ORDERS = {
    "most moved": (MOVED, True),
    "least moved": (MOVED, False),
    "fewest same": (SAME, False),
    "most same": (SAME, True),
    "A to Z": (WORD, False),
}
_LETTERS = 12


class CompareList(QWidget):
    """picked(place): the person came to a word."""

    picked = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.search = QLineEdit(self)
        self.search.setObjectName("compareFind")
        self.search.setAccessibleName("Find words of both sets")
        self.search.setPlaceholderText("find a word")
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(lambda _text: self._keep())
        self.order = QComboBox(self)
        self.order.setObjectName("compareOrder")
        self.order.setAccessibleName("Order of the words")
        self.order.setToolTip("Which words come first: by how far they moved, or by how many neighbours are the same")
        self.order.addItems(list(ORDERS))
        self.order.activated.connect(lambda _place: self._sort())
        self.table = ShiftTable(theme)
        self.table.picked.connect(self.picked)
        self.table.horizontalHeader().sortIndicatorChanged.connect(lambda *_: self._follow())
        self.counted = ElidedLabel("", self)
        row = FlowRow(self)
        for widget in (self.search, self.order):
            row.flow.addWidget(widget)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 0, 0, 4)
        column.setSpacing(2)
        column.addWidget(row)
        column.addWidget(self.table, 1)
        column.addWidget(self.counted)
        self._folded: tuple[str, ...] = ()
        self.restyle()

    def set_compared(self, compared: Compared) -> None:
        """Take another comparison."""
        found = compared.comparison
        self._folded = compared.folded
        one = kind_of(compared).removesuffix("s")
        self.table.shifts.title = one
        self.search.setPlaceholderText(f"find a {one}")
        self.table.shifts.set_words(found.words, found.overlaps, found.alignment.moved, found.count)
        self._keep()

    def forget(self) -> None:
        """Let go of the words."""
        self._folded = ()
        self.table.shifts.set_words((), np.zeros(0), np.zeros(0), 0)

    def restyle(self) -> None:
        """Colours or fonts changed."""
        self.search.setMinimumWidth(self.fontMetrics().averageCharWidth() * _LETTERS)
        self.table.restyle()

    def _keep(self) -> None:
        """The words in which what was typed stands."""
        sought = self.search.text().strip().casefold()
        if not sought:
            self.table.shifts.keep(None)
        else:
            kept = [place for place, word in enumerate(self._folded) if sought in word]
            self.table.shifts.keep(np.array(kept, np.intp))
        shown = self.table.shifts.rowCount()
        self.counted.setText(f"{shown:,} of {len(self._folded):,}" if sought else "")
        self.counted.setVisible(bool(sought))

    def _sort(self) -> None:
        column, falling = ORDERS[self.order.currentText()]
        self.table.order_by(column, falling=falling)
        self.table.scrollToTop()

    def _follow(self) -> None:
        """A heading was clicked."""
        header = self.table.horizontalHeader()
        chosen = (
            header.sortIndicatorSection(),
            header.sortIndicatorOrder() == header.sortIndicatorOrder().DescendingOrder,
        )
        at = [place for place, order in enumerate(ORDERS.values()) if order == chosen]
        self.order.setCurrentIndex(at[0] if at else -1)
