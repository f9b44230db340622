"""Typed texts: every distance between two of them in the plane they span, and which of several are nearest."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QComboBox, QLabel, QStackedWidget, QToolButton, QVBoxLayout, QWidget

from embstudio.gui.binding import bind
from embstudio.gui.flow_layout import FlowRow
from embstudio.gui.panels.elided_label import ElidedLabel
from embstudio.gui.panels.empty_state import EmptyState
from embstudio.gui.panels.scroll_body import ScrollBody
from embstudio.gui.panels.space.distance_words import measured, name_of, plane_words, undefined_words
from embstudio.gui.panels.space.framing import framed
from embstudio.gui.panels.space.page import SpacePage
from embstudio.gui.panels.space.plane_scene import plane_scene
from embstudio.gui.panels.space.side_by_side import SideBySide
from embstudio.gui.panels.space.text_rows import LETTERS, TextRows
from embstudio.gui.panels.space.text_source import TextSource
from embstudio.gui.panels.space.text_words import CHOICES, colour_words, likeness, nearest_words
from embstudio.gui.panels.wrapped_label import WrappedLabel
from embstudio.gui.plots.arrow_plot import ArrowPlot
from embstudio.gui.plots.arrow_scene import ArrowScene
from embstudio.gui.plots.likeness_table import LikenessTable
from embstudio.gui.plots.metric_table import MetricTable
from embstudio.gui.style.theme import Theme
from embstudio.space.plane import plane_of
from embstudio.studio import Studio
from embstudio.studio.embedding import Made

PAUSE_MS = 150  # in typing, after which a text is embedded
FEW = 3  # texts there are at first
ANSWER = 200  # pixels that the answer wants, or it gets a line of its own
ASKER = "texts page"
HINT = "Type two texts, or more, to see how near they are."
WAITING = "The vectors of the texts are on their way…"


class TextsPage(SpacePage):
    """By the open model, whichever set of vectors is looked at."""

    name = "Texts"
    tip = "Typed texts by every metric, and which of several are nearest"
    needs_set = False

    def __init__(self, studio: Studio, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(studio, theme, parent)
        self.source = TextSource(studio, self)
        self.rows = TextRows(theme, self)
        self.pair = (0, 1)  # places of the two that are drawn
        self._untouched = True
        self._build()
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(self.ask)
        self.rows.changed.connect(self._on_typed)
        self.rows.settled.connect(self.ask)
        self.metrics.currentTextChanged.connect(lambda _title: self._show())
        self.table.chosen.connect(self._choose)
        bind(self, studio.embedding.changed, self._on_embedding)
        self.restyle()

    @property
    def busy(self) -> bool:
        """Whether something typed is not answered yet."""
        embedding = self.studio.embedding
        if not embedding.available or not self.isVisible():
            return False
        lacking = [text for text, made in self._filled.values() if made is None and embedding.refusal(text) is None]
        return self._pause.isActive() or bool(lacking)

    def show_set(self) -> None:
        if self._untouched and self.studio.embedding.available:
            self._begin()
        self.add_sentence.setEnabled(bool(self.studio.sentence.strip()) and not self.rows.full)
        self.add_sentence.setToolTip(f"Add the sentence in the field above: ‘{self.studio.sentence}’")
        self.ask()

    def ask(self) -> None:
        """Have vectors made of what is typed, and show what there is."""
        self._pause.stop()
        if self.studio.embedding.available:
            texts = [text for text in self.rows.texts if text.strip()]
            self.studio.embedding.want(*texts, asker=ASKER)
        self._show()

    def compare(self, *texts: str) -> None:
        """Show these texts."""
        self._untouched = False
        self.rows.fill(texts)
        self.pair = (0, 1)
        self.ask()

    def restyle(self) -> None:
        self.rows.restyle()
        self.numbers.restyle()
        self.table.restyle()
        for heading in (self.pair_heading, self.all_heading, self.answer):
            heading.setFont(self.theme.font(bold=True))
        self.plot.update()

    # What is shown -------------------------------------------------------------------------------------------------

    @property
    def _filled(self) -> dict[int, tuple[str, Made | None]]:
        """The texts by their places, each with its vector as far as it is there."""
        return {
            place: (text, self.studio.embedding.made(text))
            for place, text in enumerate(self.rows.texts)
            if text.strip()
        }

    def _show(self) -> None:
        embedding, filled = self.studio.embedding, self._filled
        there = {place: made for place, (_text, made) in filled.items() if made is not None}
        first = next(iter(there.values()), None)
        self.source.follow(first.steps if first else (), len(first.vector) if first else None)
        self.rows.setVisible(embedding.available)
        self.tools.setVisible(embedding.available)
        self.said.setText(self._complaints(filled) if embedding.available else "")
        if not embedding.available:
            self._say("")
        elif len(there) >= 2:
            self._show_pair({place: made.vector for place, made in there.items()})
            self._show_all({place: made.vector for place, made in there.items()})
            self._stack.setCurrentIndex(1)
        elif self.busy and self._stack.currentIndex() == 1:
            self.plot.fade()
        else:
            self.answer.setText("")
            self._say(WAITING if self.busy and len(filled) > 1 else HINT)

    def _complaints(self, filled: dict[int, tuple[str, Made | None]]) -> str:
        """What is the matter with some of the texts."""
        said = []
        for place, (text, made) in filled.items():
            refusal = self.studio.embedding.refusal(text)
            if refusal is not None:
                said.append(f"{LETTERS[place]}: {refusal.what} {refusal.advice}".strip())
            elif made is not None and made.cut:
                said.append(f"{LETTERS[place]}: only its first {made.limit:,} of {made.tokens:,} tokens are read.")
        return "\n".join(said)

    def _show_pair(self, vectors: dict[int, np.ndarray]) -> None:
        """The chosen two, or the first two that there are, by every metric and in their plane."""
        if not set(self.pair) <= vectors.keys():
            first, second = list(vectors)[:2]
            self.pair = (first, second)
        a, b = (vectors[place].astype(np.float64) for place in self.pair)
        letters = [LETTERS[place] for place in self.pair]
        texts = self.rows.texts
        self.pair_heading.setText(f"{letters[0]} and {letters[1]}")
        rows = measured(a, b)
        self.numbers.set_rows(rows)
        self.undefined.setText(undefined_words(rows))
        if len(a) > 1:
            plane = plane_of(a, b)
            names = [f"{letter}: {name_of(texts[place])}" for letter, place in zip(letters, self.pair, strict=True)]
            self.plot.set_scene(plane_scene(plane, (names[0], names[1])))
            self.plane_note.setText(plane_words(plane))
        else:
            self.plot.set_scene(ArrowScene())
            self.plane_note.setText("Vectors of one number span no plane.")

    def _show_all(self, vectors: dict[int, np.ndarray]) -> None:
        """Each with each; of two there is nothing to add."""
        for widget in (self.all_row, self.table, self.colours):
            widget.setVisible(len(vectors) > 2)
        places, texts = list(vectors), self.rows.texts
        found = likeness(self.metrics.currentText(), places, np.stack(list(vectors.values())))
        pair = (places.index(self.pair[0]), places.index(self.pair[1]))
        letters = [LETTERS[place] for place in places]
        self.table.set_matrix(letters, [texts[place] for place in places], found.values, *found.reach, pair)
        self.colours.setText(colour_words(found))
        self.answer.setText(nearest_words(found) if len(vectors) > 2 else "")
        self._places = places

    def _choose(self, row: int, column: int) -> None:
        self.pair = (self._places[row], self._places[column])
        self._show_pair({place: made.vector for place, (_text, made) in self._filled.items() if made is not None})

    def _say(self, text: str) -> None:
        self._empty.setText(text)
        self._stack.setCurrentIndex(0)

    # What happens --------------------------------------------------------------------------------------------------

    def _begin(self) -> None:
        """Begin with the sentence that is typed above and with examples of the model's card."""
        document = self.studio.document
        card = document.source.card if document is not None else None
        examples = card.example_sentences if card is not None else ()
        texts = list(dict.fromkeys(text for text in (self.studio.sentence, *examples) if text.strip()))
        if self.rows.texts != texts[:FEW]:
            self.rows.blockSignals(True)
            self.rows.fill(texts[:FEW])
            self.rows.blockSignals(False)

    def _on_typed(self) -> None:
        self._untouched = False
        self._follow_count()
        self._pause.start()

    def _on_embedding(self) -> None:
        if self.isVisible():
            self._show()

    def _add(self, text: str = "") -> None:
        self.rows.add(text)

    def _follow_count(self) -> None:
        self.add.setEnabled(not self.rows.full)
        self.add_sentence.setEnabled(bool(self.studio.sentence.strip()) and not self.rows.full)

    # Laying out ----------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        self.tools = FlowRow(self, tail=ANSWER)
        self.tools.flow.setContentsMargins(8, 0, 8, 0)
        self.add = self._tool("TextAdd", "Add a text", "Compare one more text, twelve at most", self._add)
        self.add_sentence = self._tool(
            "TextAddSentence", "Add the sentence", "", lambda: self._add(self.studio.sentence)
        )
        self.answer = ElidedLabel("", self.tools)
        self.answer.setObjectName("TextAnswer")
        for tool in (self.add, self.add_sentence, self.answer):
            self.tools.flow.addWidget(tool)
        self.said = WrappedLabel("", self, quiet=False)
        self.said.setObjectName("TextSaid")
        self.said.setContentsMargins(8, 0, 8, 0)
        self.plot = ArrowPlot(self.theme, "TextPlane", "The plane of the two texts' vectors")
        self.plane_note = self._note("TextPlaneNote")
        self.pair_heading, self.all_heading = QLabel("A and B"), QLabel("All pairs by")
        self.pair_heading.setObjectName("TextPair")
        self.numbers = MetricTable(self.theme)
        self.undefined = self._note("TextUndefined")
        self.metrics = QComboBox()
        self.metrics.setObjectName("TextMetric")
        self.metrics.setAccessibleName("Metric of the table")
        self.metrics.setToolTip("By what all pairs are compared")
        self.metrics.addItems(CHOICES)
        self.all_row = FlowRow()
        for widget in (self.all_heading, self.metrics):
            self.all_row.flow.addWidget(widget)
        self.table = LikenessTable(self.theme)
        self.colours = self._note("TextColours")
        self.splitter = SideBySide(self.theme, 430)
        self.splitter.addWidget(framed(self.plot, self.plane_note))
        numbers = framed(self.all_row, self.table, self.colours, self.pair_heading, self.numbers, self.undefined)
        self.splitter.addWidget(ScrollBody(numbers, "TextNumbers"))
        self._empty = EmptyState("")
        self._stack = QStackedWidget(self)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self.splitter)
        self._places = [0, 1]
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(4)
        for part in (self.source, self.rows, self.tools, self.said):
            column.addWidget(part)
        column.addWidget(self._stack, 1)

    def _tool(self, name: str, text: str, tip: str, do: object) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName(name)
        button.setText(text)
        button.setToolTip(tip)
        button.clicked.connect(lambda _checked=False: do())  # type: ignore[operator]
        return button

    def _note(self, name: str) -> WrappedLabel:
        note = WrappedLabel("")
        note.setObjectName(name)
        return note
