"""The text to learn from: a ready one, one that is pasted, or a file."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QFileDialog, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from embstudio.base.paths import resources_dir
from embstudio.gui.panels.wrapped_label import WrappedLabel

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
        self._about_file = ""
        self.telling = WrappedLabel("", self)
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
        head, self._about_file = _head(path)
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
            self.telling.setText(self._about_file)
        else:
            self.telling.setText(f"{len(self.text.split()):,} words, in lower case when they are learnt")
        self.changed.emit()


def _head(path: Path) -> tuple[str, str]:
    """What is shown of a file, and what is said of it."""
    try:
        size = path.stat().st_size
        with path.open(encoding="utf-8-sig", errors="replace") as file:
            head = file.read(_SHOWN)
            more = bool(file.read(1))
    except OSError as error:
        return "", f"This file cannot be read: {error.strerror}. Choose another."
    if "\0" in head:
        return "", f"{path.name} is no text: there are zero bytes in it. Choose a plain text file in UTF-8."
    if not more:
        return head, f"All of the file, {size:,} bytes. It is learnt from as it is on the disk when training begins."
    return (
        f"{head} …\n\n[The file goes on. This is its beginning; all of it is learnt from.]",
        f"All of the file is learnt from, {size:,} bytes; its first {_SHOWN:,} letters are shown here.",
    )
