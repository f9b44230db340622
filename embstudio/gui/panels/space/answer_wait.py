"""A question that takes long: that it is being worked on, a way to stop it, and to ask it again."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from embstudio.gui.panels.elided_label import ElidedLabel
from embstudio.gui.panels.space.answers import Answers

PATIENCE_MS = 300  # an answer that comes sooner needs no way to stop it
STOPPED = "Stopped. What is shown, if there is something, was asked before."


class AnswerWait(QWidget):
    """`begin` once a question is asked. stopped(): nobody waits for it any more. wanted_again(): it is to be asked
    again."""

    stopped = Signal()
    wanted_again = Signal()

    def __init__(self, answers: Answers, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._answers = answers
        self.telling = ElidedLabel("", self)
        self.telling.setObjectName("answerTelling")
        self.stop = self._button("answerStop", "Stop", "Stop looking for this answer; what is shown stays")
        self.stop.clicked.connect(self._give_up)
        self.again = self._button("answerAgain", "Ask again", "Ask once more what stands in the fields")
        self.again.clicked.connect(self.wanted_again)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 0, 8, 0)
        row.addWidget(self.telling, 1)
        row.addWidget(self.stop)
        row.addWidget(self.again)
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(PATIENCE_MS)
        self._patience.timeout.connect(self.show)
        answers.answered.connect(self.end)
        answers.failed.connect(self.end)
        self.end()

    def begin(self, telling: str) -> None:
        """telling: what is being done."""
        self.telling.setText(telling)
        self.stop.show()
        self.again.hide()
        if self.isHidden():
            self._patience.start()

    def end(self, _outcome: object = None) -> None:
        """Nothing is waited for, nor was stopped."""
        self._patience.stop()
        self.hide()

    def _give_up(self) -> None:
        self._answers.forget()
        self._patience.stop()
        self.telling.setText(STOPPED)
        self.stop.hide()
        self.again.show()
        self.again.setFocus()
        self.stopped.emit()

    def _button(self, name: str, text: str, tip: str) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName(name)
        button.setText(text)
        button.setToolTip(tip)
        button.setAccessibleName(tip.partition(";")[0])
        return button
