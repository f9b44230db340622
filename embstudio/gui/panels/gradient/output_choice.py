"""Which score the saliency is of: the highest, one of the classes, or a word."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QCompleter, QHBoxLayout, QLabel, QWidget

from embstudio.gui.plots.token_label import visible_text

TIP = "Which of the model's scores: the highest at T, or one of your choice"
TIP_WORDS = TIP + ".\nAny word of the vocabulary can be typed; # and a number is an entry by its number"
WIDEST = 18  # letters


class OutputChoice(QWidget):
    """chosen(output): the entry of the person's choice, None for the highest. unknown(text): no such word."""

    chosen = Signal(object)
    unknown = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.output: int | None = None
        self._words: Sequence[str] = ()  # the vocabulary, where the scores are of words
        self.box = QComboBox(self)
        self.box.setObjectName("GradientOutput")
        self.box.setAccessibleName("Score that is differentiated")
        self.box.setToolTip(TIP)
        self.box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.box.setMinimumWidth(80)
        self.box.activated.connect(self._on_activated)
        label = QLabel("&Score", self)
        label.setBuddy(self.box)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(label)
        row.addWidget(self.box)

    def offer(self, highest: str, entries: Sequence[tuple[str, int]], words: Sequence[str] = ()) -> None:
        """Offer the highest score, named, and others. words: a vocabulary of which any entry can be typed."""
        self._words = words
        items: list[tuple[str, int | None]] = [(f"highest: {highest}" if highest else "highest", None), *entries]
        if self.output is not None and self.output not in [entry for _, entry in items]:
            items.append((self._name(self.output), self.output))
        self.box.blockSignals(True)
        self._let_type(bool(words))
        self.box.clear()
        for text, entry in items:
            self.box.addItem(text if len(text) <= WIDEST + 9 else text[: WIDEST + 8] + "…", entry)
        self.box.setCurrentIndex([entry for _, entry in items].index(self.output))
        self.box.setToolTip(TIP_WORDS if words else TIP)
        self.box.blockSignals(False)

    def forget(self) -> None:
        """Another model: its scores are others."""
        self.output = None

    def _let_type(self, wanted: bool) -> None:
        if self.box.isEditable() == wanted:
            return
        self.box.setEditable(wanted)
        line = self.box.lineEdit()
        if line is not None:
            line.setAccessibleName("Word whose score is differentiated")
            line.returnPressed.connect(self._on_typed)
            line.setCompleter(QCompleter(line))  # the box's own would write another word than the one that is typed

    def _on_activated(self, place: int) -> None:
        self._choose(self.box.itemData(place))

    def _on_typed(self) -> None:
        """A word that is not among those offered."""
        line = self.box.lineEdit()
        text = line.text() if line is not None else ""
        offered = self.box.findText(text)
        if offered >= 0:
            self._choose(self.box.itemData(offered))
            return
        entry = self._find(text)
        if entry is None:
            self.unknown.emit(text)
        else:
            self._choose(entry)

    def _choose(self, entry: int | None) -> None:
        if entry != self.output:
            self.output = entry
            self.chosen.emit(entry)

    def _find(self, text: str) -> int | None:
        """The entry of the vocabulary that is meant: as it is, behind a space, as it is shown, or by its number."""
        if text.startswith("#") and text[1:].isdecimal() and int(text[1:]) < len(self._words):
            return int(text[1:])
        for written in (text, " " + text):
            if written in self._words:
                return list(self._words).index(written)
        shown = text.strip()
        return next((entry for entry, word in enumerate(self._words) if shown and visible_text(word) == shown), None)

    def _name(self, entry: int) -> str:
        return visible_text(self._words[entry]) if entry < len(self._words) else f"#{entry}"
