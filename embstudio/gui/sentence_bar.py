"""Where the person types: the trace follows each keystroke. Beside it the menu of examples."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QMenu, QToolButton, QWidget

from embstudio.base.examples import ExampleGroup
from embstudio.gui.binding import bind
from embstudio.studio import Studio

# Keystrokes closer together than this become one request.
COALESCE_MS = 2


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
        row.addWidget(self.field, 1)
        row.addWidget(self.examples)

        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(COALESCE_MS)
        self._pause.timeout.connect(self._send)
        self.field.textEdited.connect(lambda _text: self._pause.start())
        bind(self, studio.sentence_changed, self._show)
        self._show()

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

    def _send(self) -> None:
        self._studio.type(self.field.text())

    def _show(self) -> None:
        # What the person is typing is never overwritten by what it was a moment ago.
        if not self._pause.isActive() and self.field.text() != self._studio.sentence:
            self.field.setText(self._studio.sentence)
            self.field.setCursorPosition(0)
