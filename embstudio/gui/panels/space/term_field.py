"""A field for a word of the set, completed as it is typed, or for a vector."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, QStringListModel, Qt, Signal
from PySide6.QtWidgets import QCompleter, QLineEdit, QWidget

from embstudio.space.lookup import Lookup

LETTERS = 18  # that a field has room for


class TermField(QLineEdit):
    """settled(): the person is done: with Enter, by going elsewhere, or by choosing a word that was offered."""

    settled = Signal()

    def __init__(
        self, name: str, plain: str, hint: str = "", parent: QWidget | None = None, *, letters: int = LETTERS
    ) -> None:
        super().__init__(parent)
        self._letters = letters
        self.setObjectName(name)
        self.setAccessibleName(plain)
        self.setPlaceholderText(hint)
        self.lookup: Lookup | None = None
        self._told = ""
        self._words = QStringListModel(self)
        completer = QCompleter(self._words, self)
        completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.activated.connect(self.put)
        self.setCompleter(completer)
        self.textEdited.connect(self._complete)
        self.editingFinished.connect(self._settle)

    def put(self, text: str) -> None:
        """Take a word that was chosen elsewhere, and say so."""
        self.setText(text)
        self.setCursorPosition(0)
        self._settle()

    def fill(self, text: str) -> None:
        """Show a word without a word about it."""
        self._told = text
        self.setText(text)
        self.setCursorPosition(0)

    def offered(self) -> Sequence[str]:
        """The words that are offered now."""
        return self._words.stringList()

    def restyle(self) -> None:
        """Fonts changed."""
        self.setMinimumWidth(self.sizeHint().width() // 2)
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        return QSize(self.fontMetrics().averageCharWidth() * self._letters + 24, super().sizeHint().height())

    def _complete(self, text: str) -> None:
        self._words.setStringList(self.lookup.beginning(text) if self.lookup is not None else [])

    def _settle(self) -> None:
        if self.text() != self._told:
            self._told = self.text()
            self.settled.emit()
