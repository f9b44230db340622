"""The Prediction panel: how a classification builds up over the sentence, or which word the model expects next."""

from __future__ import annotations

import numpy as np
from PySide6.QtWidgets import QScrollArea, QStackedLayout, QVBoxLayout, QWidget

from embstudio.gui.panels.elided_label import ElidedLabel
from embstudio.gui.panels.empty_state import EmptyState
from embstudio.gui.panels.panel import Panel
from embstudio.gui.panels.scroll_body import ScrollBody
from embstudio.gui.plots.class_chart import ClassChart
from embstudio.gui.plots.token_label import token_label, token_labels
from embstudio.gui.plots.word_bars import WordBar, WordBars
from embstudio.gui.style.numbers import percent
from embstudio.gui.style.theme import Theme
from embstudio.stepper.prediction import class_probabilities, following_word, next_words, predicts_words
from embstudio.studio import Studio
from embstudio.trace.trace import Trace

SHOWN = 10
RECOMPUTED = "Probabilities are worked out here, in float64, from the logits that onnxruntime returned."
NOTHING_YET = "Open a model and type a sentence to see what the model says after each token."
WORD_VECTORS = "Word vectors look words up; they predict nothing."
NO_HEAD = "This model ends in vectors, not in classes or words: it predicts nothing by itself."
# The scale of the bars: whole steps, so that it seldom changes from token to token.
_SCALES = (0.1, 0.25, 0.5, 1.0)


class PredictionPanel(Panel):
    """Reads `logits` of the trace at the cursor's token."""

    title = "Prediction"

    def __init__(self, studio: Studio, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(studio, theme, parent)
        self.probabilities: np.ndarray | None = None  # [pos, class], or [1, class]
        self.verdict = ElidedLabel("", self)
        self.verdict.setObjectName("verdict")
        self.verdict.setContentsMargins(8, 0, 8, 0)
        self.chart = ClassChart(theme, self)
        self.chart.setToolTip(RECOMPUTED)
        self.chart.picked.connect(lambda column: self.studio.cursor.move(token=column))
        self.words = WordBars(theme)
        self.words.setToolTip(RECOMPUTED)
        self._scroll: QScrollArea = ScrollBody(self.words, "wordScroll")
        self._empty = EmptyState(NOTHING_YET, self)
        shown = QWidget(self)
        column = QVBoxLayout(shown)
        column.setContentsMargins(0, 8, 0, 4)
        column.setSpacing(4)
        column.addWidget(self.verdict)
        column.addWidget(self.chart, 1)
        column.addWidget(self._scroll, 1)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(shown)
        self.restyle()

    def restyle(self) -> None:
        self.verdict.setFont(self.theme.font("large"))

    def show_trace(self) -> None:
        trace, document = self.studio.trace, self.studio.document
        self.probabilities = class_probabilities(trace) if trace is not None else None
        words = trace is not None and predicts_words(trace)
        self._stack.setCurrentIndex(1 if words or self.probabilities is not None else 0)
        self._scroll.setVisible(words)
        self.chart.setVisible(self.probabilities is not None)
        if trace is None or document is None:
            self._empty.setText(NOTHING_YET)
        elif document.opened.anatomy.kind == "embedding table":
            self._empty.setText(WORD_VECTORS)
        else:
            self._empty.setText(NO_HEAD)
        if trace is not None and self.probabilities is not None:
            self.chart.set_bars(self.probabilities, self._labels(), self._columns(trace))

    def show_place(self) -> None:
        trace = self.studio.trace
        if trace is None:
            return
        token = self.studio.cursor.token
        if self.probabilities is not None:
            self._show_classes(trace, token)
        elif predicts_words(trace):
            self._show_words(trace, token)

    def _show_classes(self, trace: Trace, token: int) -> None:
        assert self.probabilities is not None
        row = self.probabilities[min(token, len(self.probabilities) - 1)]
        best = int(row.argmax())
        where = f"after ‘{token_label(trace.tokens[token])}’" if len(self.probabilities) > 1 else "the whole sentence"
        self.verdict.setText(f"{where}: {self._labels()[best]} {percent(float(row[best]))}")
        self.chart.set_column(token)

    def _show_words(self, trace: Trace, token: int) -> None:
        best = next_words(trace, token, SHOWN)
        follows = following_word(trace, token)
        actual = follows[1].id if follows else None
        bars = [WordBar(place, self._word(each.id), each.probability, actual=each.id == actual)
                for place, each in enumerate(best, start=1)]  # fmt: skip
        said = f"after ‘{token_label(trace.tokens[token])}’: {bars[0].word.strip('␣') or bars[0].word}"
        said += f" {percent(bars[0].probability)}"
        if follows:
            rank, word = follows
            if rank > len(bars):
                bars.append(WordBar(rank, self._word(word.id), word.probability, actual=True, apart=True))
            said += f"; what follows, ‘{token_label(trace.tokens[token + 1])}’, is number {rank}"
        full = next(scale for scale in _SCALES if bars[0].probability <= scale + 1e-9)
        said += "" if full == 1.0 else f" (bars end at {100 * full:.0f} %)"
        self.verdict.setText(said)
        self.words.set_bars(bars, full)

    def _labels(self) -> tuple[str, ...]:
        """Names of the classes, one for each that there is a probability of."""
        count = 0 if self.probabilities is None else self.probabilities.shape[1]
        known = self.studio.document.labels if self.studio.document else ()
        return known if len(known) == count else tuple(f"class {number}" for number in range(count))

    def _columns(self, trace: Trace) -> tuple[str, ...]:
        assert self.probabilities is not None
        count = len(self.probabilities)
        return token_labels(trace.tokens, count) if count > 1 or len(trace) == 1 else ("whole sentence",)

    def _word(self, id_: int) -> str:
        """A vocabulary entry with its white space visible: ␣dog, ⏎."""
        text = self.studio.document.word(id_) if self.studio.document else f"#{id_}"
        return text.replace(" ", "␣").replace("\n", "⏎").replace("\t", "⇥") or "(empty)"
