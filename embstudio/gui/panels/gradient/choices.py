"""The small controls of the Gradient panel's pages."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QWidget


class Choice(QWidget):
    """A list to choose from, with its label in front. `box.activated` tells of the person's choice."""

    def __init__(self, text: str, name: str, accessible: str, tip: str, items: Sequence[tuple[str, object]]) -> None:
        super().__init__()
        self.box = QComboBox(self)
        self.box.setObjectName(name)
        self.box.setAccessibleName(accessible)
        self.box.setToolTip(tip)
        self.box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.box.setMinimumWidth(60)
        label = QLabel(text, self)
        label.setBuddy(self.box)
        label.setToolTip(tip)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(label)
        row.addWidget(self.box)
        self.offer(items)

    @property
    def chosen(self) -> object:
        return self.box.currentData()

    def offer(self, items: Sequence[tuple[str, object]]) -> None:
        """Put other items into the list; what was chosen stays, if it is among them."""
        if [(self.box.itemText(at), self.box.itemData(at)) for at in range(self.box.count())] == list(items):
            return
        kept = self.box.currentData()
        self.box.clear()
        for text, value in items:
            self.box.addItem(text, value)
        self.choose(kept)

    def choose(self, value: object) -> None:
        """Choose an item by its value; the first where there is none such."""
        values = [self.box.itemData(at) for at in range(self.box.count())]
        self.box.setCurrentIndex(values.index(value) if value in values else 0)
