"""What is wrong with what was typed, and words spelt alike as buttons."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from embstudio.gui.flow_layout import FlowRow


class SpellingRow(FlowRow):
    """Hidden while nothing is wrong. chosen(word): one of the words was taken."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("Spelling")
        self.said = QLabel(self)
        self.said.setWordWrap(True)
        self.said.setMinimumWidth(160)
        self.flow.setContentsMargins(8, 0, 8, 0)
        self.flow.addWidget(self.said)
        self.buttons: list[QPushButton] = []
        self.hide()

    def say(self, text: str, words: Sequence[str] = ()) -> None:
        """Say what is wrong, and offer words; "" for nothing."""
        for button in self.buttons:
            self.flow.removeWidget(button)
            button.hide()
            button.deleteLater()
        self.buttons = []
        self.said.setText(text)
        self.setAccessibleName(text)
        for word in words:
            button = QPushButton(word.replace("&", "&&"), self)
            button.setObjectName(f"SpeltAlike{len(self.buttons)}")
            button.setAccessibleName(f"Take {word}")
            button.clicked.connect(partial(self.chosen.emit, word))
            self.flow.addWidget(button)
            self.buttons.append(button)
        self.setVisible(bool(text))
