"""What pages that are asked with words have in common: fields, what is wrong with what stands in them, and waiting."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from embstudio.base.errors import StudioError
from embstudio.gui.binding import bind
from embstudio.gui.flow_layout import FlowRow
from embstudio.gui.panels.empty_state import EmptyState
from embstudio.gui.panels.space.answer_wait import AnswerWait
from embstudio.gui.panels.space.answers import Answers, Question
from embstudio.gui.panels.space.framing import inset
from embstudio.gui.panels.space.lookups import Lookups
from embstudio.gui.panels.space.page import SpacePage
from embstudio.gui.panels.space.side_by_side import SideBySide
from embstudio.gui.panels.space.spelling_help import SpellingHelp
from embstudio.gui.panels.space.spelling_row import SpellingRow
from embstudio.gui.panels.space.term_field import TermField
from embstudio.gui.panels.wrapped_label import WrappedLabel
from embstudio.gui.style.theme import Theme
from embstudio.space.lookup import Lookup, Term
from embstudio.studio import Studio

WAITING = "The vectors of the model's words are on their way…"
PREPARING = "The vectors are being prepared ({})…"
DONE = "Compared {}, as chosen on the Map; typed vectors of the same width too."
NO_SET = "There are no vectors to ask. Open a model that has an embedding table, or a file of vectors (File menu)."


class AskingPage(SpacePage):
    """row: the fields; below them `splitter`, or `empty` while there is nothing to show in it.

    Subclasses put fields into it (`add_fields`), answer in `show_answer` and name `examples`: as many words as there
    are fields, each. The first of them that a set knows is asked at the start.
    """

    examples: tuple[tuple[str, ...], ...] = ()
    beside = 240  # pixels of the splitter's second part, at text scale 1

    def __init__(self, studio: Studio, theme: Theme, lookups: Lookups, parent: QWidget | None = None) -> None:
        super().__init__(studio, theme, parent)
        self.lookup: Lookup | None = None
        self.lookups = lookups
        self.fields: list[TermField] = []
        self.row = FlowRow(self)
        self.row.flow.setContentsMargins(8, 0, 8, 0)
        self.spelling = SpellingRow(self)
        self._help = SpellingHelp(self.spelling, self)
        self.answers = Answers(self)  # to what the fields ask; the page says what comes of it
        self.wait = AnswerWait(self.answers, self)
        self.wait.stopped.connect(self.give_up)
        self.wait.wanted_again.connect(self.ask)
        self.done = WrappedLabel("", self)
        self.done.setObjectName("VectorsDone")
        self.splitter = SideBySide(theme, self.beside)
        self.empty = EmptyState("")
        self._stack = QStackedWidget(self)
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self.splitter)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.row)
        column.addWidget(self.spelling)
        column.addWidget(self.wait)
        column.addWidget(inset(self.done))
        column.addWidget(self._stack, 1)
        bind(self, studio.vector_walk.changed, self._on_walk)
        bind(self, studio.vector_sets.changed, self._let_go)
        bind(self, lookups.ready, self._on_walk)
        lookups.preparation.ready.connect(self._on_walk)

    @property
    def busy(self) -> bool:
        """Whether something that was asked is not answered yet."""
        return self.answers.busy or self._help.busy or self.lookups.busy

    def show_answer(self, terms: Sequence[Term]) -> None:
        """Answer what stands in `asked_fields`: a term for each."""

    def ask_aside(self, question: Question, telling: str) -> None:
        """Have `answers` look for an answer; it can be stopped. telling: what is being done."""
        self.answers.ask(question)
        self.wait.begin(telling)

    def give_up(self) -> None:
        """The person stopped the question."""

    def term_of(self, lookup: Lookup, text: str) -> Term | None:
        """What a field stands for; None for a word that there is not. Raises InputError."""
        return lookup.term(text)

    def asked_fields(self) -> list[TermField]:
        """Those that must be filled."""
        return self.fields

    def hint(self) -> str:
        """What to do while the fields are empty."""
        return "Type words of the set."

    def add_fields(self, fields: Iterable[TermField]) -> None:
        """Take fields that have been put into `row`."""
        for field in fields:
            field.settled.connect(self.ask)
            field.restyle()
            self.fields.append(field)

    # What is shown -------------------------------------------------------------------------------------------------

    def show_set(self) -> None:
        self.studio.vector_sets.want()
        lookup = self.lookups.current
        if lookup is None:
            self.lookup, preparing = None, self.lookups.preparing
            waiting = WAITING if self.studio.vector_sets.waiting else NO_SET
            self._say(PREPARING.format(preparing) if preparing else waiting)
        elif lookup is not self.lookup:
            self.lookup = lookup
            self.wait.end()
            for field in self.fields:
                field.lookup = lookup
            words = [field.text().strip() for field in self.asked_fields()]
            if not all(word.startswith("[") or lookup.knows(word) for word in words):
                self._begin(lookup)
            self.take_set(lookup)
            self._say(self.hint())
            self.ask()
        self.row.setEnabled(lookup is not None)
        self.done.setText(DONE.format(lookup.done) if lookup is not None and lookup.done else "")

    def take_set(self, lookup: Lookup) -> None:
        """Another set is looked at; `show_answer` follows if its words are known."""

    def ask(self) -> None:
        """Read the fields and answer, or say what is wrong with the first that cannot be read."""
        lookup = self.lookup
        if lookup is None:
            return
        self._help.clear()
        terms = []
        for field in self.asked_fields():
            if not field.text().strip():
                self._say(self.hint())
                return
            try:
                term = self.term_of(lookup, field.text())
            except StudioError as error:
                self._complain(field, str(error))
                return
            if term is None:
                self._help.look_for(field, lookup)
                self._hint_if_empty()
                return
            terms.append(term)
        self.show_answer(terms)

    def show_split(self) -> None:
        """Show what `splitter` holds."""
        self._stack.setCurrentIndex(1)

    def restyle(self) -> None:
        for field in self.fields:
            field.restyle()

    def _let_go(self) -> None:
        """Keep no set that is not looked at any more, seen or not."""
        if self.lookup is not None and self.lookups.kept is not self.lookup:
            self.lookup = None
            for field in self.fields:
                field.lookup = None

    def _on_walk(self, _prepared: object = None) -> None:
        """Vectors are to be compared otherwise, or those that were wanted are ready."""
        if self.isVisible():
            self.show_set()

    def _begin(self, lookup: Lookup) -> None:
        """Put the first example whose words the set knows into the fields; else what stands there stays."""
        for words in self.examples:
            if all(map(lookup.knows, words)):
                for field, word in zip(self.fields, words, strict=False):
                    field.fill(word)
                return

    def _say(self, text: str) -> None:
        self.empty.setText(text)
        self._stack.setCurrentIndex(0)

    def _complain(self, field: TermField, text: str) -> None:
        """Say what is wrong with a field; what is shown stays."""
        self._help.complain(field, text)
        self._hint_if_empty()

    def _hint_if_empty(self) -> None:
        if self._stack.currentIndex() == 0:
            self._say(self.hint())
