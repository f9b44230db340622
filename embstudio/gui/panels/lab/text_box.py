"""The text to learn from: a ready one, one that is pasted, or a file."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QFileDialog, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from embstudio.base.paths import resources_dir
from embstudio.gui.panels.elided_label import ElidedLabel

SMALL_WORLD = "A small world: 550 simple sentences"
MAT = "The cat sat on the mat"
_OWN, _FILE = "A text of your own: type or paste it", "A file…"
_SHOWN = 20_000  # letters of a file that are shown


class TextBox(QWidget):
    """changed(): another text. `text`, or where `path` is not None that file's."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.path: Path | None = None
        self.choice = QComboBox(self)
        self.choice.setObjectName("labText")
        self.choice.setAccessibleName("Text to learn from")
        self.choice.addItems([SMALL_WORLD, MAT, _OWN, _FILE])
        self.choice.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.choice.setMinimumContentsLength(12)
        self.choice.activated.connect(self._choose)
        self.edit = QPlainTextEdit(self)
        self.edit.setObjectName("labTextEdit")
        self.edit.setAccessibleName("The text")
        self.edit.setPlaceholderText("Type or paste some sentences here. Words count in lower case.")
        self.edit.setTabChangesFocus(True)
        self.edit.textChanged.connect(self._on_edit)
        self.telling = ElidedLabel("", self)
        self.telling.setObjectName("labTextTelling")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        row = QHBoxLayout()
        row.addWidget(self.choice, 1)
        column.addLayout(row)
        column.addWidget(self.edit, 1)
        column.addWidget(self.telling)
        self._place = 0
        self._setting = False
        self._choose(0)

    @property
    def text(self) -> str:
        """What stands in the box."""
        return self.edit.toPlainText()

    def set_text(self, text: str) -> None:
        """Put a text of one's own into the box."""
        self._place = 2
        self.choice.setCurrentIndex(2)
        self._set(text, None)

    def open(self, path: Path) -> None:
        """Take a file: its beginning is shown, and it is read whole when training begins."""
        try:
            with path.open(encoding="utf-8-sig", errors="replace") as file:
                head = file.read(_SHOWN)
        except OSError as error:
            head = f"This file cannot be read: {error}"
        self._place = 3
        self.choice.setItemText(3, f"File: {path.name}")
        if self.choice.count() == 4:
            self.choice.addItem(_FILE)
        self.choice.setCurrentIndex(3)
        self._set(head, path)

    def _choose(self, place: int) -> None:
        if place >= 3:
            self.choice.setCurrentIndex(self._place)
            path, _ = QFileDialog.getOpenFileName(self, "A text to learn from", "", "Texts (*.txt *.md);;All files (*)")
            if path:
                self.open(Path(path))
            return
        self._place = place
        self.choice.setCurrentIndex(place)
        if place == 0:
            self._set((resources_dir() / "texts" / "small-world.txt").read_text(encoding="utf-8"), None)
        elif place == 1:
            self._set(f"{MAT}.", None)
        else:
            self._set("", None)
            self.edit.setFocus()

    def _set(self, text: str, path: Path | None) -> None:
        self._setting = True
        self.path = path
        self.edit.setPlainText(text)
        self.edit.setReadOnly(path is not None)
        self._setting = False
        self._tell()

    def _on_edit(self) -> None:
        if self._setting:
            return
        if self._place != 2:  # a ready text that is changed is one's own
            self._place = 2
            self.choice.setCurrentIndex(2)
        self._tell()

    def _tell(self) -> None:
        if self.path is not None:
            self.telling.setText(f"{self.path.stat().st_size:,} bytes; the first {_SHOWN:,} letters are shown"
                                 if self.path.exists() else "not there")  # fmt: skip
        else:
            self.telling.setText(f"{len(self.text.split()):,} words, in lower case when they are learnt")
        self.changed.emit()
