"""Texts to compare: a field for each, with the letter it is called by, and a way to take it out."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QScrollArea, QToolButton, QVBoxLayout, QWidget

from embstudio.gui.style.theme import Theme

MOST = 12
LEAST = 2
LETTERS = "ABCDEFGHIJKL"
IN_SIGHT = 4.5  # rows; of more one scrolls


class TextRow(QWidget):
    """A letter, a field and a button to take it out."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.letter = QLabel(self)
        self.letter.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.field = QLineEdit(text, self)
        self.field.setPlaceholderText("a text")
        self.field.setMinimumWidth(60)
        self.letter.setBuddy(self.field)
        self.out = QToolButton(self)
        self.out.setText("✕")
        self.out.setAutoRaise(True)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(6)
        line.addWidget(self.letter)
        line.addWidget(self.field, 1)
        line.addWidget(self.out)

    def call(self, letter: str, *, last_two: bool) -> None:
        """Name it by its place. last_two: whether the text alone is taken out, and the field stays."""
        self.letter.setText(letter)
        self.field.setObjectName(f"Text{letter}")
        self.field.setAccessibleName(f"Text {letter}")
        self.out.setObjectName(f"TextOut{letter}")
        self.out.setAccessibleName(f"Take text {letter} out")
        self.out.setToolTip(f"Empty text {letter}" if last_two else f"Take text {letter} out")

    def restyle(self, theme: Theme) -> None:
        """Fonts changed."""
        self.letter.setFont(theme.font(bold=True))
        self.letter.setFixedWidth(round(1.4 * self.letter.fontMetrics().horizontalAdvance("M")))


class TextRows(QScrollArea):
    """changed(): another text stands in a field, or there are more or fewer of them. settled(): one was finished with
    Enter."""

    changed = Signal()
    settled = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setObjectName("TextRows")
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._rows: list[TextRow] = []
        body = QWidget()
        self._column = QVBoxLayout(body)
        self._column.setContentsMargins(8, 0, 8, 0)
        self._column.setSpacing(4)
        self._column.addStretch(1)
        self.setWidget(body)
        for _ in range(LEAST):
            self._add("")
        self._name()

    @property
    def fields(self) -> list[QLineEdit]:
        return [row.field for row in self._rows]

    @property
    def texts(self) -> list[str]:
        """What stands in the fields, from the first to the last."""
        return [field.text() for field in self.fields]

    @property
    def full(self) -> bool:
        return len(self._rows) == MOST

    def fill(self, texts: Sequence[str]) -> None:
        """Show these, at least two fields and at most as many as there can be."""
        wanted = [*texts[:MOST], *[""] * (LEAST - len(texts))]
        while len(self._rows) > len(wanted):
            self._drop(len(self._rows) - 1)
        while len(self._rows) < len(wanted):
            self._add("")
        for field, text in zip(self.fields, wanted, strict=True):
            field.setText(text)
            field.setCursorPosition(0)
        self._name()
        self.changed.emit()

    def add(self, text: str = "") -> None:
        """Put a text into the first empty field, or into a new one; without a text, go to that field."""
        empty = next((field for field in self.fields if not field.text().strip()), None)
        if empty is None:
            if self.full:
                return
            empty = self._add("")
            self._name()
        empty.setText(text)
        empty.setCursorPosition(0)
        empty.setFocus()
        self.ensureWidgetVisible(empty)
        self.changed.emit()

    def restyle(self) -> None:
        """Fonts changed."""
        self._fit()

    def _add(self, text: str) -> QLineEdit:
        row = TextRow(text, self.widget())
        row.out.clicked.connect(partial(self._take_out, row))
        row.field.textChanged.connect(self._on_text)
        row.field.returnPressed.connect(self.settled)
        self._column.insertWidget(len(self._rows), row)
        self._rows.append(row)
        row.show()
        return row.field

    def _take_out(self, row: TextRow) -> None:
        place = self._rows.index(row)
        if len(self._rows) > LEAST:
            self._drop(place)
            self._name()
        else:
            self.fields[place].clear()
        self.fields[min(place, len(self._rows) - 1)].setFocus()
        self.changed.emit()

    def _drop(self, place: int) -> None:
        row = self._rows.pop(place)
        row.field.blockSignals(True)
        self._column.removeWidget(row)
        row.hide()
        row.deleteLater()

    def _name(self) -> None:
        """Letters and names by place, and as much height as some rows need."""
        for letter, row in zip(LETTERS, self._rows, strict=False):
            row.call(letter, last_two=len(self._rows) <= LEAST)
        self._fit()

    def _on_text(self) -> None:
        self.changed.emit()

    def _fit(self) -> None:
        for row in self._rows:
            row.restyle(self._theme)
        high = self.fields[0].sizeHint().height() + self._column.spacing()
        self.setFixedHeight(round(min(len(self._rows), IN_SIGHT) * high))
