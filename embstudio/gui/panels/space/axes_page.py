"""A semantic plot: all words between he and she, and between bad and good."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QVBoxLayout, QWidget

from embstudio.base.errors import StudioError
from embstudio.gui.binding import bind
from embstudio.gui.panels.space.asking_page import AskingPage
from embstudio.gui.panels.space.axes_marking import AxesMarking
from embstudio.gui.panels.space.axes_words import axis_title, plane_words, point_words
from embstudio.gui.panels.space.axis_editor import AxisEditor
from embstudio.gui.panels.space.lookups import Lookups
from embstudio.gui.panels.space.term_field import TermField
from embstudio.gui.panels.wrapped_label import WrappedLabel
from embstudio.gui.plots.scatter.emphasis import Emphasis
from embstudio.gui.plots.scatter.scatter import Scatter
from embstudio.gui.plots.scatter.tools import ScatterTools
from embstudio.gui.style.theme import Theme
from embstudio.space.lookup import Lookup, Term
from embstudio.space.semantic_plane import SemanticPlane, semantic_plane
from embstudio.studio import Notice, Severity, Studio

WORDS_ONLY = "An axis leads from word to word of the set; a typed vector is none."
LEAST_HEIGHT = 180  # pixels of the plot; a lower panel scrolls
Pairs = list[tuple[int, int]]


class AxesPage(AskingPage):
    """Two axes, each of one pair of words or several; words to mark, or to show alone."""

    name = "Axes"
    tip = "All words along directions with names: he → she, bad → good"
    examples = (("he", "she", "bad", "good"), ("man", "woman", "small", "big"), ("cold", "hot", "bad", "good"))

    def __init__(self, studio: Studio, theme: Theme, lookups: Lookups, parent: QWidget | None = None) -> None:
        super().__init__(studio, theme, lookups, parent)
        self.across, self.up = AxisEditor("AxisAcross", "Across", self), AxisEditor("AxisUp", "Up", self)
        self.map = Scatter(theme)
        self.map.setObjectName("axesMap")
        self.map.setAccessibleName("Words on two named axes")
        self.map.setMinimumHeight(LEAST_HEIGHT)
        self.map.describe = self._describe
        self.map.clicked.connect(self._go)
        bind(self, studio.vector_walk.changed, self._on_went)
        self.tools = ScatterTools(self.map, self)
        self.tools.saved.connect(
            lambda path: studio.noticed.emit(Notice(Severity.INFO, f"The figure is saved in {path}."))
        )
        self.tools.failed.connect(lambda error: studio.noticed.emit(Notice.of(error)))
        self.marking = AxesMarking(self.tools, self)
        self.marking.words_changed.connect(self._mark)
        self.marking.alone_changed.connect(self._draw)
        rows = QWidget(self)
        column = QVBoxLayout(rows)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        self._editors = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._editors.setSpacing(4)
        self._editors.addWidget(self.across)
        self._editors.addWidget(self.up)
        column.addLayout(self._editors)
        column.addWidget(self.marking)
        self.layout().replaceWidget(self.row, rows)  # type: ignore[union-attr]  # a page has a layout
        self.row.hide()
        self.row = rows  # type: ignore[assignment]  # which is switched off and on
        for editor in (self.across, self.up):
            editor.grown.connect(self._take_fields)
        self._take_fields()
        self.said = WrappedLabel("")
        self.said.setObjectName("AxesSaid")
        self.splitter.addWidget(self._framed_map())
        self.plane: SemanticPlane | None = None
        self.pairs: tuple[Pairs, Pairs] = ([], [])
        self._rows: np.ndarray | None = None  # of the set, that the points are; None: all
        self._asked: object = None
        self.answers.answered.connect(self._show)
        self.answers.failed.connect(self._fail)
        self.restyle()

    def hint(self) -> str:
        return "Type two words for each axis: from one towards the other, such as he → she and bad → good."

    def restyle(self) -> None:
        super().restyle()
        self.marking.restyle()
        self.map.restyle()
        self.tools.restyle()

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
        self._asked = self.plane = None

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
        self.said.setText(f"Placing {len(lookup.set):,} vectors…")
        self.map.setEnabled(False)
        words, vectors = lookup.set.words, lookup.set.vectors
        self.ask_aside(
            lambda check: ((across, up), semantic_plane(words, vectors, across, up, check)), self.said.text()
        )

    def give_up(self) -> None:
        self._asked = None
        self.map.setEnabled(self.plane is not None)
        self.said.setText("")

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
        self.pairs, self.plane = placed
        plane = self.plane
        self.map.setEnabled(True)
        self.said.setText(plane_words(plane))
        self._draw()

    def _fail(self, error: StudioError) -> None:
        self._asked = None
        self.map.setEnabled(True)
        self.said.setText(str(error))

    def _draw(self) -> None:
        plane, lookup = self.plane, self.lookup
        if plane is None or lookup is None:
            return
        words = lookup.set.words
        titles = axis_title(words, self.pairs[0]), axis_title(words, self.pairs[1])
        alone = self.marking.alone.isChecked()
        self._rows = np.unique([*self._axis_rows(), *self.marking.rows(lookup)]) if alone else None
        if self._rows is None:
            self.map.set_points(plane.points, words, titles)
        else:
            self.map.set_points(plane.points[self._rows], [words[row] for row in self._rows], titles)
        self._mark()

    def _mark(self) -> None:
        """Let the axes' own words and the marked ones stand out."""
        lookup = self.lookup
        if lookup is None or self.plane is None:
            return
        marked = self.marking.rows(lookup)
        if self.marking.alone.isChecked() and (self._rows is None or not np.isin(marked, self._rows).all()):
            self._draw()
            return
        at = {row: place for place, row in enumerate(self._rows.tolist())} if self._rows is not None else None
        own, near = self._axis_rows(), [row for row in marked if row not in self._axis_rows()]
        if at is not None:
            own, near = [at[row] for row in own], [at[row] for row in near]
        current = self.studio.vector_walk.row
        if current is not None and at is not None:
            current = at.get(current)
        self.map.set_emphasis(Emphasis(current, tuple(own), tuple(near)))

    def _go(self, point: int) -> None:
        """A point was clicked: go there on the map too."""
        self.studio.vector_walk.go(int(self._rows[point]) if self._rows is not None else point)

    def _on_went(self) -> None:
        if self.isVisible():
            self._mark()

    def _axis_rows(self) -> list[int]:
        return list(dict.fromkeys(row for pairs in self.pairs for pair in pairs for row in pair))

    def _describe(self, point: int) -> str:
        plane, lookup = self.plane, self.lookup
        if plane is None or lookup is None:
            return ""
        row = int(self._rows[point]) if self._rows is not None else point
        return point_words(plane, lookup.set.words[row], row)

    # Where things are ----------------------------------------------------------------------------------------------

    def _stand(self) -> None:
        """The axes side by side where there is room for both."""
        beside = self.across.wanted + self.up.wanted <= self.width()
        way = QBoxLayout.Direction
        self._editors.setDirection(way.LeftToRight if beside else way.TopToBottom)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._stand()

    def _framed_map(self) -> QWidget:
        frame = QWidget()
        column = QVBoxLayout(frame)
        column.setContentsMargins(8, 0, 8, 4)
        column.setSpacing(2)
        column.addWidget(self.map, 1)
        column.addWidget(self.said)
        return frame
