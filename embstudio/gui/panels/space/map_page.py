"""The vectors as points, the sentence among the words of its model, and what lies nearest to where one stands."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PySide6.QtCore import QPointF, Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSplitter, QStackedLayout, QVBoxLayout, QWidget

from embstudio.base.errors import StudioError
from embstudio.gui.binding import bind
from embstudio.gui.panels.elided_label import ElidedLabel
from embstudio.gui.panels.empty_state import EmptyState
from embstudio.gui.panels.space.answers import Answers
from embstudio.gui.panels.space.aside_run import AsideRun
from embstudio.gui.panels.space.layer_path import LayerPath
from embstudio.gui.panels.space.map_colours import MapColours
from embstudio.gui.panels.space.map_controls import MEASURES, PICTURES, MapControls
from embstudio.gui.panels.space.near_side import NearSide
from embstudio.gui.panels.space.nearest import Nearest
from embstudio.gui.panels.space.page import SpacePage
from embstudio.gui.panels.space.picture_run import picture_run
from embstudio.gui.panels.space.picture_words import axes_of, captions_of, status_of
from embstudio.gui.panels.space.preparation import Preparation
from embstudio.gui.panels.space.selection_saver import SelectionSaver
from embstudio.gui.plots.scatter.emphasis import Emphasis
from embstudio.gui.plots.scatter.scatter import Scatter
from embstudio.gui.plots.token_label import visible_text
from embstudio.gui.style.numbers import percent
from embstudio.gui.style.theme import Theme
from embstudio.space.aside.run import Outcome
from embstudio.space.prepared_set import PreparedSet
from embstudio.space.projections.drawing import Drawing
from embstudio.space.projections.run import Picture
from embstudio.space.vocabulary import Vocabulary
from embstudio.space.word_search import matching
from embstudio.studio import Notice, Severity, Studio

COMPUTING = "Computing the map of the words…"
DRAWING = "Drawing the vectors…"
WAITING = "The vectors of the model's words are on their way…"
NO_VECTORS = "The vectors of this model's words could not be had."
NOWHERE = "Click a point, or find a word, to see its nearest."
PAUSE_MS = 80  # in typing, after which neighbours are looked for: the next trace need not wait for the search
NARROW = 520  # pixels below which the table stands under the map, at text scale 1
TABLE = 230  # pixels of the table beside the map


class MapPage(SpacePage):
    """Of the open model's own words the worker draws the first picture (`studio.vectors`) and finds the nearest of
    the sentence's tokens (`studio.neighbours`): their vectors come here only when something else is wanted."""

    name = "Map"
    tip = "All vectors as points, and the nearest ones as a list"

    def __init__(self, studio: Studio, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(studio, theme, parent)
        self.walk = studio.vector_walk
        self.map = Scatter(theme)
        self.map.setObjectName("wordMap")
        self.map.setAccessibleName("Map of the words")
        self.map.describe = self._describe
        self.controls = MapControls(self.walk, self.map, self)
        self.tools, self.way = self.controls.tools, self.controls.way
        self.side = NearSide(self.walk, theme)
        self.table, self.heading = self.side.table, self.side.heading
        self.share = ElidedLabel("", self)
        self.share.setObjectName("shareKept")
        self.share.setContentsMargins(8, 0, 0, 0)
        self.path = LayerPath(studio, self.map, self.way)
        self.preparation = Preparation(self)
        self.picture = AsideRun(self)
        self.colours = MapColours(self)
        self.saver = SelectionSaver(studio, self)
        self.nearest = Nearest(studio, self.preparation, self)
        self._search = Answers(self)
        self._drawn: tuple[PreparedSet, Drawing] | None = None  # what was drawn last, or is being drawn
        self._shown: object = None  # whose points are on the map
        self._kept = ""  # what is said of the picture
        self._measured = ""  # how far the picture can be trusted, where that is shown
        self._latest: Picture | None = None
        self._save_to: Path | None = None  # as soon as the vectors are there
        self._way: Qt.Orientation | None = None  # of the splitter; from then on its sizes are the person's
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(studio.want_neighbours)
        self._lay_out()
        self._connect()

    # What is looked at ---------------------------------------------------------------------------------------------

    @property
    def words(self) -> Sequence[str]:
        """Of the set that is looked at, as far as they are known."""
        active, known = self.studio.vector_sets.active, self.studio.vectors
        if active is not None:
            return active.words
        return known.words if known is not None and self.studio.vector_sets.is_model else ()

    @property
    def row(self) -> int | None:
        """Where one stands: at the row one walked to, or at the current token's."""
        trace = self.studio.trace
        if self.walk.row is not None:
            return self.walk.row if self.walk.row < len(self.words) else None
        if not self.studio.vector_sets.is_model or trace is None or not len(trace):
            return None
        id_ = trace.tokens[self.studio.cursor.token].id
        return id_ if 0 <= id_ < len(self.words) else None

    @property
    def _from_worker(self) -> bool:
        """Whether the picture is the one that the worker draws."""
        plain = not any(self.walk.comparison.changes) and self.controls.picture.currentText() == "PCA"
        return self.studio.vector_sets.is_model and plain and self.controls.colour.currentText() not in MEASURES

    def show_set(self) -> None:
        sets = self.studio.vector_sets
        active = sets.active
        self.controls.offer_colours(tuple(active.metadata) if active is not None else ())
        self.controls.search.words = self.words
        self.controls.prepare.follow()
        if self._save_to is not None and active is not None:
            self._save(self._save_to)
        if self._from_worker:
            self._forget_drawing()
            self._pause.start()
            if self.studio.vectors is None:
                self._say(COMPUTING)
                self.studio.want_vectors()
            else:
                self._show_vectors()
        elif active is None:
            sets.want()
            self._say(WAITING if sets.waiting else NO_VECTORS)
        else:
            self.preparation.want(active, self.walk.comparison.changes)

    def show_place(self) -> None:
        self.side.follow()
        self._find_near()
        self._show_path()

    def restyle(self) -> None:
        self.side.restyle()
        self.map.restyle()
        self.controls.restyle()

    # The picture ---------------------------------------------------------------------------------------------------

    def _show_vectors(self) -> None:
        """The worker's picture."""
        vectors = self.studio.vectors
        assert vectors is not None
        if vectors is not self._shown:
            self._shown = vectors
            first, second = vectors.explained
            axes = (f"PC1 ({percent(first)} of the variance)", f"PC2 ({percent(second)} of the variance)")
            self.map.figure.captions = ()
            self.map.set_points(vectors.picture, vectors.words, axes)
            kept = first + second
            hint = "distances on it are only hints" if kept < 0.9 else "distances on it are nearly true"
            self._kept = f"This flat picture keeps {percent(kept)} of the variance: {hint}."
            self._colour()
        self._tell()
        self._stack.setCurrentIndex(1)

    def _on_prepared(self, prepared: PreparedSet) -> None:
        if prepared.set is not self.studio.vector_sets.active:
            return
        if not self._from_worker:
            self._draw(prepared)
        self._find_near()

    def _draw(self, prepared: PreparedSet) -> None:
        by = "cosine" if self.walk.comparison.metric in ("cosine", "angular") else "euclidean"
        drawing = Drawing(PICTURES[self.controls.picture.currentText()](by))
        if self._drawn is not None and self._drawn[0] is prepared and self._drawn[1] == drawing:
            if self._shown is prepared.set:
                self._stack.setCurrentIndex(1)
            return
        self._drawn, self._latest = (prepared, drawing), None
        self.colours.forget()
        if self._shown is not prepared.set:
            self._say(DRAWING)
        self.picture.start(lambda came, ended: picture_run(prepared.vectors, drawing, came, ended))
        self.controls.stop.setVisible(drawing.method.slow)

    def _on_picture(self, picture: Picture) -> None:
        assert self._drawn is not None
        vectors, chosen = self._drawn[0].set, picture.sample.rows
        points = picture.snapshot.points
        if chosen is not None:  # those that are not drawn have no place
            points = np.full((len(vectors), points.shape[1]), np.nan, np.float32)
            points[chosen] = picture.snapshot.points
        same = self._shown is vectors
        selected, self._latest, self._shown = self.map.figure.selected, picture, vectors
        self.map.figure.captions = captions_of(picture, self._drawn[0].transform.words)
        self.map.blockSignals(same)
        self.map.set_points(points, vectors.words, axes_of(picture))
        if same:
            self.map.select(selected)
        self.map.blockSignals(False)
        self._kept = status_of(picture, stopped=False)
        self._tell()
        self._colour()
        self._stack.setCurrentIndex(1)
        self._show_near()

    def _on_picture_end(self, outcome: Outcome[Picture]) -> None:
        self.controls.stop.hide()
        if outcome.error is not None:
            self._complain(outcome.error)
            if self._latest is None:
                self._say(f"{outcome.error.what} {outcome.error.advice}")
        elif self._latest is not None:
            self._kept = status_of(self._latest, stopped=outcome.stopped)
            self._tell()
            self._colour()

    def _forget_drawing(self) -> None:
        self.picture.give_up()
        self.colours.forget()
        self.controls.stop.hide()
        self._drawn = self._latest = None

    def _colour(self) -> None:
        """What the colours stand for."""
        chosen, active = self.controls.colour.currentText(), self.studio.vector_sets.active
        self._measured = ""
        if chosen in MEASURES and (active is None or chosen not in active.metadata):
            if self._latest is not None and self._drawn is not None and not self.picture.running:
                by = getattr(self._drawn[1].method, "metric", "euclidean")
                self.colours.measure(chosen, self._drawn[0].vectors, self.map.figure.points.points, by)
            return
        self.colours.forget()
        self.map.set_colouring(self.colours.of_column(active, chosen) if active is not None else None)

    # The nearest ---------------------------------------------------------------------------------------------------

    def _find_near(self) -> None:
        """Find the nearest of where one stands, unless they are known."""
        self.nearest.find(self.row)
        self._show_near()

    def _show_near(self) -> None:
        """Mark where one stands and the nearest, and list them."""
        row = self.row
        known = self.nearest.of(row) if row is not None else None
        near, distances = known or ([], [])
        if len(self.map.figure.points) == len(self.words):
            self.map.set_emphasis(Emphasis(row, self._marked(), tuple(near)))
        self.heading.setText(self._heading(row, found=known is not None))
        found = [(self._word(each), distance) for each, distance in zip(near, distances, strict=True)]
        self.side.show_near(near, found, self.walk.comparison.metric)

    def _heading(self, row: int | None, *, found: bool) -> str:
        if row is None:
            return NOWHERE
        said, points = f"nearest to ‘{self._word(row)}’", self.map.figure.points.points
        if not found:
            return f"{said}: looking for them…"
        if doubt := self.nearest.doubt(row):
            return f"{said}: {doubt}"
        if row < len(points) and not np.isfinite(points[row]).all():
            said = f"{said}, which is not drawn"
        return said if not self.walk.comparison.words else f"{said}, {self.walk.comparison.words}"

    def _marked(self) -> tuple[int, ...]:
        """The sentence's tokens among the model's words."""
        trace = self.studio.trace
        if trace is None or not self.studio.vector_sets.is_model:
            return ()
        return tuple(dict.fromkeys(token.id for token in trace.tokens if 0 <= token.id < len(self.words)))

    # What the person does ------------------------------------------------------------------------------------------

    def _on_walk(self) -> None:
        if not self.isVisible():
            return
        self.controls.metrics.setCurrentText(self.walk.comparison.metric)
        self.show_set()
        self.show_place()
        if self.walk.row is not None:
            self._bring_into_sight(self.walk.row)

    def _bring_into_sight(self, row: int) -> None:
        if row >= len(self.map.figure.points) or not np.isfinite(self.map.figure.points.points[row]).all():
            return
        place, room = self.map.on_screen(row), self.map.rect()
        if not room.adjusted(12, 12, -12, -12).contains(place.toPoint()):
            away = QPointF(room.center()) - place
            self.map.pan(away.x(), away.y())

    def _find_word(self, text: str) -> None:
        words = self.words

        def find() -> object:
            vocabulary = Vocabulary(words)
            row = vocabulary.find(text)
            return vocabulary.row(text) if row is None else row

        self._search.ask(lambda _check: find())

    def _find_pattern(self, pattern: str) -> None:
        words = self.words
        self._search.ask(lambda check: np.array(matching(words, pattern, check), np.intp))

    def _on_found(self, found: object) -> None:
        if isinstance(found, int):
            self.walk.go(found)
        elif isinstance(found, np.ndarray) and len(self.map.figure.points) == len(self.words):
            self.map.select(found)
            if not len(found):
                self._inform("The expression is found in no word.")

    def _on_selected(self, rows: np.ndarray) -> None:
        active = self.studio.vector_sets.active
        self.side.show_selection(rows, self.words, active.metadata if active is not None else {})

    def _ask_save(self) -> None:
        file = self.saver.ask()
        if file is not None:
            self._save(file)

    def _save(self, file: Path) -> None:
        """Save what is selected, as soon as the vectors are there."""
        active = self.studio.vector_sets.active
        if active is None:
            self._save_to = file
            self.studio.vector_sets.want()
            return
        self._save_to = None
        self.saver.save(active, self.map.figure.selected, file)

    # Words ---------------------------------------------------------------------------------------------------------

    def _describe(self, row: int) -> str:
        active = self.studio.vector_sets.active
        columns = active.metadata if active is not None and active is self._shown else {}
        said = [f"{name}: {values[row]}" for name, values in columns.items()]
        return "\n".join([f"{self._word(row)}  (row {row + 1:,})", *said])

    def _word(self, row: int) -> str:
        return visible_text(self.words[row]) if 0 <= row < len(self.words) else f"#{row}"

    def _show_path(self) -> None:
        """The current token's way through the layers lies in the plane of the worker's picture."""
        self.path.show(possible=self._from_worker and self.studio.vectors is not None and self.walk.row is None)
        self._tell()

    def _on_measured(self, said: str) -> None:
        self._measured = said
        self._tell()

    def _tell(self) -> None:
        """How much of the vectors the picture keeps, and how much of the path; or what was measured of it."""
        active, vectors = self.studio.vector_sets.active, self.studio.vectors
        width = active.width if active is not None else vectors.width if vectors is not None else 0
        said = self._measured or self.path.said or self._kept
        self.share.setText(said)
        self.share.setToolTip(
            f"{said} Each is a vector of {width} numbers; the list measures in all {width} dimensions."
        )

    def _say(self, text: str) -> None:
        self._empty.setText(text)
        self._stack.setCurrentIndex(0)

    def _inform(self, text: str) -> None:
        self.studio.noticed.emit(Notice(Severity.INFO, text))

    def _complain(self, error: StudioError) -> None:
        self.studio.noticed.emit(Notice.of(error))

    # Laying out ----------------------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        self._empty = EmptyState(COMPUTING, self)
        self._splitter = QSplitter(Qt.Orientation.Horizontal, self)
        self._splitter.setChildrenCollapsible(False)
        self._splitter.addWidget(self.map)
        self._splitter.addWidget(self.side)
        self._splitter.setStretchFactor(0, 3)
        self._splitter.setStretchFactor(1, 1)
        shown = QWidget(self)
        column = QVBoxLayout(shown)
        column.setContentsMargins(0, 2, 0, 0)
        column.setSpacing(2)
        for widget in (self.controls, self.share, self._splitter):
            column.addWidget(widget, 1 if widget is self._splitter else 0)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(shown)

    def _connect(self) -> None:
        controls = self.controls
        controls.search.word_wanted.connect(self._find_word)
        controls.search.pattern_wanted.connect(self._find_pattern)
        controls.metrics.textActivated.connect(lambda metric: self.walk.compare(metric=metric))
        controls.picture.activated.connect(lambda _place: self._choose_picture())
        controls.colour.activated.connect(lambda _place: self._choose_picture())
        controls.stop.clicked.connect(self.picture.stop)
        controls.tools.saved.connect(lambda path: self._inform(f"The figure is saved in {path}."))
        controls.tools.failed.connect(self._complain)
        self.way.currentIndexChanged.connect(lambda _index: self._choose_path())
        self.map.clicked.connect(self.walk.go)
        self.map.selected.connect(self._on_selected)
        self.side.save_wanted.connect(self._ask_save)
        self.side.clear_wanted.connect(lambda: self.map.select(np.zeros(0, np.intp)))
        self.preparation.ready.connect(self._on_prepared)
        self.picture.came.connect(self._on_picture)
        self.picture.ended.connect(self._on_picture_end)
        self.colours.came.connect(self.map.set_colouring)
        self.colours.told.connect(self._on_measured)
        self.nearest.found.connect(self._show_near)
        self._search.answered.connect(self._on_found)
        self._search.failed.connect(lambda error: self._inform(f"{error.what} {error.advice}"))
        for each in (self.preparation, self.colours, self.nearest):
            each.failed.connect(self._complain)
        bind(self, self.walk.changed, self._on_walk)
        bind(self, self.studio.lens_changed, self._on_lens)

    def _choose_picture(self) -> None:
        self.show_set()
        self._colour()
        self.show_place()

    def _choose_path(self) -> None:
        self._show_path()
        self.map.fit()  # a path drawn the other way may reach much less far

    def _on_lens(self) -> None:
        if self.isVisible() and self.way.currentIndex():
            self._show_path()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        wide, high, scale = event.size().width(), event.size().height(), self.theme.scale
        way = Qt.Orientation.Vertical if wide < NARROW * scale else Qt.Orientation.Horizontal
        if self._way != way:
            self._way = way
            self._splitter.setOrientation(way)
            table = round(TABLE * scale) if way == Qt.Orientation.Horizontal else round(0.42 * high)
            self._splitter.setSizes([(wide if way == Qt.Orientation.Horizontal else high) - table, table])
