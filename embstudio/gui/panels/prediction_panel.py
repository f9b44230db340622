"""The Prediction panel: how a classification builds up over the sentence, which words the model expects, or the vector
that it makes of the text."""

from __future__ import annotations

import numpy as np
from PySide6.QtWidgets import QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from embstudio.gui.binding import bind
from embstudio.gui.panels.elided_label import ElidedLabel
from embstudio.gui.panels.empty_state import EmptyState
from embstudio.gui.panels.panel import Panel
from embstudio.gui.panels.word_page import RECOMPUTED, WordPage
from embstudio.gui.plots.class_chart import ClassChart
from embstudio.gui.plots.class_words import LISTED, class_names, in_words
from embstudio.gui.plots.token_label import token_label, token_labels
from embstudio.gui.pooling_switch import PoolingSwitch, concerns
from embstudio.gui.readout_switch import ReadoutSwitch
from embstudio.gui.style.theme import Theme
from embstudio.stepper.class_readout import ClassReadout, class_readout
from embstudio.stepper.prediction import LOGITS, predicts_words
from embstudio.studio import Studio
from embstudio.trace.trace import Trace

NOTHING_YET = "Open a model and type a sentence to see what the model says after each token."
WORD_VECTORS = "Word vectors look words up; they predict nothing."
LEFT_OUT = (
    "The scores of all words after each of these tokens are more than a trace may hold.\n"
    "Shorten the text; the Layers panel shows what the model says after the current token."
)
WHOLE = (
    "This model says one thing of the whole text. Each bar is the model run by itself on the part of the text up to "
    "there, with the tokens that the tokenizer puts around a text; the last is the whole."
)
APART = (
    "Each class is judged by itself: p = σ(score) = 1 / (1 + e^−score), in float64, from the score that onnxruntime "
    "returned. They need not sum to 100 %."
)
AS_GIVEN = "The model's own sigmoid made these numbers: onnxruntime returned them. Each class is judged by itself."
BARE = (
    "One score, as onnxruntime returned it. σ(score) = 1 / (1 + e^−score) is its probability only if the model was "
    "trained to be read so; its file does not say."
)
NO_HEAD = "This model ends in vectors, not in classes or words: it predicts nothing by itself."


class PredictionPanel(Panel):
    """Reads `logits` of the trace at the cursor's token."""

    title = "Prediction"

    def __init__(self, studio: Studio, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(studio, theme, parent)
        self.probabilities: np.ndarray | None = None  # [pos, class], or [1, class]
        self.scores = np.zeros((0, 0))  # that they are made of
        self.readout: ClassReadout | None = None
        self.switch = ReadoutSwitch(studio, self)
        self.verdict = ElidedLabel("", self)
        self.verdict.setObjectName("verdict")
        self.verdict.setContentsMargins(8, 0, 8, 0)
        self.chart = ClassChart(theme, self)
        self.chart.setToolTip(RECOMPUTED)
        self.chart.picked.connect(lambda column: self.studio.cursor.move(token=column))
        self.words = WordPage(studio, theme)
        self.pooled = PoolingSwitch(studio, theme)
        self.empty = EmptyState(NOTHING_YET, self)
        classes, words = QWidget(self), QWidget(self)
        head = QHBoxLayout()
        head.setContentsMargins(0, 0, 8, 0)
        head.addWidget(self.verdict, 1)
        head.addWidget(self.switch)
        for page, widget in ((classes, self.chart), (words, self.words)):
            column = QVBoxLayout(page)
            column.setContentsMargins(0, 8, 0, 4)
            column.setSpacing(4)
            if page is classes:
                column.addLayout(head)
            column.addWidget(widget, 1)
        self._stack = QStackedLayout(self)
        for page in (self.empty, classes, words, self.pooled):
            self._stack.addWidget(page)
        bind(self, studio.prefixes.changed, self._on_prefixes)
        self.restyle()

    def restyle(self) -> None:
        self.verdict.setFont(self.theme.font("large"))
        self.words.restyle()

    def show_trace(self) -> None:
        trace = self.studio.trace
        self.readout = class_readout(trace) if trace is not None else None
        self.probabilities = None
        if trace is not None and self.readout is not None:
            self.scores = self._scores(trace)
            self.probabilities = self.readout.of(self.scores)
            self.switch.show_readout(self.readout)
            self.chart.set_bars(self.probabilities, self._labels(), self._columns(trace), self.readout, self.scores)
            self._stack.setCurrentIndex(1)
        elif trace is not None and predicts_words(trace):
            self.studio.prefixes.want()
            self.words.show_trace()
            self._stack.setCurrentIndex(2)
        elif trace is not None and concerns(self.studio):
            self.pooled.show_trace()
            self._stack.setCurrentIndex(3)
        else:
            self.empty.setText(self._why_empty())
            self._stack.setCurrentIndex(0)

    def show_place(self) -> None:
        trace = self.studio.trace
        if trace is None:
            return
        if self.probabilities is not None:
            self._show_classes(trace, self.studio.cursor.token)
        elif predicts_words(trace):
            self.words.show_place()

    def _scores(self, trace: Trace) -> np.ndarray:
        """Of the classes after each token; where the model judges the whole text at once, by running it on each
        beginning of the text, which comes in little by little."""
        found, prefixes = np.atleast_2d(trace[LOGITS].values), self.studio.prefixes
        if not prefixes.needed:
            return found
        prefixes.want()
        rows = np.full((len(trace), found.shape[1]), np.nan)
        if prefixes.scores is not None:
            rows[: prefixes.done] = prefixes.scores[: prefixes.done]
        rows[-1] = found[0]
        return rows

    def _on_prefixes(self) -> None:
        if self.probabilities is not None or self._stack.currentIndex() == 2:
            self._on_trace()

    def _why_empty(self) -> str:
        document = self.studio.document
        if document is None or self.studio.trace is None:
            return NOTHING_YET
        head = document.opened.anatomy.head
        if head is not None and head.kind == "next word" and LOGITS not in self.studio.trace:
            return LEFT_OUT
        return WORD_VECTORS if document.opened.anatomy.kind == "embedding table" else NO_HEAD

    def _show_classes(self, trace: Trace, token: int) -> None:
        assert self.probabilities is not None
        assert self.readout is not None
        place = min(token, len(self.probabilities) - 1)
        row = self.probabilities[place]
        prefixes, last = self.studio.prefixes, token >= len(self.probabilities) - 1
        where = f"after ‘{token_label(trace.tokens[token])}’"
        if prefixes.needed:
            where = "the whole text" if last else f"the text up to ‘{token_label(trace.tokens[token])}’, run by itself"
        if np.isnan(row).any():
            said = prefixes.note or f"{prefixes.done} of {prefixes.total} beginnings run"
            said = prefixes.problem.what if prefixes.problem is not None else said
        else:
            most = LISTED if self.readout.apart else 1
            said = in_words(self.readout, self._labels(), row, self.scores[place], most)
        self.verdict.setText(f"{where}: {said}")
        made = _how_made(self.readout)
        self.chart.setToolTip(f"{WHOLE}\n{made}" if prefixes.needed else made)
        self.chart.set_column(token)

    def _labels(self) -> tuple[str, ...]:
        """Names of the classes, one for each that there is a probability of."""
        count = 0 if self.probabilities is None else self.probabilities.shape[1]
        known = self.studio.document.labels if self.studio.document else ()
        return class_names(known, count, self.readout)

    def _columns(self, trace: Trace) -> tuple[str, ...]:
        assert self.probabilities is not None
        count = len(self.probabilities)
        return token_labels(trace.tokens, count) if count > 1 or len(trace) == 1 else ("whole sentence",)


def _how_made(readout: ClassReadout) -> str:
    """Where the numbers of classes come from, for a tooltip."""
    if readout.bare:
        return BARE
    if readout.apart:
        return AS_GIVEN if readout.given else APART
    return RECOMPUTED
