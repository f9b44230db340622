"""The bench of topics: what documents are about, by concepts made by hand, by LSA, and by LDA word by word."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PySide6.QtWidgets import QMenu, QToolButton, QVBoxLayout, QWidget

from embstudio.base.errors import InputError, StudioError
from embstudio.gui.panels.lab import topics_knobs
from embstudio.gui.panels.lab.bench_page import BenchPage
from embstudio.gui.panels.lab.epoch_plot import EpochCurve, EpochPlot, Level
from embstudio.gui.panels.lab.exporter import MODELS, TABLES, Export
from embstudio.gui.panels.lab.knobs import Knobs
from embstudio.gui.panels.lab.topics_box import BOOKS, TopicsBox
from embstudio.gui.panels.lab.topics_compare import TopicsCompare
from embstudio.gui.panels.lab.topics_concepts import TopicsConcepts
from embstudio.gui.panels.lab.topics_data import TopicsData
from embstudio.gui.panels.lab.topics_lsa import TopicsLsa
from embstudio.gui.panels.lab.topics_map import BOTH, LDA, LSA, TopicsMap, shares_of
from embstudio.gui.panels.lab.topics_matrix import TopicsMatrix
from embstudio.gui.panels.lab.topics_step import TopicsStep
from embstudio.gui.panels.lab.topics_words import top_words
from embstudio.gui.panels.wrapped_label import WrappedLabel
from embstudio.gui.style.numbers import four
from embstudio.gui.style.theme import Theme
from embstudio.lab.bench import State
from embstudio.lab.topics.bench import Facts, TopicsOrder
from embstudio.lab.topics.books import books
from embstudio.lab.topics.corpus import Corpus
from embstudio.lab.topics.settings import Settings
from embstudio.lab.topics.weighting import COUNTS
from embstudio.lab.training import Seen
from embstudio.space.vector_set import VectorSet
from embstudio.studio import Notice, Studio
from embstudio.studio.topics_export import (
    Found,
    Sorted,
    save_curve,
    save_documents,
    save_matrix,
    save_model,
    save_set,
    save_topics,
)

_SPACED = "NumPy arrays (*.npz);;TSV, with the names beside it (*.tsv)"  # names of documents have blanks
_SETS: tuple[tuple[str, str, Callable[[Found], VectorSet]], ...] = (
    ("Documents by LSA", "documents-lsa.npz", Found.documents_by_lsa),
    ("Words by LSA", "words-lsa.npz", Found.words_by_lsa),
    ("Documents by LDA (shares of topics)", "documents-lda.npz", Found.documents_by_lda),
    ("Words by LDA (chances of topics)", "words-lda.npz", Found.words_by_lda),
)


def _writer(made: Callable[[Found], VectorSet]) -> Callable[[Found, Path], str]:
    return lambda found, path: save_set(made(found), path)


_EXPORTS: tuple[Export[Found], ...] = (
    Export("Topics × words (CSV)…", "topics.csv", TABLES, save_topics),
    Export("Documents × topics (CSV)…", "documents.csv", TABLES, save_documents),
    Export("Documents × words, the counts (CSV)…", "counts.csv", TABLES, save_matrix),
    *(Export(f"{text}…", name, _SPACED, _writer(made)) for text, name, made in _SETS),
    Export("LSA as a model of texts (ONNX)…", "lsa.onnx", MODELS, save_model),
    Export("LDA's curve (CSV)…", "perplexity.csv", TABLES, save_curve),
)


@dataclass(frozen=True, eq=False)
class Sight:
    """tokens: [all], the word of each."""

    tokens: np.ndarray


class _Eye:
    """What the training's thread looks with."""

    def __init__(self) -> None:
        self._of: Corpus | None = None
        self._sight = Sight(np.zeros(0, np.int32))

    def look(self, seen: Seen) -> Sight:
        if seen.about is not self._of:
            self._of, self._sight = seen.about, Sight(seen.about.token_words())
        return self._sight


class TopicsPage(BenchPage[Settings, Found]):
    """See docs/guide.md, The Lab. Run, step and rewind are LDA's; LSA's rank has a slider of its own."""

    example = "word"
    invitation_text = (
        "Documents are counts of words, and counts fill a matrix. LSA takes it apart at once: add rank by rank under "
        "LSA. LDA guesses a topic for each word, and sorts all again and again: press Run, or Step for one word."
    )
    step_page = "LDA"
    data_name = "the documents"

    def __init__(self, studio: Studio, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(studio, theme, parent)
        self.bar.savable = True
        self.bar.show_report(None)
        self.text = TopicsBox()
        self.matrix, self.concepts = TopicsMatrix(theme, COUNTS), TopicsConcepts(theme)
        self.source = TopicsData(COUNTS, self)
        self.lsa, self.step, self.compare = TopicsLsa(theme), TopicsStep(theme), TopicsCompare(theme)
        self.map = TopicsMap(theme)
        self.perplexity = EpochPlot(theme, "perplexity: among how many words one has to guess")
        self.perplexity.setObjectName("labPerplexity")
        self.surprise = EpochPlot(theme, "−log P(words | their topics) a word")
        self.surprise.setObjectName("labSurprise")
        self._document = 0
        knobs = Knobs(Settings(), topics_knobs.KNOBS)
        pages = (
            ("Plot", "Documents and words in one plot, by LSA and by LDA", self.map),
            ("Texts", "What topics are found in, and how it is read", self.text),
            ("Matrix", "Documents by words: counts, shares, tf-idf", self.matrix),
            ("Concepts", "Concepts made by hand: the notes' Catness and Dogness", self.concepts),
            ("LSA", "The matrix rebuilt rank by rank, and what is lost", self.lsa),
            ("LDA", "Each word's topic, and all that one step does", _column(knobs, self.step)),
            ("Both", "Both methods on the same documents", self.compare),
            ("Loss", "How well LDA's topics explain the words", _column(self.perplexity, self.surprise)),
        )
        self._eye = _Eye()
        self.furnish(knobs, pages, _EXPORTS)
        self._offer_sets()
        self._connect_topics()
        self.restyle()
        self.source.take(books())

    # What the bench says -------------------------------------------------------------------------------------------

    def data(self) -> Corpus | None:
        return self.source.corpus

    def make_order(self, settings: Settings, data: Corpus | None) -> TopicsOrder:
        if data is None:
            raise self.source.error or InputError("The documents are still being read.", advice="Wait a moment.")
        order = TopicsOrder(settings, data)
        order.check()
        return order

    def looker(self) -> Callable[[Seen], Sight]:
        return self._eye.look

    def trained(self) -> Found | None:
        corpus = self.source.corpus
        lda = self._sorted()
        if corpus is None:
            return None
        return Found(corpus, self.source.lsa, self.lsa.rank, lda)

    def state_of(self, seen: Seen) -> State | None:
        epoch, curve = seen.report.epoch, seen.report.facts.curve
        done = tuple(tuple(point) for point in curve[curve[:, 0] <= epoch].tolist())
        return State(epoch, (seen.arrays[0],), (done, seen.report.facts.moved))

    def show_nothing(self) -> None:
        self.step.show_nothing()
        self.map.show_shares(None)
        for plot in (self.perplexity, self.surprise):
            plot.set_curves((), 0.0, 1)
        self._compare()

    def show_seen(self, seen: Seen, sight: Sight) -> None:
        facts: Facts = seen.report.facts
        corpus: Corpus = seen.about
        if facts.account is not None:
            self._document = facts.account.document
        self._document = min(self._document, len(corpus.names) - 1)
        self.step.show_seen(corpus, sight.tokens, seen.arrays, facts, self._document)
        tops = [", ".join(word for word, _ in words) for words in self._tops(3)]
        shares = shares_of(seen.arrays[1], seen.arrays[2], self.used, self.map.documents, self.map.words)
        begun = not self.map.has_shares
        self.map.show_shares(shares, tops)
        if begun:
            self._suggest()
        self.map.set_document(self._document)
        self._compare()
        report, tokens = seen.report, max(1, len(sight.tokens))
        at, one = report.epoch + report.share, Level(facts.nothing, "one topic for all")
        self.perplexity.set_curves([EpochCurve("", facts.curve[:, :2])], at, report.epochs, one)
        surprise = np.column_stack([facts.curve[:, 0], -facts.curve[:, 2] / tokens])
        self.surprise.set_curves([EpochCurve("", surprise)], at, report.epochs)

    def told(self, seen: Seen, settings: Settings) -> list[str]:
        facts: Facts = seen.report.facts
        now = facts.now[0] if facts.now is not None else float(facts.curve[-1, 1])
        said = [f"perplexity {four(now)} (one topic for all {four(facts.nothing)})"]
        if facts.moved is not None:
            said.append(f"{facts.moved:,} word{'' if facts.moved == 1 else 's'} moved in the last epoch")
        if seen.report.speed:
            said.append(f"{seen.report.speed:,.0f} words/s")
        said.append(f"{settings.topics} topics, α {settings.alpha:g}, β {settings.beta:g}")
        return said

    def remarks(self) -> list[str]:
        said = []
        if self.source.error is not None and self._error is None:
            said.append(str(self.source.error))
        return said

    def restyle(self) -> None:
        for widget in (self.map, self.matrix, self.concepts, self.lsa, self.compare):
            widget.restyle()
        for plot in (self.perplexity, self.surprise):
            plot.update()
        super().restyle()

    def open_in_space(self) -> None:
        """The documents by LSA; the button's menu has the others."""
        self._show_set(0)

    # Its own ---------------------------------------------------------------------------------------------------------

    def _on_documents(self) -> None:
        source = self.text.source
        self._error = None
        if source is None:
            if self.text.place == BOOKS:
                self.source.take(books())
            return
        self.source.read(source)

    def _on_edited(self, corpus: Corpus) -> None:
        self.text.matrix_changed()
        self.source.take(corpus)

    def _on_corpus(self) -> None:
        corpus = self.source.corpus
        if self._order is not None and self._data is not corpus:  # LDA begins anew with other documents
            self.forget()
        self._document = 0
        self.matrix.show_corpus(corpus)
        self.concepts.show_corpus(corpus)
        self.map.show_corpus(corpus)
        self.text.say(self._read())
        self.data_changed()
        self._compare()

    def _on_lsa(self) -> None:
        corpus, lsa, error = self.source.corpus, self.source.lsa, self.source.lsa_error
        self.lsa.show_lsa(corpus, lsa, str(error) if error is not None else "")
        self.map.show_lsa(lsa)
        self._compare()

    def _on_picked(self, document: int) -> None:
        if document < 0 or document == self._document:
            return
        self._document = document
        self.map.set_document(document)
        if self.seen is not None:
            self.step.show_seen(self.seen.about, self.sight.tokens, self.seen.arrays, self.seen.report.facts, document)

    def _suggest(self) -> None:
        """The plot goes along with the page."""
        self.map.suggest({"LDA": LDA, "Loss": LDA, "Both": BOTH}.get(self.sides.page, LSA))

    def _compare(self) -> None:
        lda = self._sorted()
        theta = lda.theta if lda is not None else None
        tops = self._tops() if lda is not None else []
        sizes = (lda.n_wk.sum(axis=0) / max(1, lda.n_wk.sum())).tolist() if lda is not None else []
        self.compare.show_both(self.source.corpus, theta, tops, sizes, self.source.lsa, self.lsa.rank)

    def _tops(self, count: int = 8) -> list[list[tuple[str, float]]]:
        lda = self._sorted()
        return top_words(lda.phi, self.seen.about.words, count) if lda is not None and self.seen is not None else []

    def _sorted(self) -> Sorted | None:
        if self.seen is None:
            return None
        report = self.seen.report
        _z, n_dk, n_wk = self.seen.arrays
        return Sorted(self.used, n_dk, n_wk, report.facts.curve, report.epoch + report.share)

    def _read(self) -> str:
        """What the documents come to, in a line."""
        corpus = self.source.corpus
        if corpus is None:
            return "Reading…" if self.source.reading else ""
        said = f"{len(corpus.names):,} documents, {corpus.tokens:,} words counted, {len(corpus.words):,} different"
        if corpus.left_out:
            said += f", {corpus.left_out:,} left out"
        if corpus.empty:
            said += f"; {len(corpus.empty):,} without any word"
        return said

    def _offer_sets(self) -> None:
        menu = QMenu(self.bar.space)
        for place, (text, _name, _made) in enumerate(_SETS):
            menu.addAction(text).triggered.connect(lambda _=False, at=place: self._show_set(at))
        self.bar.space.setMenu(menu)
        self.bar.space.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)

    def _show_set(self, place: int) -> None:
        found = self.trained()
        if found is None:
            return
        text, _name, made = _SETS[place]
        try:
            self.studio.vector_sets.show(f"Lab: {text.lower()}", made(found))
        except StudioError as error:
            self.studio.noticed.emit(Notice.of(error))

    def _connect_topics(self) -> None:
        self.text.changed.connect(self._on_documents)
        self.source.corpus_changed.connect(self._on_corpus)
        self.source.lsa_changed.connect(self._on_lsa)
        self.matrix.edited.connect(self._on_edited)
        self.matrix.weighting_changed.connect(self.source.set_weighting)
        self.lsa.rank_changed.connect(self._compare)
        self.sides.tabs.currentChanged.connect(lambda _: self._suggest())
        for view in (self.matrix, self.lsa, self.compare, self.map):
            view.picked.connect(self._on_picked)


def _column(*widgets: QWidget) -> QWidget:
    page = QWidget()
    column = QVBoxLayout(page)
    column.setContentsMargins(0, 0, 0, 0)
    for widget in widgets:
        column.addWidget(widget, 0 if isinstance(widget, Knobs | WrappedLabel) else 1)
    return page
