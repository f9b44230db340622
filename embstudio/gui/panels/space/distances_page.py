"""Two vectors: every distance between them, the plane they span, and whether the metrics rank alike around a word."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QToolButton, QWidget

from embstudio.base.errors import StudioError
from embstudio.gui.binding import bind
from embstudio.gui.panels.scroll_body import ScrollBody
from embstudio.gui.panels.space.answers import Check
from embstudio.gui.panels.space.asking_page import AskingPage
from embstudio.gui.panels.space.distance_words import (
    COUNT,
    SHORT,
    Ranking,
    measured,
    name_of,
    plane_words,
    ranking_words,
    undefined_words,
)
from embstudio.gui.panels.space.framing import framed
from embstudio.gui.panels.space.lookups import Lookups
from embstudio.gui.panels.space.plane_scene import plane_scene
from embstudio.gui.panels.space.term_field import TermField
from embstudio.gui.panels.space.text_terms import TextTerms
from embstudio.gui.panels.wrapped_label import WrappedLabel
from embstudio.gui.plots.arrow_plot import ArrowPlot
from embstudio.gui.plots.arrow_scene import ArrowScene
from embstudio.gui.plots.metric_table import MetricTable
from embstudio.gui.plots.rank_table import RankTable
from embstudio.gui.style.theme import Theme
from embstudio.space.agreement import agreement
from embstudio.space.lookup import Lookup, Term
from embstudio.space.neighbours import NeighbourFinder
from embstudio.space.plane import plane_of
from embstudio.studio import Studio

NO_ROW = "Only of words of the set: what is typed has no neighbours to rank here. Type a word into the first field."
RANKING = "Ranking the words around ‘{}’ by every metric…"


class DistancesPage(AskingPage):
    """The metrics are ranked around the word in the first field. What the set does not know is taken as a text where
    the open model made the set. texts_wanted(first, second): to be compared as texts, whatever the set."""

    texts_wanted = Signal(str, str)

    name = "Distances"
    tip = "Two words by every metric, and the plane they span"
    beside = 430
    examples = (("cat", "dog"), ("king", "queen"), ("good", "bad"))

    def __init__(self, studio: Studio, theme: Theme, lookups: Lookups, parent: QWidget | None = None) -> None:
        super().__init__(studio, theme, lookups, parent)
        self.texts = TextTerms(studio)
        hint = "word or [x, y, …]"
        self.first = TermField("DistanceFirst", "First word or vector", hint)
        self.second = TermField("DistanceSecond", "Second word or vector", hint)
        swap = QToolButton(self)
        swap.setObjectName("DistanceSwap")
        swap.setText("⇄")
        swap.setAccessibleName("Swap the two")
        swap.setToolTip("Swap the two: the metrics are ranked around the first")
        swap.clicked.connect(self._swap)
        self.from_map = QToolButton(self)
        self.from_map.setObjectName("DistanceFromMap")
        self.from_map.setText("From the map")
        self.from_map.setToolTip("Take the two words you went to last, on the map or among the neighbours")
        self.from_map.clicked.connect(self._take_from_map)
        self.as_texts = QToolButton(self)
        self.as_texts.setObjectName("DistanceAsTexts")
        self.as_texts.setText("As texts")
        self.as_texts.setToolTip("Compare what is typed as texts, by the open model's vectors of them")
        self.as_texts.clicked.connect(lambda _checked=False: self.texts_wanted.emit(*self._typed))
        for widget in (self.first, QLabel("and"), self.second, swap, self.from_map, self.as_texts):
            self.row.flow.addWidget(widget)
        self.add_fields((self.first, self.second))
        self.plot = ArrowPlot(theme, "DistancePlane", "The plane of the two vectors")
        self.plane_note = self._note("PlaneNote")
        self.made_by = self._note("MadeByNote")
        self.table = MetricTable(theme)
        self.undefined = self._note("UndefinedNote")
        self.heading = QLabel("Do the metrics rank alike?")
        self.heading.setContentsMargins(0, 8, 0, 0)
        self.ranks = RankTable(theme)
        self.ranking = self._note("RankingNote")
        self.splitter.addWidget(framed(self.plot, self.made_by, self.plane_note))
        numbers = framed(self.table, self.undefined, self.heading, self.ranks, self.ranking)
        self.splitter.addWidget(ScrollBody(numbers, "DistanceNumbers"))
        self.splitter.setStretchFactor(0, 3)
        self.splitter.setStretchFactor(1, 1)
        self.answers.answered.connect(self._show_ranking)
        self.answers.failed.connect(self._fail)
        self._ranked: Term | None = None
        self._waited: list[str] = []  # texts whose vectors were not there when they were asked for
        for changed in (studio.embedding.changed, studio.kinship.changed):
            bind(self, changed, self._on_vectors)
        self.restyle()

    def hint(self) -> str:
        return "Type two words of the set, or vectors such as [0.2, 0.8, 0.1] and [0.7, 0.3, 0.9]."

    def restyle(self) -> None:
        super().restyle()
        self.table.restyle()
        self.ranks.restyle()
        self.heading.setFont(self.theme.font(bold=True))
        self.plot.update()

    def term_of(self, lookup: Lookup, text: str) -> Term | None:
        term = super().term_of(lookup, text)
        return term if term is not None else self.texts.term(lookup, text.strip())

    def ask(self) -> None:
        lookup = self.lookup
        if lookup is not None:
            self.texts.want(self._unknown)
            self._waited = [text for text in self._unknown if self.texts.term(lookup, text) is None]
        super().ask()

    @property
    def _unknown(self) -> list[str]:
        """What stands in the fields and is neither in the set nor a vector."""
        known = self.lookup.knows if self.lookup is not None else lambda _text: True
        return [text for text in self._typed if text and not text.startswith("[") and not known(text)]

    @property
    def _typed(self) -> list[str]:
        return [field.text().strip() for field in self.fields]

    def _on_vectors(self) -> None:
        """A text's vector came, or it is known whether the set is of the open model."""
        lookup = self.lookup
        if lookup is not None and self.isVisible() and any(self.texts.term(lookup, text) for text in self._waited):
            self.ask()

    def take_set(self, lookup: Lookup) -> None:
        self._ranked = None

    def show_answer(self, terms: Sequence[Term]) -> None:
        a, b = terms
        if len(a.vector) != len(b.vector):
            self._complain(
                self.second,
                f"These two have different widths: {len(a.vector)} numbers and {len(b.vector)}. Only vectors of the "
                "same width can be compared.",
            )
            return
        self.made_by.setText(self.texts.words(terms, self._typed))
        rows = measured(a.vector, b.vector)
        self.table.set_rows(rows)
        self.undefined.setText(undefined_words(rows))
        names = name_of(a.name), name_of(b.name)
        if len(a.vector) > 1:
            plane = plane_of(a.vector, b.vector)
            self.plot.set_scene(plane_scene(plane, names))
            self.plane_note.setText(plane_words(plane))
        else:
            self.plot.set_scene(ArrowScene())
            self.plane_note.setText("Vectors of one number span no plane.")
        self._rank(a)
        self.show_split()

    def _rank(self, term: Term) -> None:
        """Rank the words around a term, off the UI thread, unless that is on the screen."""
        lookup, row = self.lookup, term.row
        assert lookup is not None
        if term is self._ranked or (row is not None and self._ranked is not None and self._ranked.row == row):
            return
        self._ranked = term
        self.ranks.setVisible(row is not None)
        if row is None:
            self.answers.forget()
            self.wait.end()
            self.ranking.setText(NO_ROW)
            return
        self.ranking.setText(RANKING.format(name_of(term.name)))
        self.ranks.setEnabled(False)
        self.ask_aside(lambda check: _ranking(lookup, row, check), self.ranking.text())

    def give_up(self) -> None:
        self._ranked = None
        self.ranking.setText("")

    def _show_ranking(self, ranking: Ranking) -> None:
        found = ranking.found
        self.ranks.setEnabled(True)
        self.ranks.set_matrix([SHORT[name] for name in found.metrics], found.spearman)
        self.ranking.setText(ranking_words(ranking, name_of(self._ranked.name if self._ranked else "")))

    def _fail(self, error: StudioError) -> None:
        self.ranking.setText(str(error))

    def _begin(self, lookup: Lookup) -> None:
        super()._begin(lookup)
        if not any(field.text() for field in self.fields) and len(self._last_two) == 2:
            self._fill(lookup)

    def _fill(self, lookup: Lookup) -> None:
        for field, row in zip(self.fields, self._last_two, strict=True):
            field.fill(lookup.written(lookup.set.words[row]))

    def show_set(self) -> None:
        super().show_set()
        if self._unknown:
            self.ask()  # another model may be open, whose vectors of texts are others
        self.as_texts.setVisible(self.studio.embedding.available)
        self.from_map.setEnabled(self.lookup is not None and len(self._last_two) == 2)

    @property
    def _last_two(self) -> list[int]:
        """Rows one went to last, the later one at the end."""
        return list(dict.fromkeys(reversed(self.studio.vector_walk.trail)))[:2][::-1]

    def _take_from_map(self) -> None:
        if self.lookup is not None and len(self._last_two) == 2:
            self._fill(self.lookup)
            self.ask()

    def _swap(self) -> None:
        first, second = self.first.text(), self.second.text()
        self.first.fill(second)
        self.second.fill(first)
        self.ask()

    def _note(self, name: str) -> WrappedLabel:
        note = WrappedLabel("")
        note.setObjectName(name)
        return note


def _ranking(lookup: Lookup, row: int, check: Check) -> Ranking:
    def finder(metric: str) -> NeighbourFinder:
        check()
        return lookup.finder(metric)

    found = agreement(lookup.set.vectors, row, COUNT, finder=finder)
    compared = lookup.set.vectors[np.append(found.rows, row)].astype(np.float64)
    lengths = np.linalg.norm(compared, axis=1)
    return Ranking(found, float(lengths.min()), float(lengths.max()))
