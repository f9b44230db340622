"""A field for an expression: it offers names of points and functions while one types."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QStringListModel, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QCompleter, QLineEdit, QWidget

from embstudio.stepper.watch.completion import Completion, completions
from embstudio.stepper.watch.lexeme import LONGEST
from embstudio.studio import Studio

_TAKES = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab)


class ExpressionField(QLineEdit):
    """Down goes into the list of completions, Enter or Tab takes one, Escape closes the list."""

    def __init__(self, studio: Studio, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("expression")
        self.setMaxLength(LONGEST)
        self.setMinimumWidth(40)
        self._studio = studio
        self._offered: list[Completion] = []
        self._words = QStringListModel(self)
        self._completer = QCompleter(self._words, self)
        self._completer.setWidget(self)
        self._completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        self._completer.setMaxVisibleItems(10)
        popup = self._completer.popup()
        assert popup is not None
        self._popup = popup
        popup.setObjectName("completions")
        popup.setAccessibleName("Completions")
        popup.clicked.connect(lambda index: self._take(index.row()))
        self.textEdited.connect(lambda _text: self._offer())

    @property
    def offering(self) -> bool:
        """Whether the list of completions is open."""
        return self._popup.isVisible()

    def event(self, event: QEvent) -> bool:
        # The keys of the list of completions, before they leave the field or add what is half written.
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and self.offering:
            if event.key() in _TAKES:
                at = self._popup.currentIndex()
                if at.isValid() or event.key() == Qt.Key.Key_Tab:
                    self._take(at.row() if at.isValid() else 0)
                    return True
                self._popup.hide()
            elif event.key() == Qt.Key.Key_Escape:
                self._popup.hide()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        super().keyPressEvent(event)
        if event.key() in _TAKES:
            event.accept()  # a list around it would take Enter for the wish to edit again

    def focusOutEvent(self, event: QFocusEvent) -> None:
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self._popup.hide()
        super().focusOutEvent(event)

    def _offer(self) -> None:
        document, trace = self._studio.document, self._studio.trace
        points: tuple[str, ...] = document.opened.anatomy.point_names if document is not None else ()
        if trace is not None:
            points = tuple(dict.fromkeys((*points, *trace.arrays)))
        self._offered = completions(self.text(), self.cursorPosition(), points)
        if not self._offered:
            self._popup.hide()
            return
        told = (f"{each.text}   {each.meaning}" if each.meaning else each.text for each in self._offered)
        self._words.setStringList(list(told))
        popup = self._popup
        room = self.cursorRect()
        room.setLeft(0)
        widest = popup.sizeHintForColumn(0) + popup.verticalScrollBar().sizeHint().width() + 8
        room.setWidth(max(self.width(), min(widest, 560)))
        self._completer.complete(room)
        popup.setCurrentIndex(QModelIndex())

    def _take(self, row: int) -> None:
        if not 0 <= row < len(self._offered):
            return
        chosen = self._offered[row]
        text, at = self.text(), self.cursorPosition()
        self.setText(text[: chosen.start] + chosen.text + text[at:])
        self.setCursorPosition(chosen.start + len(chosen.text))
        self._popup.hide()
