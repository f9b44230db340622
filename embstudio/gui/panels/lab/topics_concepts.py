"""Concepts made by hand: what each word weighs in each, and what documents come to."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from embstudio.gui.panels.lab.topics_grid import TopicsGrid
from embstudio.gui.panels.wrapped_label import WrappedLabel
from embstudio.gui.style.numbers import MINUS
from embstudio.gui.style.theme import Theme
from embstudio.lab.topics.concepts import Concepts, why_not_as_noted
from embstudio.lab.topics.corpus import Corpus

_ABOUT = (
    "By hand: how much of each concept is in each word. A document has the sum of weight · count. Type into a weight "
    "to change it."
)
_NONE = "None of these words has a weight yet: type one into the first table."


class TopicsConcepts(QWidget):
    """Weights above, documents below, and the sum of the chosen document written out."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._corpus: Corpus | None = None
        self.concepts = Concepts.of(())
        self.fault = WrappedLabel("", self, quiet=False)
        self.fault.setObjectName("labConceptFault")
        self.weights = TopicsGrid(theme, "Weights of words in concepts", 2, self)
        self.weights.setObjectName("labWeights")
        self.weights.setEditTriggers(
            TopicsGrid.EditTrigger.DoubleClicked
            | TopicsGrid.EditTrigger.AnyKeyPressed
            | TopicsGrid.EditTrigger.EditKeyPressed
        )
        self.weights.grid.editable = True
        self.weights.grid.text = _short
        self.weights.grid.edited.connect(self._on_edit)
        self.documents = TopicsGrid(theme, "Documents by concepts", 5, self)
        self.documents.setObjectName("labConceptDocuments")
        self.documents.grid.text = _short
        self.documents.picked.connect(lambda _row: self._say_sum())
        self.sums = WrappedLabel("", self, quiet=False)
        self.sums.setObjectName("labConceptSum")
        self.sums.setTextFormat(Qt.TextFormat.RichText)
        self.noted = WrappedLabel("", self, quiet=False)
        self.noted.setObjectName("labConceptNoted")
        self.theme = theme
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(WrappedLabel(_ABOUT, self))
        for widget in (self.fault, self.weights, self.documents, self.sums, self.noted):
            column.addWidget(widget, 1 if widget is self.documents else 0)
        self._say("")

    def show_corpus(self, corpus: Corpus | None) -> None:
        """Take other documents; weights of the same words stay."""
        words = corpus.words if corpus is not None else ()
        if self._corpus is None or self._corpus.words != words:
            self.concepts = Concepts.of(words)
        self._corpus = corpus
        self._show()

    def restyle(self) -> None:
        """Colours or fonts changed."""
        self.fault.setStyleSheet(f"color: {self.theme.colours.error}")
        for grid in (self.weights, self.documents):
            grid.restyle()

    def _show(self) -> None:
        concepts, corpus = self.concepts, self._corpus
        weights = concepts.weights
        reach = float(abs(weights).max(initial=0.0))
        words = corpus.words if corpus is not None else ()
        self.weights.set_grid(concepts.names, words, lambda row, column: float(weights[row, column]), reach)
        if corpus is None:
            self.documents.set_grid((), (), lambda _row, _column: 0.0)
        else:
            found = concepts.documents(corpus)
            most = float(abs(found).max(initial=0.0))
            self.documents.set_grid(corpus.names, concepts.names, lambda row, column: float(found[row, column]), most)
        self._say_sum()

    def _say_sum(self) -> None:
        corpus, concepts = self._corpus, self.concepts
        if corpus is None or not corpus.names:
            self.sums.setText("")
            self.noted.setText("")
            return
        at = max(0, min(self.documents.currentIndex().row(), len(corpus.names) - 1))
        sums = [f"{escape(name)} = {concepts.sum_of(row, corpus, at)}" for row, name in enumerate(concepts.names)]
        said = f"<b>{escape(corpus.names[at])}</b><br>{'<br>'.join(sums)}<br>"
        said += f"{len(concepts.names)} numbers instead of {len(corpus.words):,}."
        self.sums.setText(said if concepts.weights.any() else _NONE)
        self.noted.setText(why_not_as_noted(concepts, corpus))

    def _on_edit(self, concept: int, word: int, text: str) -> None:
        try:
            weight = float(text.strip().replace(MINUS, "-") or 0)
        except ValueError:
            self._say(f"“{text.strip()}” is not a number: the weight stays as it was.")
            return
        if not abs(weight) <= 1e6:  # and NaN
            self._say("A weight is a number of up to a million: it stays as it was.")
            return
        self._say("")
        self.concepts = self.concepts.with_weight(concept, word, weight)
        self._show()

    def _say(self, text: str) -> None:
        self.fault.setText(text)
        self.fault.setVisible(bool(text))


def _short(value: float) -> str:
    return f"{value:.4g}".replace("-", MINUS)
