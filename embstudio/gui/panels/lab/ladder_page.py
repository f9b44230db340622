"""The ladder: two texts as counts, shares, pairs of words and vectors of models, and where they part."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication, QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from embstudio.gui.binding import bind
from embstudio.gui.panels.lab.column import column
from embstudio.gui.panels.lab.ladder_reader import LadderReader
from embstudio.gui.panels.lab.ladder_texts import LadderTexts
from embstudio.gui.panels.lab.ladder_words import Shown, line_of, metric_lines, summary, told
from embstudio.gui.panels.lab.metric_ladder import MetricLadder
from embstudio.gui.panels.lab.rung_table import RungTable
from embstudio.gui.panels.lab.rung_view import RungView
from embstudio.gui.panels.lab.sides import Sides
from embstudio.gui.panels.scroll_body import ScrollBody
from embstudio.gui.panels.space.distance_words import measured
from embstudio.gui.panels.wrapped_label import WrappedLabel
from embstudio.gui.style.theme import Theme
from embstudio.space.word_counts import words_of
from embstudio.studio import Studio

EMPTY = "Type two texts, or choose an example."
NO_WORDS = "One of the texts has no words left to count."


class LadderPage(QWidget):
    """See docs/guide.md, Sentences."""

    def __init__(self, studio: Studio, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.studio, self.theme = studio, theme
        self.shown: tuple[Shown, ...] = ()
        self.reader = LadderReader(studio.ladder)
        self.texts = LadderTexts(studio, theme, self)
        self.fault, self.answer = (WrappedLabel("", self, quiet=False) for _ in range(2))
        self.fault.setObjectName("ladderFault")
        self.answer.setObjectName("ladderAnswer")
        self.rungs = RungTable(theme)
        self.telling = WrappedLabel("", quiet=False)
        self.telling.setObjectName("ladderTelling")
        self.view, self.all = RungView(theme), MetricLadder(theme)
        ladder = ScrollBody(column(self.rungs, self.telling, left=8), "ladderScroll")
        self.sides = Sides(theme, (
            ("Ladder", "The rungs, and what happens on the one you choose", ladder),
            ("Numbers", "The two vectors of the rung, number by number", self.view.numbers),
            ("Metrics", "The two vectors of the rung by every metric", self.view.measures),
            ("All rungs", "Every metric on every rung", column(self.all)),
        ))  # fmt: skip
        self.sides.tabs.setAccessibleName("What is shown of the rung")
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 4, 0, 0)
        outer.setSpacing(4)
        outer.addWidget(self.texts)
        for label in (self.fault, self.answer):
            label.setIndent(8)
            outer.addWidget(label)
        outer.addWidget(self.sides, 1)
        self.texts.changed.connect(self._show)
        self.texts.settled.connect(self.read)
        self.texts.copy.clicked.connect(lambda _checked=False: QGuiApplication.clipboard().setText(self.as_text()))
        self.rungs.chosen.connect(lambda _place: self._show_rung())
        bind(self, studio.ladder.changed, self._on_vectors)
        self._show()
        self.restyle()

    @property
    def busy(self) -> bool:
        """Whether vectors are on their way."""
        return self.texts.typing or self.reader.busy

    def read(self) -> None:
        """Count the words, and have models read the texts."""
        if self.isVisible() and not self._fault():
            self.reader.want(*self.texts.written, self.texts.model.source)
        self._show()

    def restyle(self) -> None:
        """Colours or fonts changed."""
        self.fault.setStyleSheet(f"color: {self.theme.colours.error}")
        self.answer.setFont(self.theme.font(bold=True))
        for part in (self.texts, self.rungs, self.view, self.all, self.sides):
            part.restyle()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.read()

    def as_text(self) -> str:
        """The ladder between tabs, as a table program takes it."""
        there = [shown for shown in self.shown if shown.rung is not None]
        texts = self.texts.first.text(), self.texts.second.text()
        lines = [["A", texts[0]], ["B", texts[1]], ["metric", *(each.name for each in there)]]
        columns = [measured(each.rung.a, each.rung.b) for each in there if each.rung is not None]
        for rows in zip(*columns, strict=True):
            lines.append([rows[0].name, *("" if row.value is None else repr(row.value) for row in rows)])
        return "\n".join("\t".join(line) for line in lines) + "\n"

    # What is shown -------------------------------------------------------------------------------------------------

    def _on_vectors(self) -> None:
        if self.isVisible():
            self._show()

    def _show(self) -> None:
        fault = self._fault()
        self.fault.setText(fault)
        for part in (self.sides, self.texts.copy):  # what is there stays, in grey
            part.setEnabled(not fault)
        if fault:
            self.answer.setText("")
            return
        first, second = self.texts.written
        self.shown = self.reader.rungs(first, second, self.texts.left_out, self.texts.model.source)
        self.rungs.set_lines([line_of(each) for each in self.shown])
        self.answer.setText(summary(self.shown))
        names = [(place, each.name) for place, each in enumerate(self.shown, 1) if each.rung is not None]
        self.all.set_rungs(names, metric_lines(self.shown))
        self._show_rung()

    def _fault(self) -> str:
        """What is the matter with the texts."""
        try:
            texts = self.texts.written
        except ValueError as error:
            return f"This cannot be written out: {error}."
        if not all(text.strip() for text in texts):
            return EMPTY
        return "" if all(words_of(text, self.texts.left_out) for text in texts) else NO_WORDS

    def _show_rung(self) -> None:
        if self.shown:
            shown, counts = self.shown[self.rungs.place], self.shown[0].rung
            assert counts is not None
            self.telling.setText(told(shown, counts))
            self.view.show(shown)
