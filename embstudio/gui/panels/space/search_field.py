"""A field to find words in: completed as one types, or, between slashes, a regular expression."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QStringListModel, Qt, Signal
from PySide6.QtWidgets import QCompleter, QLineEdit, QWidget

from embstudio.space.word_search import beginning

LETTERS = 12  # that the field has room for


class SearchField(QLineEdit):
    """word_wanted(text), pattern_wanted(expression): Enter was pressed, or a word chosen that was offered."""

    word_wanted = Signal(str)
    pattern_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("mapSearch")
        self.setAccessibleName("Find a word on the map")
        self.setPlaceholderText("find a word, /regex/")
        self.setToolTip("Go to a word; a regular expression between slashes selects every word it is found in")
        self.setClearButtonEnabled(True)
        self.words: Sequence[str] = ()
        self._offered = QStringListModel(self)
        completer = QCompleter(self._offered, self)
        completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.activated.connect(self.word_wanted)
        self.setCompleter(completer)
        self.textEdited.connect(self._complete)
        self.returnPressed.connect(self._ask)
        self.restyle()

    def restyle(self) -> None:
        """Fonts changed."""
        self.setMinimumWidth(self.fontMetrics().averageCharWidth() * LETTERS)

    def offered(self) -> Sequence[str]:
        """The words that are offered now."""
        return self._offered.stringList()

    def _complete(self, text: str) -> None:
        self._offered.setStringList([] if text.startswith("/") else beginning(self.words, text))

    def _ask(self) -> None:
        text = self.text().strip()
        if len(text) > 1 and text.startswith("/"):
            self.pattern_wanted.emit(text[1:].removesuffix("/"))
        elif text:
            self.word_wanted.emit(text)
