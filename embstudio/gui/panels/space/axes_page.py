"""A semantic plot: all words between he and she, and between bad and good."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QVBoxLayout, QWidget

from embstudio.base.errors import StudioError
from embstudio.gui.binding import bind
from embstudio.gui.panels.space.asking_page import AskingPage
from embstudio.gui.panels.space.axes_plot import AxesPlot, Pairs
from embstudio.gui.panels.space.axis_editor import AxisEditor
from embstudio.gui.panels.space.lookups import Lookups
from embstudio.gui.panels.space.term_field import TermField
from embstudio.gui.style.theme import Theme
from embstudio.space.lookup import Lookup, Term
from embstudio.space.semantic_plane import SemanticPlane, semantic_plane
from embstudio.studio import Studio

WORDS_ONLY = "An axis leads from word to word of the set; a typed vector is none."


class AxesPage(AskingPage):
    """Two axes, each of one pair of words or several; words to mark, or to show alone."""

    name = "Axes"
    tip = "All words along directions with names: he → she, bad → good"
    examples = (("he", "she", "bad", "good"), ("man", "woman", "small", "big"), ("cold", "hot", "bad", "good"))

    def __init__(self, studio: Studio, theme: Theme, lookups: Lookups, parent: QWidget | None = None) -> None:
        super().__init__(studio, theme, lookups, parent)
        self.across, self.up = AxisEditor("AxisAcross", "Across", self), AxisEditor("AxisUp", "Up", self)
        self.plot = AxesPlot(studio, theme)
        bind(self, studio.vector_walk.changed, self._on_went)
        rows = QWidget(self)
        column = QVBoxLayout(rows)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        self._editors = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._editors.setSpacing(4)
        self._editors.addWidget(self.across)
        self._editors.addWidget(self.up)
        column.addLayout(self._editors)
        column.addWidget(self.plot.marking)
        self.layout().replaceWidget(self.row, rows)  # type: ignore[union-attr]  # a page has a layout
        self.row.hide()
        self.row = rows  # type: ignore[assignment]  # which is switched off and on
        for editor in (self.across, self.up):
            editor.grown.connect(self._take_fields)
        self._take_fields()
        self.splitter.addWidget(self.plot)
        self._asked: object = None
        self.answers.answered.connect(self._show)
        self.answers.failed.connect(self._fail)
        self.restyle()

    def hint(self) -> str:
        return "Type two words for each axis: from one towards the other, such as he → she and bad → good."

    def restyle(self) -> None:
        super().restyle()
        self.plot.restyle()

    # What is asked -------------------------------------------------------------------------------------------------

    def asked_fields(self) -> list[TermField]:
        """A further pair that is still empty does not count."""
        fields: list[TermField] = []
        for editor in (self.across, self.up):
            for place, pair in enumerate(editor.pairs):
                if not place or any(field.text().strip() for field in pair):
                    fields += pair
        return fields

    def take_set(self, lookup: Lookup) -> None:
        self.answers.forget()
        self._asked = None
        self.plot.forget()

    def show_answer(self, terms: Sequence[Term]) -> None:
        lookup, fields = self.lookup, self.asked_fields()
        assert lookup is not None
        row_of = {}
        for field, term in zip(fields, terms, strict=True):
            if term.row is None:
                self._complain(field, WORDS_ONLY)
                return
            row_of[field] = term.row
        across, up = (
            [(row_of[start], row_of[end]) for start, end in editor.pairs if start in row_of]
            for editor in (self.across, self.up)
        )
        self.show_split()
        asked = lookup, across, up
        if asked == self._asked:
            return
        self._asked = asked
        self.plot.wait(telling := f"Placing {len(lookup.set):,} vectors…")
        words, vectors = lookup.set.words, lookup.set.vectors
        self.ask_aside(lambda check: ((across, up), semantic_plane(words, vectors, across, up, check)), telling)

    def give_up(self) -> None:
        self._asked = None
        self.plot.end_waiting("")

    def _begin(self, lookup: Lookup) -> None:
        for words in self.examples:
            if all(map(lookup.knows, words)):
                self.across.fill([(words[0], words[1])])
                self.up.fill([(words[2], words[3])])
                return

    def _take_fields(self) -> None:
        """Follow the editors: another pair came or went."""
        known, self.fields = self.fields, []
        for editor in (self.across, self.up):
            for field in (field for pair in editor.pairs for field in pair):
                field.lookup = self.lookup
                if field in known:
                    self.fields.append(field)
                else:
                    self.add_fields([field])
        self._stand()
        if len(known) > len(self.fields):
            self.ask()

    # What is shown -------------------------------------------------------------------------------------------------

    def _show(self, placed: tuple[tuple[Pairs, Pairs], SemanticPlane]) -> None:
        if self.lookup is not None:
            self.plot.show_plane(self.lookup, *placed)

    def _fail(self, error: StudioError) -> None:
        self._asked = None
        self.plot.end_waiting(str(error))

    def _on_went(self) -> None:
        if self.isVisible():
            self.plot.mark()

    def _let_go(self) -> None:
        super()._let_go()
        if self.lookup is None:
            self.plot.forget()

    # Where things are ----------------------------------------------------------------------------------------------

    def _stand(self) -> None:
        """The axes side by side where there is room for both."""
        beside = self.across.wanted + self.up.wanted <= self.width()
        way = QBoxLayout.Direction
        self._editors.setDirection(way.LeftToRight if beside else way.TopToBottom)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._stand()
