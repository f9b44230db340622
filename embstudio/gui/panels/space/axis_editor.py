"""A named axis as it is written: from a word to a word, and as many further pairs as one likes."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QToolButton, QWidget

from embstudio.gui.flow_layout import FlowRow
from embstudio.gui.panels.space.term_field import TermField

MOST = 6  # pairs
LETTERS = 11  # of a word that a field has room for


class AxisEditor(FlowRow):
    """`pairs`: the fields. grown(): there is one pair more or less. title: "Across", for the label and in names."""

    grown = Signal()

    def __init__(self, name: str, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name, self._title = name, title
        self.pairs: list[tuple[TermField, TermField]] = []
        self._between: list[tuple[QLabel, QLabel]] = []
        self.label = QLabel(title, self)
        self.more = self._button("More", "+ pair", f"{title}: add a pair of words; the axis is the mean of all pairs")
        self.less = self._button("Less", "− pair", f"{title}: take the last pair away")
        self.more.clicked.connect(lambda _checked=False: self._grow())
        self.less.clicked.connect(lambda _checked=False: self._shrink())
        self.flow.addWidget(self.label)
        self.flow.setContentsMargins(8, 0, 8, 0)
        self._add_pair()

    @property
    def wanted(self) -> int:
        """Pixels that all of it takes side by side."""
        items = [self.flow.itemAt(place) for place in range(self.flow.count())]
        return 16 + sum(item.sizeHint().width() + 8 for item in items if item is not None and not item.isEmpty())

    def fill(self, pairs: list[tuple[str, str]]) -> None:
        """Show pairs without a word about it."""
        while len(self.pairs) < len(pairs):
            self._add_pair()
        for fields, words in zip(self.pairs, pairs, strict=False):
            for field, word in zip(fields, words, strict=True):
                field.fill(word)

    def _grow(self) -> None:
        self._add_pair()
        self.grown.emit()
        self.pairs[-1][0].setFocus()

    def _shrink(self) -> None:
        fields, labels = self.pairs.pop(), self._between.pop()
        for widget in (*fields, *labels):
            self.flow.removeWidget(widget)
            widget.hide()
            widget.deleteLater()
        self._arrange()
        self.grown.emit()

    def _add_pair(self) -> None:
        number = len(self.pairs) + 1
        which = f"{self._title}, pair {number}"
        start = TermField(f"{self._name}From{number}", f"{which}: from", "from", self, letters=LETTERS)
        end = TermField(f"{self._name}To{number}", f"{which}: to", "to", self, letters=LETTERS)
        comma, arrow = QLabel("and" if number > 1 else "", self), QLabel("→", self)
        comma.setVisible(number > 1)
        for button in (self.more, self.less):
            self.flow.removeWidget(button)
        for widget in (comma, start, arrow, end, self.more, self.less):
            self.flow.addWidget(widget)
        for widget in (start, arrow, end):
            widget.show()
        self.pairs.append((start, end))
        self._between.append((comma, arrow))
        self._arrange()

    def _arrange(self) -> None:
        self.more.setEnabled(len(self.pairs) < MOST)
        self.less.setVisible(len(self.pairs) > 1)

    def _button(self, name: str, text: str, tip: str) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName(f"{self._name}{name}")
        button.setText(text)
        button.setToolTip(tip)
        button.setAccessibleName(tip.partition(";")[0])
        return button
