"""The documents to find topics in: the notes' books, ready texts, pasted ones, or a file of documents or counts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QComboBox, QFileDialog, QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget

from embstudio.base.paths import resources_dir
from embstudio.gui.panels.elided_label import ElidedLabel
from embstudio.gui.panels.lab.knobs import Knobs, Switch, Whole
from embstudio.lab.topics.documents import Reading
from embstudio.lab.topics.sources import Source

BOOKS, KINDS, OWN, FILE, MATRIX = range(5)
_CHOICES = (
    "Six books and five words (the notes' example)", "17 short documents of three kinds",
    "Documents of your own: type or paste them", "A file…", "A matrix changed by hand",
)  # fmt: skip
_NO_TEXT = "These are counts without texts: see Matrix, where each can be changed."
_KNOBS = (
    Switch("stop_words", "leave out stop words", "Leave out the frequent little words of English: the, and, of …"),
    Whole("rarest", "rarest", 1, 1_000, "Words that occur less often than this in all documents together are left out"),
)
_SHOWN = 20_000  # letters of a file that are shown
_TYPING_MS = 400  # without a key, after which what was typed is read
_FILES = "Documents, one a line, or a matrix of counts (*.txt *.md *.csv *.tsv);;All files (*)"


class TopicsBox(QWidget):
    """changed(): other documents, or to be read in another way. `source` says which, or that it is the books."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.path: Path | None = None
        self.place = BOOKS
        self.choice = QComboBox(self)
        self.choice.setObjectName("labTopicsText")
        self.choice.setAccessibleName("Documents")
        self.choice.addItems(_CHOICES[:MATRIX])
        self.choice.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.choice.setMinimumContentsLength(12)
        self.choice.activated.connect(self.choose)
        self.knobs = Knobs(Reading(), _KNOBS, parent=self)
        self.also = QLineEdit(self)
        self.also.setObjectName("labAlsoOut")
        self.also.setAccessibleName("More words to leave out")
        self.also.setPlaceholderText("More words to leave out")
        self.also.setClearButtonEnabled(True)
        self.also.setToolTip("Words to leave out beside the stop words, with blanks between them")
        self.edit = QPlainTextEdit(self)
        self.edit.setObjectName("labTopicsEdit")
        self.edit.setAccessibleName("The documents")
        self.edit.setPlaceholderText(
            "One document a line, or with blank lines between them. A title may stand before a document, with a tab "
            "after it."
        )
        self.edit.setTabChangesFocus(True)
        self.telling = ElidedLabel("", self)
        self.telling.setObjectName("labTopicsTelling")
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(_TYPING_MS)
        self._typing.timeout.connect(self.changed)
        self._setting = False
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        for widget in (self.choice, self.knobs, self.also):
            column.addWidget(widget)
        column.addWidget(self.edit, 1)
        column.addWidget(self.telling)
        self.edit.textChanged.connect(self._on_edit)
        self.knobs.changed.connect(self.changed)
        self.also.editingFinished.connect(self._on_also)
        self._said_out = ""
        self._take(BOOKS, _NO_TEXT)

    @property
    def source(self) -> Source | None:
        """What is to be read; None: the books, or a matrix changed by hand."""
        if self.place in (BOOKS, MATRIX):
            return None
        also = tuple(self.also.text().lower().replace(",", " ").split())
        reading = replace(self.knobs.settings, also=also)
        return Source("" if self.path is not None else self.edit.toPlainText(), self.path, reading)

    @property
    def is_blank(self) -> bool:
        """Whether a text of one's own is still to be written."""
        return self.place == OWN and not self.edit.toPlainText().strip()

    def choose(self, place: int) -> None:
        """Take one of the choices; of a file, ask which."""
        if place == FILE:
            self.choice.setCurrentIndex(self.place)
            path, _ = QFileDialog.getOpenFileName(self, "Documents, or a matrix of counts", "", _FILES)
            if path:
                self.open(Path(path))
            return
        if place == MATRIX:
            return
        texts = {BOOKS: _NO_TEXT, OWN: ""}
        if place == KINDS:
            texts[KINDS] = (resources_dir() / "texts" / "three-kinds.txt").read_text(encoding="utf-8")
        self._take(place, texts[place])
        if place == OWN:
            self.edit.setFocus()
        self.changed.emit()

    def open(self, path: Path) -> None:
        """Take a file: its beginning is shown."""
        try:
            with path.open(encoding="utf-8-sig", errors="replace") as file:
                head = file.read(_SHOWN)
        except OSError as error:
            head = f"This file cannot be read: {error}"
        self.choice.setItemText(FILE, f"File: {path.name}")
        self._take(FILE, head, path)
        self.changed.emit()

    def set_text(self, text: str) -> None:
        """Put documents of one's own into the box."""
        self._take(OWN, text)
        self.changed.emit()

    def matrix_changed(self) -> None:
        """A cell was changed by hand: the documents are no longer those that were read."""
        self._take(MATRIX, _NO_TEXT)

    def say(self, text: str) -> None:
        """Tell what was read."""
        self.telling.setText(text)

    def _take(self, place: int, text: str, path: Path | None = None) -> None:
        self._typing.stop()
        if place == MATRIX and self.choice.count() == MATRIX:
            self.choice.addItem(_CHOICES[MATRIX])
        elif place != MATRIX and self.choice.count() > MATRIX:
            self.choice.removeItem(MATRIX)
        if place != FILE:
            self.choice.setItemText(FILE, _CHOICES[FILE])
        self.place, self.path = place, path
        self.choice.setCurrentIndex(place)
        self._setting = True
        self.edit.setPlainText(text)
        self._setting = False
        self.edit.setReadOnly(place in (BOOKS, MATRIX) or path is not None)
        is_text = self.source is not None and not self.source.is_matrix
        self.knobs.setEnabled(is_text)
        self.also.setEnabled(is_text)

    def _on_edit(self) -> None:
        if self._setting:
            return
        if self.place != OWN:  # a ready text that is changed is one's own
            self.place = OWN
            self.choice.setCurrentIndex(OWN)
        self._typing.start()

    def _on_also(self) -> None:
        if self.also.text() != self._said_out:
            self._said_out = self.also.text()
            self.changed.emit()
