"""The ladder: two texts as counts, shares, pairs of words and vectors of models, and where they part."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication, QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from embstudio.base.errors import StudioError
from embstudio.gui.binding import bind
from embstudio.gui.flow_layout import FlowRow
from embstudio.gui.panels.lab.ladder_model import LadderModel
from embstudio.gui.panels.lab.ladder_words import (
    MODEL,
    READING,
    REFUSED,
    WORDS,
    Shown,
    difference,
    line_of,
    metric_lines,
    summary,
    told,
)
from embstudio.gui.panels.lab.metric_ladder import MetricLadder
from embstudio.gui.panels.lab.pair_bars import PairBars
from embstudio.gui.panels.lab.rung_table import RungTable
from embstudio.gui.panels.lab.sides import Sides
from embstudio.gui.panels.lab.table_map import TableMap
from embstudio.gui.panels.scroll_body import ScrollBody
from embstudio.gui.panels.space.distance_words import measured, undefined_words
from embstudio.gui.panels.wrapped_label import WrappedLabel
from embstudio.gui.plots.metric_table import MetricTable
from embstudio.gui.style.theme import Theme
from embstudio.modelfile import catalogue
from embstudio.modelfile.catalogue import ModelSource
from embstudio.space.ladder import Rung, backwards, counted_rungs, vector_rung
from embstudio.space.word_counts import words_of, written_out
from embstudio.studio import Studio
from embstudio.studio import ladder_vectors as vectors

PAUSE_MS = 250  # in typing, after which models read it
_BUNDLED = {vectors.WORDS: "words", vectors.SENTENCES: "sentences"}  # the models of the rungs before the last
_ROWS = ("A", "B", "A backwards")
_DIFFERENCES = ("A − B", "A − A backwards")
EMPTY = "Type two texts, or choose an example."
NO_WORDS = "One of the texts has no words left to count."
NO_PAIRS = "one word makes no pair"
_TIMES = "dog×3 stands for dog dog dog"


@dataclass(frozen=True)
class Example:
    """without: words that the counts leave out."""

    name: str
    first: str
    second: str
    without: str = ""


EXAMPLES = (
    Example("same words, other meaning", "The cat chased the dog", "The dog chased the cat", "the"),
    Example("same mixture, other length", "dog×10 cat×1", "dog×200 cat×1"),
    Example("good and bad change places", "The film was not bad, it was good", "The film was not good, it was bad"),
    Example(
        "other words, like meaning",
        "The children are playing in the garden",
        "Kids play outside in the yard",
        "the in are",
    ),
    Example(
        "other words, other meaning",
        "The children are playing in the garden",
        "Parliament votes on a budget",
        "the in are",
    ),
    Example("one word moves", "Only she said that she loved him", "She said that she loved only him"),
)


class LadderPage(QWidget):
    """See docs/guide.md, The ladder. Counts are made at once, vectors of models by the worker."""

    def __init__(self, studio: Studio, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.studio, self.theme = studio, theme
        self.shown: tuple[Shown, ...] = ()
        self._build()
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(self.read)
        self.take(EXAMPLES[0])
        for field in (self.first, self.second, self.without):
            field.textChanged.connect(self._on_typed)
            field.returnPressed.connect(self.read)
        self.examples.activated.connect(lambda place: self.take(EXAMPLES[place]))
        self.model.chosen.connect(self.read)
        self.rungs.chosen.connect(lambda _place: self._show_rung())
        self.copy.clicked.connect(lambda _checked=False: QGuiApplication.clipboard().setText(self.as_text()))
        bind(self, studio.ladder.changed, self._on_vectors)
        self.restyle()

    @property
    def busy(self) -> bool:
        """Whether vectors are on their way."""
        ladder = self.studio.ladder
        return self._pause.isActive() or any(ladder.busy(rung) for rung in vectors.RUNGS)

    def take(self, example: Example) -> None:
        """Show an example."""
        for field, text in (
            (self.first, example.first),
            (self.second, example.second),
            (self.without, example.without),
        ):
            field.blockSignals(True)
            field.setText(text)
            field.setCursorPosition(0)
            field.blockSignals(False)
        self.examples.setCurrentIndex(EXAMPLES.index(example))
        self.read()

    def read(self) -> None:
        """Count the words, and have models read the texts."""
        self._pause.stop()
        if self.isVisible():
            self._want()
        self._show()

    def restyle(self) -> None:
        """Colours or fonts changed."""
        self.fault.setStyleSheet(f"color: {self.theme.colours.error}")
        for part in (self.rungs, self.bars, self.metrics, self.all, self.sides):
            part.restyle()
        for letter in self._letters:
            letter.setFont(self.theme.font(bold=True))
        self.answer.setFont(self.theme.font(bold=True))
        for view in (self.map, self.apart):
            view.updateGeometry()
            view.update()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.read()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._pause.stop()

    def as_text(self) -> str:
        """The ladder between tabs, as a table program takes it."""
        there = [shown for shown in self.shown if shown.rung is not None]
        lines = [["A", self.first.text()], ["B", self.second.text()], ["metric", *(each.name for each in there)]]
        columns = [measured(each.rung.a, each.rung.b) for each in there if each.rung is not None]
        for rows in zip(*columns, strict=True):
            lines.append([rows[0].name, *("" if row.value is None else repr(row.value) for row in rows)])
        return "\n".join("\t".join(line) for line in lines) + "\n"

    # What is read --------------------------------------------------------------------------------------------------

    @property
    def texts(self) -> tuple[str, str]:
        """Both, written out. Raises ValueError where that is too long."""
        return written_out(self.first.text()), written_out(self.second.text())

    @property
    def _sources(self) -> dict[str, ModelSource | None]:
        """The model of each rung; the last is left out where it is the one before."""
        found = {rung: _find(name) for rung, name in _BUNDLED.items()}
        chosen, before = self.model.source, found[vectors.SENTENCES]
        same = chosen is not None and before is not None and chosen.path == before.path
        return found | {vectors.MODEL: None if same else chosen}

    def _want(self) -> None:
        try:
            first, second = self.texts
        except ValueError:
            return
        ladder = self.studio.ladder
        asked = tuple(dict.fromkeys((first, second, backwards(first))))
        for rung, source in self._sources.items():
            if source is None or not first.strip() or not second.strip():
                ladder.forget(rung)
            else:
                ladder.want(rung, source, asked)

    def _on_typed(self) -> None:
        self._pause.start()
        self._show()

    def _on_vectors(self) -> None:
        if self.isVisible():
            self._show()

    # What is shown -------------------------------------------------------------------------------------------------

    def _show(self) -> None:
        self.fault.setText("")
        try:
            first, second = self.texts
        except ValueError as error:
            self.fault.setText(f"This cannot be written out: {error}.")
            return
        without = frozenset(words_of(self.without.text()))
        lacking = not words_of(first, without) or not words_of(second, without)
        self.sides.setVisible(not lacking)
        self.answer.setVisible(not lacking)
        self.copy.setEnabled(not lacking)
        if lacking:
            self.fault.setText(NO_WORDS if first.strip() and second.strip() else EMPTY)
            return
        counted = counted_rungs(first, second, without)
        self.shown = (
            *(
                Shown(each.name, each.name, each) if len(each.a) else Shown(each.name, each.name, missing=NO_PAIRS)
                for each in counted
            ),
            *(
                self._of_model(rung, source, first, second)
                for rung, source in self._sources.items()
                if source is not None or rung != vectors.MODEL
            ),
        )
        self.rungs.set_lines([line_of(each) for each in self.shown])
        self.answer.setText(summary(self.shown))
        names = [(place, each.name) for place, each in enumerate(self.shown, 1) if each.rung is not None]
        self.all.set_rungs(names, metric_lines(self.shown))
        self._show_rung()

    def _of_model(self, rung: str, source: ModelSource | None, first: str, second: str) -> Shown:
        ladder = self.studio.ladder
        kind = WORDS if rung == vectors.WORDS else MODEL
        name = WORDS if rung == vectors.WORDS else source.title if source is not None else rung
        if source is None:
            return Shown(name, kind, missing="is not there", note="The bundled model is not there.")
        made, problem = ladder.made(rung), ladder.problem(rung)
        if problem is not None:
            return Shown(name, kind, missing=REFUSED, note=f"{problem.what} {problem.advice}".strip())
        asked = (first, second, backwards(first))
        if made is None or not set(asked) <= set(made.set.words):
            return Shown(name, kind, missing=READING if self.isVisible() else "")
        rows = [made.set.vectors[made.set.words.index(text)] for text in asked]
        if any((row != row).any() for row in rows):  # NaN
            return Shown(name, kind, missing="knows no word", note="It knows none of the words of one of the texts.")
        how = f"{made.title}: {', then '.join(made.steps)}."
        note = "It is cut where the model can read no more." if made.cut else ""
        return Shown(name, kind, vector_rung(name, rows), how=how, note=note)

    def _show_rung(self) -> None:
        if not self.shown:
            return
        shown = self.shown[self.rungs.place]
        counts = self.shown[0].rung
        assert counts is not None
        self.telling.setText(told(shown, counts))
        rung = shown.rung
        for part in (self._views, self.metrics):  # what is there stays, in grey, until what comes is there
            part.setEnabled(rung is not None or shown.missing != READING)
        if shown.missing == READING and self.metrics.metrics.rows:
            return
        if rung is None:
            self._views.setCurrentWidget(self._none)
            self.metrics.set_rows([])
            self.undefined.setText("")
            return
        self._show_vectors(rung)
        rows = measured(rung.a, rung.b)
        self.metrics.set_rows(rows)
        self.undefined.setText(undefined_words(rows))

    def _show_vectors(self, rung: Rung) -> None:
        if rung.axes:
            self.bars.set_values(rung.axes, (("A", rung.a), ("B", rung.b)))
            self._views.setCurrentWidget(self.bars)
        else:
            self.map.title = rung.name
            self.map.set_values(np.stack([rung.a, rung.b, rung.turned]), _ROWS)
            self.apart.set_values(difference(rung), _DIFFERENCES)
            self._views.setCurrentWidget(self._maps)
        view = self._views.currentWidget()
        assert view is not None
        self._views.setMinimumHeight(view.minimumSizeHint().height())

    # Laying out ----------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        self.examples = QComboBox(self)
        self.examples.setObjectName("ladderExamples")
        self.examples.setAccessibleName("Example")
        self.examples.setToolTip("Texts to begin with")
        self.examples.addItems([example.name for example in EXAMPLES])
        self.without = _field("ladderWithout", "Words the counts leave out", "the, a, …", self)
        self.without.setToolTip("Words that the counts leave out. Models read the whole text.")
        self.without.setMaximumWidth(160)
        self.model = LadderModel(self.studio, self)
        self.copy = QToolButton(self)
        self.copy.setObjectName("ladderCopy")
        self.copy.setText("Copy")
        self.copy.setToolTip("Copy every metric of every rung as a table")
        row = FlowRow(self)
        row.flow.setContentsMargins(8, 0, 8, 0)
        for label, field in (("", self.examples), ("leave out", self.without), ("model", self.model)):
            row.flow.addWidget(_labelled(label, field, row))
        row.flow.addWidget(self.copy)
        self.first = _field("ladderFirst", "First text", f"first text ({_TIMES})", self)
        self.second = _field("ladderSecond", "Second text", f"second text ({_TIMES})", self)
        self._letters = [QLabel(letter, self) for letter in "AB"]
        self.fault = WrappedLabel("", self, quiet=False)
        self.fault.setObjectName("ladderFault")
        self.fault.setIndent(8)
        self.answer = WrappedLabel("", self, quiet=False)
        self.answer.setObjectName("ladderAnswer")
        self.answer.setIndent(8)
        self.rungs = RungTable(self.theme)
        self.telling = WrappedLabel("", quiet=False)
        self.telling.setObjectName("ladderTelling")
        ladder = ScrollBody(_column(self.rungs, self.telling, left=8), "ladderScroll")
        self.bars = PairBars(self.theme, "The numbers of both texts")
        self.bars.setObjectName("ladderBars")
        self.map, self.apart = TableMap(self.theme, ""), TableMap(self.theme, "Where they differ")
        self._maps = _column(self.map, self.apart)
        self._none = WrappedLabel("There is no vector here yet.")
        self._views = QStackedWidget()
        for view in (self.bars, self._maps, self._none):
            self._views.addWidget(view)
        self.metrics = MetricTable(self.theme)
        self.undefined = WrappedLabel("")
        self.all = MetricLadder(self.theme)
        self.sides = Sides(self.theme, (
            ("Ladder", "The rungs, and what happens on the one you choose", ladder),
            ("Numbers", "The two vectors of the rung, number by number", _column(self._views)),
            ("Metrics", "The two vectors of the rung by every metric", _column(self.metrics, self.undefined)),
            ("All rungs", "Every metric on every rung", _column(self.all)),
        ))  # fmt: skip
        self.sides.tabs.setAccessibleName("What is shown of the rung")
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 4, 0, 0)
        outer.setSpacing(4)
        outer.addWidget(row)
        for letter, field in zip(self._letters, (self.first, self.second), strict=True):
            line = QHBoxLayout()
            line.setContentsMargins(8, 0, 8, 0)
            letter.setBuddy(field)
            line.addWidget(letter)
            line.addWidget(field, 1)
            outer.addLayout(line)
        outer.addWidget(self.fault)
        outer.addWidget(self.answer)
        outer.addWidget(self.sides, 1)


def _find(name: str) -> ModelSource | None:
    try:
        return catalogue.find(name)
    except StudioError:
        return None


def _field(name: str, said: str, hint: str, parent: QWidget) -> QLineEdit:
    field = QLineEdit(parent)
    field.setObjectName(name)
    field.setAccessibleName(said)
    field.setPlaceholderText(hint)
    return field


def _labelled(label: str, field: QWidget, parent: QWidget) -> QWidget:
    if not label:
        return field
    pair = QWidget(parent)
    row = QHBoxLayout(pair)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(4)
    said = QLabel(label, pair)
    said.setBuddy(field)
    row.addWidget(said)
    row.addWidget(field)
    return pair


def _column(*widgets: QWidget, left: int = 0) -> QWidget:
    whole = QWidget()
    column = QVBoxLayout(whole)
    column.setContentsMargins(left, 0, 0, 0)
    for widget in widgets:
        column.addWidget(widget)
    column.addStretch(1)
    return whole
