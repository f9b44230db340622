"""King − man + woman: the ranked answers, and the arithmetic as arrows."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QComboBox, QLabel, QWidget

from embstudio.base.errors import StudioError
from embstudio.gui.panels.space.analogy_words import (
    RULES,
    Solved,
    analogy_plane_words,
    analogy_scene,
    answer_words,
    solve,
)
from embstudio.gui.panels.space.asking_page import AskingPage
from embstudio.gui.panels.space.framing import framed
from embstudio.gui.panels.space.lookups import Lookups
from embstudio.gui.panels.space.term_field import TermField
from embstudio.gui.panels.wrapped_label import WrappedLabel
from embstudio.gui.plots.arrow_plot import ArrowPlot
from embstudio.gui.plots.score_table import ScoreTable
from embstudio.gui.plots.token_label import visible_text
from embstudio.gui.style.theme import Theme
from embstudio.space.lookup import Lookup, Term
from embstudio.studio import Studio

WORDS_ONLY = "An analogy is asked with words of the set; a typed vector is none."


class AnalogyPage(AskingPage):
    """Three fields and a rule."""

    name = "Analogy"
    tip = "Calculate with words: king − man + woman"
    examples = (("king", "man", "woman"), ("paris", "france", "italy"), ("he", "him", "her"))

    def __init__(self, studio: Studio, theme: Theme, lookups: Lookups, parent: QWidget | None = None) -> None:
        super().__init__(studio, theme, lookups, parent)
        first = TermField("AnalogyFirst", "Word to start from", "king")
        minus = TermField("AnalogyMinus", "Word to take away", "man")
        plus = TermField("AnalogyPlus", "Word to add", "woman")
        self.rule = QComboBox()
        self.rule.setObjectName("AnalogyRule")
        self.rule.setAccessibleName("Rule by which words are scored")
        for name, (title, _heading, about) in RULES.items():
            self.rule.addItem(title, name)
            self.rule.setItemData(self.rule.count() - 1, about, 3)  # its tooltip
        self.rule.setToolTip("How words are scored; Levy and Goldberg (2014) compare the two")
        self.rule.currentIndexChanged.connect(lambda _place: self.ask())
        for widget in (first, QLabel("−"), minus, QLabel("+"), plus, self.rule):
            self.row.flow.addWidget(widget)
        self.add_fields((first, minus, plus))
        self.plot = ArrowPlot(theme, "AnalogyPlane", "The arithmetic as arrows")
        self.plane_note = self._note("AnalogyPlaneNote")
        self.said = self._note("AnalogyAnswer", quiet=False)
        self.table = ScoreTable(theme, "AnalogyAnswers", "Answers, the best first")
        self.splitter.addWidget(framed(self.plot, self.plane_note))
        self.splitter.addWidget(framed(self.said, self.table))
        self.splitter.setStretchFactor(0, 3)
        self.splitter.setStretchFactor(1, 1)
        self.answers.answered.connect(self._show)
        self.answers.failed.connect(self._fail)
        self.restyle()

    def hint(self) -> str:
        return "Type three words of the set, such as king − man + woman."

    def restyle(self) -> None:
        super().restyle()
        self.table.restyle()
        self.plot.update()

    def take_set(self, lookup: Lookup) -> None:
        self.answers.forget()

    def show_answer(self, terms: Sequence[Term]) -> None:
        lookup = self.lookup
        rows = [term.row for term in terms]
        assert lookup is not None
        for field, row in zip(self.fields, rows, strict=True):
            if row is None:
                self._complain(field, WORDS_ONLY)
                return
        a, b, c = (row for row in rows if row is not None)
        rule = str(self.rule.currentData())
        self.plot.fade()
        self.table.setEnabled(False)
        self.said.setText(f"Looking through {len(lookup.set):,} vectors…")
        self.ask_aside(lambda check: solve(lookup, (a, b, c), rule, check=check), self.said.text())
        self.show_split()

    def give_up(self) -> None:
        self.said.setText("")

    def _show(self, solved: Solved) -> None:
        _title, heading, about = RULES[solved.found.rule]
        scores = [float(score) for score in solved.found.scores]
        self.table.setEnabled(True)
        self.table.scores.set_rows(list(zip(map(visible_text, solved.answers), scores, strict=True)), heading, about)
        self.said.setText(answer_words(solved))
        self.plot.set_scene(analogy_scene(solved))
        self.plane_note.setText(analogy_plane_words(solved))

    def _fail(self, error: StudioError) -> None:
        self.said.setText(str(error))

    def _note(self, name: str, *, quiet: bool = True) -> WrappedLabel:
        note = WrappedLabel("", quiet=quiet)
        note.setObjectName(name)
        return note
