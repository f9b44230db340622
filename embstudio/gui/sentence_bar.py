"""Where the person types: the trace follows each keystroke. Beside it the menu of examples.

Models that read two texts have a second field: the other sentence of a pair, or what a decoder has written so far.
"""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QMenu, QToolButton, QWidget

from embstudio.base.examples import ExampleGroup
from embstudio.gui.binding import bind
from embstudio.studio import Studio

# Keystrokes closer together than this become one request.
COALESCE_MS = 2


# What the second field is called, and what stands in it while it is empty.
SECOND = {
    "decoder": ("Decoder", "what it has written so far"),
    "second sentence": ("Second sentence", "may be left empty"),
}


class SentenceField(QLineEdit):
    """A line of text that gives the keyboard back to the stepping keys on Enter or Escape."""

    left = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape):
            self.left.emit()
        else:
            super().keyPressEvent(event)


class SentenceBar(QWidget):
    """The sentence and the examples. `left` is emitted when the person is done typing."""

    left = Signal()

    def __init__(self, studio: Studio, examples: tuple[ExampleGroup, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._studio = studio
        self.field = SentenceField(self)
        self.field.setObjectName("sentence")
        self.field.setAccessibleName("Sentence")
        self.field.setPlaceholderText("Type a sentence…")
        self.field.setToolTip("The model reads this as you type. Enter goes on to stepping; Ctrl+L comes back here.")
        self.field.setClearButtonEnabled(True)
        self.field.setMaxLength(2_000_000)
        self.field.setAcceptDrops(False)  # a model dropped here is for the window
        self.field.left.connect(self.left)
        self.second_name = QLabel(self)
        self.second = SentenceField(self)
        self.second.setObjectName("second")
        self.second.setClearButtonEnabled(True)
        self.second.setMaxLength(2_000_000)
        self.second.setAcceptDrops(False)
        self.second.left.connect(self.left)
        self.second_name.setBuddy(self.second)
        self.examples = QToolButton(self)
        self.examples.setObjectName("examples")
        self.examples.setText("Examples")
        self.examples.setAccessibleName("Examples")
        self.examples.setToolTip("Sentences worth stepping through")
        self.examples.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._groups = examples
        self._menu = QMenu(self)
        self._menu.setToolTipsVisible(True)
        self._menu.aboutToShow.connect(self._fill)
        self.examples.setMenu(self._menu)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.field, 2)
        row.addWidget(self.second_name)
        row.addWidget(self.second, 1)
        row.addWidget(self.examples)

        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(COALESCE_MS)
        self._pause.timeout.connect(self._send)
        self._second_edited = False
        self.field.textEdited.connect(lambda _text: self._pause.start())
        self.second.textEdited.connect(lambda _text: self._edit_second())
        bind(self, studio.sentence_changed, self._show)
        bind(self, studio.document_changed, self._show_second)
        self._show()
        self._show_second()

    def _fill(self) -> None:
        """Offer what suits the model that is open."""
        document = self._studio.document
        kind = document.source.card.kind if document and document.source.card else ""
        self._menu.clear()
        for group in self._groups:
            if not group.suits(kind):
                continue
            self._menu.addSection(group.title)
            for example in group.examples:
                action = self._menu.addAction(example.text)
                action.setToolTip(example.note)
                action.triggered.connect(partial(self._take, example.text))

    def _take(self, sentence: str, _checked: bool = False) -> None:
        self._studio.type(sentence)

    def _edit_second(self) -> None:
        self._second_edited = True
        self._pause.start()

    def _send(self) -> None:
        both = self._second_edited and self.field.text() != self._studio.sentence
        if self._second_edited:
            self._second_edited = False
            self._studio.type_second(self.second.text())
            if not both:
                return
        self._studio.type(self.field.text())

    def _show_second(self) -> None:
        """Show the second field if the open model takes a second text."""
        document = self._studio.document
        name, hint = SECOND.get(document.opened.second if document else "", ("", ""))
        self.second_name.setVisible(bool(name))
        self.second.setVisible(bool(name))
        self.second_name.setText(name)
        self.second.setAccessibleName(name)
        self.second.setPlaceholderText(hint)
        self.second.setToolTip(f"{name}. The trace follows as you type; Enter goes on to stepping.")
        self._show()

    def _show(self) -> None:
        # What the person is typing is never overwritten by what it was a moment ago.
        if not self._pause.isActive() and self.field.text() != self._studio.sentence:
            self.field.setText(self._studio.sentence)
            self.field.setCursorPosition(0)
        if not self._second_edited and self.second.text() != self._studio.second:
            self.second.setText(self._studio.second)
            self.second.setCursorPosition(0)
