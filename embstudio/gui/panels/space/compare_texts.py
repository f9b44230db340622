"""Texts for two models: typed, one a line, or read from a file."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QFileDialog, QLineEdit, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from embstudio.base.errors import StudioError
from embstudio.gui.flow_layout import FlowRow
from embstudio.gui.panels.elided_label import ElidedLabel
from embstudio.gui.panels.space.answers import Answers
from embstudio.gui.panels.wrapped_label import WrappedLabel
from embstudio.gui.style.theme import Theme
from embstudio.space.texts import Texts, read_texts

MOST = 5_000  # texts of a file; of more so many are drawn at random
LEAST = 4  # different texts that can be compared
_LINES = 3.6  # of what is typed that are in sight
_FILES = "Texts (*.txt *.csv *.tsv *.jsonl *.parquet *.arrow);;All files (*)"
TYPED = "Type texts, one a line: at least four. Ten or more say something about the models."


class _Lines(QPlainTextEdit):
    """Some lines high; Tab leaves it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setTabChangesFocus(True)

    def sizeHint(self) -> QSize:
        return QSize(240, round(_LINES * self.fontMetrics().lineSpacing()) + 10)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()


class CompareTexts(QWidget):
    """`texts`: what both models are to read. changed(): it is something else now."""

    changed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.typed = _Lines(self)
        self.typed.setObjectName("compareTyped")
        self.typed.setAccessibleName("Texts for both models, one a line")
        self.typed.setPlaceholderText("one text a line")
        self.typed.textChanged.connect(self._on_typed)
        self.file = QPushButton("From a file…", self)
        self.file.setObjectName("compareTextsFile")
        self.file.setToolTip("A text a line, or a column of CSV, TSV, JSON lines, Parquet or Arrow")
        self.file.clicked.connect(lambda _checked=False: self._choose())
        self.column = QLineEdit(self)
        self.column.setObjectName("compareTextsColumn")
        self.column.setAccessibleName("Column that has the texts")
        self.column.setPlaceholderText("column")
        self.column.returnPressed.connect(self._again)
        self.column.hide()
        self.edit = QPushButton("Show the texts", self)
        self.edit.setObjectName("compareTextsEdit")
        self.edit.setToolTip("Show the texts that were typed, to change them")
        self.edit.clicked.connect(lambda _checked=False: self.fold(folded=False))
        self.edit.hide()
        self.leave = QPushButton("Type instead", self)
        self.leave.setObjectName("compareTextsTyped")
        self.leave.clicked.connect(lambda _checked=False: self._take_typed())
        self.leave.hide()
        self.said = ElidedLabel(TYPED, self)
        self.said.setObjectName("compareTextsSaid")
        self.fault = WrappedLabel("", self, quiet=False)
        self.fault.setObjectName("compareTextsFault")
        self._answers = Answers(self)
        self._answers.answered.connect(self._take)
        self._answers.failed.connect(self._fail)
        self._path: Path | None = None
        self._read: Texts | None = None
        row = FlowRow(self, tail=160)
        for widget in (self.edit, self.file, self.column, self.leave, self.said):
            row.flow.addWidget(widget)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 0, 8, 0)
        column.setSpacing(4)
        for each in (self.typed, row, self.fault):
            column.addWidget(each)
        self.restyle()

    @property
    def busy(self) -> bool:
        """Whether a file is being read."""
        return self._answers.busy

    @property
    def texts(self) -> tuple[str, ...]:
        """Different ones, none blank; of a long file a random part, always the same."""
        if self._read is None:
            return tuple(dict.fromkeys(line.strip() for line in self.typed.toPlainText().splitlines() if line.strip()))
        texts = tuple(dict.fromkeys(self._read.texts))
        if len(texts) <= MOST:
            return texts
        chosen = np.sort(np.random.default_rng(0).choice(len(texts), MOST, replace=False))
        return tuple(texts[place] for place in chosen.tolist())

    def fill(self, texts: Iterable[str]) -> None:
        """Begin with some texts, where nothing was typed yet."""
        if not self.typed.toPlainText().strip():
            self.typed.setPlainText("\n".join(dict.fromkeys(texts)))

    def open(self, path: Path) -> None:
        """Read a file of texts."""
        self._path = path
        column = self.column.text().strip() or None
        self.fault.setText("")
        self.said.setText(f"Reading {path.name}…")
        self._answers.ask(lambda _check: read_texts(str(path), column))

    def fold(self, *, folded: bool) -> None:
        """Leave the room to what came of the texts, or show those that were typed again."""
        typed = self._read is None
        had_focus = self.edit.hasFocus()
        self.typed.setVisible(typed and not folded)
        self.edit.setVisible(typed and folded)
        if had_focus and not folded:
            self.typed.setFocus()

    def restyle(self) -> None:
        """Fonts changed."""
        self.column.setMinimumWidth(self.fontMetrics().averageCharWidth() * 12)
        self.typed.setFixedHeight(self.typed.sizeHint().height())

    def _on_typed(self) -> None:
        if self._read is None:
            count = len(self.texts)
            self.said.setText(f"{count:,} texts. {TYPED}" if count < LEAST else f"{count:,} texts.")
            self.changed.emit()

    def _choose(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self, "A file of texts", "", _FILES)
        if path:
            self.column.clear()
            self.open(Path(path))

    def _again(self) -> None:
        if self._path is not None:
            self.open(self._path)

    def _take(self, read: Texts) -> None:
        self._read = read
        different = len(set(read.texts))
        some = f", {MOST:,} of them drawn at random" if different > MOST else ""
        self.said.setText(f"{different:,} different texts of {read.source}{some}.")
        self._show_typed(shown=False)
        self.changed.emit()

    def _take_typed(self) -> None:
        self._read = None
        self.fault.setText("")
        self._show_typed(shown=True)
        self._on_typed()
        self.typed.setFocus()

    def _show_typed(self, *, shown: bool) -> None:
        self.typed.setVisible(shown)
        self.edit.hide()
        self.leave.setVisible(not shown)
        if shown:
            self.column.hide()

    def _fail(self, error: StudioError) -> None:
        # The advice of the command line, for a table of several columns; here there is a field for it.
        self.column.show()
        self.said.setText("")
        self.fault.setText(str(error).replace("with --column", "in the field ‘column’").replace("--", ""))
