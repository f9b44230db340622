"""The bench of topics: what documents are about, by concepts made by hand, by LSA, and by LDA word by word."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from PySide6.QtWidgets import QMenu, QToolButton, QVBoxLayout, QWidget

from embstudio.base.errors import InputError, StudioError
from embstudio.gui.panels.lab import topics_knobs
from embstudio.gui.panels.lab.bench_page import BenchPage
from embstudio.gui.panels.lab.epoch_plot import EpochCurve, EpochPlot, Level
from embstudio.gui.panels.lab.exporter import MODELS, TABLES, Export
from embstudio.gui.panels.lab.film import Film
from embstudio.gui.panels.lab.knobs import Knobs
from embstudio.gui.panels.lab.topics_box import BOOKS, TopicsBox
from embstudio.gui.panels.lab.topics_compare import TopicsCompare
from embstudio.gui.panels.lab.topics_concepts import TopicsConcepts
from embstudio.gui.panels.lab.topics_data import TopicsData
from embstudio.gui.panels.lab.topics_film import TopicsFilm
from embstudio.gui.panels.lab.topics_lsa import TopicsLsa
from embstudio.gui.panels.lab.topics_map import BOTH, LDA, LSA, TopicsMap
from embstudio.gui.panels.lab.topics_matrix import TopicsMatrix
from embstudio.gui.panels.lab.topics_sight import TopicsEye, TopicsSight
from embstudio.gui.panels.lab.topics_step import TopicsStep
from embstudio.gui.panels.lab.topics_words import topic_name
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


class TopicsPage(BenchPage[Settings, Found]):
    """See docs/guide.md, The Lab. Run, step and rewind are LDA's; LSA's rank has a slider of its own."""

    example = "word"
    invitation_text = (
        "LSA takes the matrix of counts apart at once: add rank by rank on its page. LDA guesses a topic for each "
        "word, and sorts all again and again: press Run, or Step for one word."
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
        self._eye = TopicsEye()
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

    def looker(self) -> Callable[[Seen], TopicsSight]:
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

    def film(self) -> Film | None:
        """LDA's plot by epoch."""
        training = self.link.training
        if self.seen is None or training is None:
            return None
        settings, curve = self.used, self.seen.report.facts.curve
        names = (*self.map.names, *(topic_name(topic) for topic in range(settings.topics)))

        def told(epoch: int) -> str:
            known = curve[curve[:, 0] == epoch]  # of epochs beyond one that was gone back to, nothing is known
            return f"LDA, perplexity {four(float(known[-1, 1]))}" if len(known) else ""

        return TopicsFilm(self.theme, self.seen.report.kept, training.recall, self.seen.about, settings, names, told)

    def show_nothing(self) -> None:
        self.step.show_nothing()
        self.map.show_shares(None)
        for plot in (self.perplexity, self.surprise):
            plot.set_curves((), 0.0, 1)
        self._show_page()

    def show_seen(self, seen: Seen, sight: TopicsSight) -> None:
        facts: Facts = seen.report.facts
        if facts.account is not None:
            self._document = facts.account.document
        begun = not self.map.has_shares
        self.map.show_shares(sight.shares, [", ".join(word for word, _ in words[:3]) for words in sight.tops])
        if begun:
            self._suggest()
        self.map.set_document(self._document)
        self._show_page()
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
        error = self.source.error
        if error is None or self._error is not None or self.text.is_blank:
            return []
        return [str(error)]

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
        self._show_page()

    def _on_lsa(self) -> None:
        corpus, lsa, error = self.source.corpus, self.source.lsa, self.source.lsa_error
        self.lsa.show_lsa(corpus, lsa, str(error) if error is not None else "", working=self.source.working)
        self.map.show_lsa(lsa)
        self._show_page()

    def _on_picked(self, document: int) -> None:
        if document < 0 or document == self._document:
            return
        self._document = document
        self.map.set_document(document)
        self._show_page()

    def _on_page(self) -> None:
        self._suggest()
        self._show_page()

    def _suggest(self) -> None:
        """The plot goes along with the page."""
        plots = {"Texts": LSA, "Matrix": LSA, "Concepts": LSA, "LSA": LSA, "LDA": LDA, "Loss": LDA, "Both": BOTH}
        if self.sides.page in plots:
            self.map.suggest(plots[self.sides.page])

    def _show_page(self) -> None:
        """Bring the page that is looked at up to date."""
        if self.sides.page == "Both":
            self._compare()
        elif self.sides.page == "LDA" and self.seen is not None:
            self.step.show_seen(self.seen.about, self.sight, self.seen.arrays, self.seen.report.facts, self._document)

    def _compare(self) -> None:
        self.compare.show_both(self.source.corpus, self.sight, self.source.lsa, self.lsa.rank)

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
        self.lsa.rank_changed.connect(self._show_page)
        self.lsa.stop_wanted.connect(self.source.stop)
        self.lsa.again_wanted.connect(self.source.decompose)
        self.sides.tabs.currentChanged.connect(lambda _: self._on_page())
        for view in (self.matrix, self.lsa, self.compare, self.map):
            view.picked.connect(self._on_picked)


def _column(*widgets: QWidget) -> QWidget:
    page = QWidget()
    column = QVBoxLayout(page)
    column.setContentsMargins(0, 0, 0, 0)
    for widget in widgets:
        column.addWidget(widget, 0 if isinstance(widget, Knobs | WrappedLabel) else 1)
    return page
