"""The two texts of the ladder, what the counts leave out of them, and the model that reads them last."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QLineEdit, QToolButton, QVBoxLayout, QWidget

from embstudio.gui.flow_layout import FlowRow
from embstudio.gui.panels.lab.ladder_examples import EXAMPLES, Example
from embstudio.gui.panels.lab.ladder_model import LadderModel
from embstudio.gui.style.theme import Theme
from embstudio.space.word_counts import words_of, written_out
from embstudio.studio import Studio

PAUSE_MS = 250  # in typing, after which models read it
_TIMES = "dog×3 stands for dog dog dog"


class LadderTexts(QWidget):
    """changed(): something else is typed; settled(): and has been for a moment, or it was chosen."""

    changed = Signal()
    settled = Signal()

    def __init__(self, studio: Studio, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.examples = QComboBox(self)
        self.examples.setObjectName("ladderExamples")
        self.examples.setAccessibleName("Example")
        self.examples.setToolTip("Texts to begin with")
        self.examples.addItems([example.name for example in EXAMPLES])
        self.without = _field("ladderWithout", "Words the counts leave out", "the, a, …", self)
        self.without.setToolTip("Words that the counts leave out. Models read the whole text.")
        self.without.setMaximumWidth(160)
        self.model = LadderModel(studio, self)
        self.copy = QToolButton(self)
        self.copy.setObjectName("ladderCopy")
        self.copy.setText("Copy")
        self.copy.setToolTip("Copy every metric of every rung as a table")
        self.first = _field("ladderFirst", "First text", f"first text ({_TIMES})", self)
        self.second = _field("ladderSecond", "Second text", f"second text ({_TIMES})", self)
        self._letters = [QLabel(letter, self) for letter in "AB"]
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(self.settled)
        self._arrange()
        self.take(EXAMPLES[0])
        for field in (self.first, self.second, self.without):
            field.textChanged.connect(self._on_typed)
            field.returnPressed.connect(self._settle)
        self.examples.activated.connect(lambda place: self.take(EXAMPLES[place]))
        self.model.chosen.connect(self._settle)

    @property
    def typing(self) -> bool:
        """Whether something was typed a moment ago."""
        return self._pause.isActive()

    @property
    def written(self) -> tuple[str, str]:
        """Both texts, written out. Raises ValueError where that is too long."""
        return written_out(self.first.text()), written_out(self.second.text())

    @property
    def left_out(self) -> frozenset[str]:
        """Words that the counts pass over."""
        return frozenset(words_of(self.without.text()))

    def take(self, example: Example) -> None:
        """Show an example."""
        fields = {self.first: example.first, self.second: example.second, self.without: example.without}
        for field, text in fields.items():
            field.blockSignals(True)
            field.setText(text)
            field.setCursorPosition(0)
            field.blockSignals(False)
        self.examples.setCurrentIndex(EXAMPLES.index(example))
        self._settle()

    def restyle(self) -> None:
        """Fonts changed."""
        for letter in self._letters:
            letter.setFont(self._theme.font(bold=True))

    def _on_typed(self) -> None:
        self._pause.start()
        self.changed.emit()

    def _settle(self) -> None:
        self._pause.stop()
        self.settled.emit()

    def _arrange(self) -> None:
        row = FlowRow(self)
        row.flow.setContentsMargins(8, 0, 8, 0)
        row.flow.addWidget(self.examples)
        for label, field in (("leave out", self.without), ("model", self.model)):
            row.flow.addWidget(_labelled(label, field, row))
        row.flow.addWidget(self.copy)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(row)
        for letter, field in zip(self._letters, (self.first, self.second), strict=True):
            line = QHBoxLayout()
            line.setContentsMargins(8, 0, 8, 0)
            letter.setBuddy(field)
            line.addWidget(letter)
            line.addWidget(field, 1)
            column.addLayout(line)


def _field(name: str, said: str, hint: str, parent: QWidget) -> QLineEdit:
    field = QLineEdit(parent)
    field.setObjectName(name)
    field.setAccessibleName(said)
    field.setPlaceholderText(hint)
    return field


def _labelled(label: str, field: QWidget, parent: QWidget) -> QWidget:
    pair = QWidget(parent)
    row = QHBoxLayout(pair)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(4)
    said = QLabel(label, pair)
    said.setBuddy(field)
    row.addWidget(said)
    row.addWidget(field)
    return pair
