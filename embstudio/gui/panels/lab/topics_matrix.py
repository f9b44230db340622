"""The document × word matrix: as counts, shares or tf-idf; its counts can be changed."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QInputDialog, QLabel, QToolButton, QVBoxLayout, QWidget

from embstudio.base.errors import StudioError
from embstudio.gui.flow_layout import FlowRow
from embstudio.gui.panels.lab.topics_grid import TopicsGrid
from embstudio.gui.panels.wrapped_label import WrappedLabel
from embstudio.gui.style.numbers import four, percent
from embstudio.gui.style.theme import Theme
from embstudio.lab.topics.corpus import EDITABLE, Corpus, count_of
from embstudio.lab.topics.weighting import COUNTS, FORMULAS, TF_IDF, WEIGHTINGS, weighted


class TopicsMatrix(QWidget):
    """edited(Corpus): by hand. weighting_changed(stage): another was chosen. picked(document)."""

    edited = Signal(object)
    weighting_changed = Signal(str)
    picked = Signal(int)

    def __init__(self, theme: Theme, weighting: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._corpus: Corpus | None = None
        self.stage = QComboBox(self)
        self.stage.setObjectName("labStage")
        self.stage.setAccessibleName("What stands in the matrix")
        self.stage.setToolTip("What stands in the matrix, and what LSA takes. LDA always takes counts.")
        self.stage.addItems(WEIGHTINGS)
        self.stage.setCurrentText(weighting)
        self.stage.currentTextChanged.connect(self._on_stage)
        bar = FlowRow(self)
        bar.flow.addWidget(QLabel("shown as", bar))
        bar.flow.addWidget(self.stage)
        self._by_hand = [
            self._button(bar, "labAddDocument", "+ document", "Add a document without words", self._add_document),
            self._button(bar, "labAddWord", "+ word", "Add a word that no document has", self._add_word),
            self._button(bar, "labLessDocument", "− document", "Take the chosen row out", self._less_document),
            self._button(bar, "labLessWord", "− word", "Take the chosen column out", self._less_word),
        ]
        self.formula = WrappedLabel("", self)
        self.fault = WrappedLabel("", self, quiet=False)
        self.fault.setObjectName("labMatrixFault")
        self.grid = TopicsGrid(theme, "Documents by words", 6, self)
        self.grid.setObjectName("labMatrix")
        self.grid.setEditTriggers(
            TopicsGrid.EditTrigger.DoubleClicked
            | TopicsGrid.EditTrigger.AnyKeyPressed
            | TopicsGrid.EditTrigger.EditKeyPressed
        )
        self.grid.grid.edited.connect(self._on_edit)
        self.grid.picked.connect(self.picked)
        self.size_told = WrappedLabel("", self)
        self.size_told.setObjectName("labMatrixSize")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        for widget in (bar, self.formula, self.fault):
            column.addWidget(widget)
        column.addWidget(self.grid, 1)
        column.addWidget(self.size_told)
        self.theme = theme
        self.show_corpus(None)

    def show_corpus(self, corpus: Corpus | None) -> None:
        """Take other documents."""
        self._corpus = corpus
        self._say("")
        self._show()

    def restyle(self) -> None:
        """Colours or fonts changed."""
        self.fault.setStyleSheet(f"color: {self.theme.colours.error}")
        self.grid.restyle()

    def _show(self) -> None:
        corpus, stage = self._corpus, self.stage.currentText()
        self.formula.setText(FORMULAS[stage] + ".")
        can = corpus is not None and corpus.editable and stage == COUNTS
        for button in self._by_hand:
            button.setEnabled(can)
        self.grid.grid.editable = can
        if corpus is None:
            self.grid.set_grid((), (), lambda _row, _column: 0.0)
            self.size_told.setText("")
            return
        shown = weighted(corpus, stage)
        self.grid.grid.text = _count if stage == COUNTS else _weight
        self.grid.set_grid(corpus.names, corpus.words, shown.at, float(shown.values.max(initial=0)))
        self.size_told.setText(_size(corpus, stage))

    def _on_stage(self, stage: str) -> None:
        self._say("")
        self._show()
        self.weighting_changed.emit(stage)

    def _on_edit(self, document: int, word: int, text: str) -> None:
        corpus = self._corpus
        if corpus is None:
            return
        try:
            count = count_of(text)
        except StudioError as error:
            self._say(f"{corpus.names[document]}, {corpus.words[word]}: {error} The count stays as it was.")
            return
        self._say("")
        if count != corpus.counts.at(document, word):
            self.edited.emit(corpus.with_count(document, word, count))

    def _add_document(self) -> None:
        if self._corpus is not None:
            name, said = QInputDialog.getText(self, "Add a document", "Its name")
            if said and name.strip():
                self.edited.emit(self._corpus.with_document(name.strip()))

    def _add_word(self) -> None:
        if self._corpus is None:
            return
        word, said = QInputDialog.getText(self, "Add a word", "The word")
        if said and word.strip():
            try:
                self.edited.emit(self._corpus.with_word(word.strip().lower()))
            except StudioError as error:
                self._say(str(error))

    def _less_document(self) -> None:
        at = self.grid.currentIndex()
        if self._corpus is not None and at.isValid():
            self.edited.emit(self._corpus.without_document(at.row()))
        else:
            self._say("Choose a cell of the document first.")

    def _less_word(self) -> None:
        at = self.grid.currentIndex()
        if self._corpus is not None and at.isValid():
            self.edited.emit(self._corpus.without_word(at.column()))
        else:
            self._say("Choose a cell of the word first.")

    def _say(self, text: str) -> None:
        self.fault.setText(text)
        self.fault.setVisible(bool(text))

    def _button(self, bar: FlowRow, name: str, text: str, tip: str, do: object) -> QToolButton:
        button = QToolButton(bar)
        button.setObjectName(name)
        button.setText(text)
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        button.clicked.connect(do)
        bar.flow.addWidget(button)
        return button


def _count(value: float) -> str:
    return f"{value:,.0f}"


def _weight(value: float) -> str:
    return four(value) if value else "0"


def _size(corpus: Corpus, stage: str) -> str:
    """How large it is, and how it is changed."""
    cells = len(corpus.names) * len(corpus.words)
    filled = percent(len(corpus.counts.values) / max(1, cells))
    said = f"{len(corpus.names):,} documents × {len(corpus.words):,} words, {filled} of the cells not 0."
    if stage == TF_IDF:
        said += " A word that all documents have is 0 everywhere."
    if not corpus.editable:
        return f"{said} Matrices of up to {EDITABLE:,} cells can be changed here; this one is too large."
    return f"{said} " + (
        "Type into a cell to change it." if stage == COUNTS else "To change counts, show them as counts."
    )
