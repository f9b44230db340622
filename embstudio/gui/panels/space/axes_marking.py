"""Which words stand out on a plot of named axes, or are shown alone."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QLabel, QLineEdit, QWidget

from embstudio.gui.flow_layout import FlowRow
from embstudio.space.lookup import Lookup

LETTERS = 36  # of the words to mark that are in sight


class AxesMarking(FlowRow):
    """words_changed(), alone_changed(). tools: of the plot, at the end of the row."""

    words_changed = Signal()
    alone_changed = Signal()

    def __init__(self, tools: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.marked = QLineEdit(self)
        self.marked.setObjectName("AxesWords")
        self.marked.setAccessibleName("Words to mark, with commas between them")
        self.marked.setPlaceholderText("words to mark: doctor, nurse, …")
        self.marked.editingFinished.connect(self.words_changed)
        self.alone = QCheckBox("only these", self)
        self.alone.setObjectName("AxesOnly")
        self.alone.setToolTip("Show the words to mark and those of the axes, and no others")
        self.alone.toggled.connect(lambda _on: self.alone_changed.emit())
        self.missing = QLabel(self)
        self.missing.setObjectName("AxesMissing")
        self.missing.hide()
        self.flow.setContentsMargins(8, 0, 8, 0)
        for widget in (self.marked, self.alone, self.missing, tools):
            self.flow.addWidget(widget)

    def restyle(self) -> None:
        """Fonts changed."""
        self.marked.setMinimumWidth(self.fontMetrics().averageCharWidth() * LETTERS)

    def rows(self, lookup: Lookup) -> list[int]:
        """Of the words to mark; of those that there are not it is told."""
        words = [word.strip() for word in self.marked.text().replace(";", ",").split(",") if word.strip()]
        rows = {word: lookup.row(word) for word in words}
        missing = [word for word, row in rows.items() if row is None]
        self.missing.setText(f"not in the set: {', '.join(missing)}" if missing else "")
        self.missing.setVisible(bool(missing))
        return list(dict.fromkeys(row for row in rows.values() if row is not None))
