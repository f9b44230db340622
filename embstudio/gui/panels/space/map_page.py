"""The vectors as points, the sentence among the words of its model, and what lies nearest to where one stands.

Each part is a file of its own; this one puts them together. What is to be drawn besides gets `standing`, `picture` and
`map` in `_add_extras`, and follows `picture.changed` and `map.hovered` by itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QStackedLayout, QVBoxLayout, QWidget

from embstudio.base.errors import StudioError
from embstudio.gui.binding import bind
from embstudio.gui.panels.elided_label import ElidedLabel
from embstudio.gui.panels.empty_state import EmptyState
from embstudio.gui.panels.space.grouping import ClusterColumn
from embstudio.gui.panels.space.index_controls import IndexBar
from embstudio.gui.panels.space.layer_path import LayerPath
from embstudio.gui.panels.space.map_bookmarks import MapBookmarks
from embstudio.gui.panels.space.map_clusters import MapClusters
from embstudio.gui.panels.space.map_colours import MapColours
from embstudio.gui.panels.space.map_controls import MapControls
from embstudio.gui.panels.space.map_keys import add_map_keys
from embstudio.gui.panels.space.map_picture import COMPUTING, MapPicture
from embstudio.gui.panels.space.map_search import MapSearch
from embstudio.gui.panels.space.map_selections import MapSelections
from embstudio.gui.panels.space.near_marks import NearMarks
from embstudio.gui.panels.space.near_side import NearSide
from embstudio.gui.panels.space.nearest import Nearest
from embstudio.gui.panels.space.page import SpacePage
from embstudio.gui.panels.space.preparation import Preparation
from embstudio.gui.panels.space.selection_saver import SelectionSaver
from embstudio.gui.panels.space.side_by_side import SideBySide
from embstudio.gui.panels.space.standing import Standing
from embstudio.gui.panels.space.text_line import TextLine
from embstudio.gui.panels.space.true_lines import TrueLines
from embstudio.gui.panels.space.typed_text import TypedText
from embstudio.gui.plots.scatter.scatter import Scatter
from embstudio.gui.style.theme import Theme
from embstudio.space.prepared_set import PreparedSet
from embstudio.studio import Notice, Severity, Studio

CLUSTER = "cluster"  # the column that clusters add
NARROW = 520  # pixels below which the lists stand under the map, at text scale 1
LISTS = 250  # pixels of the lists beside the map, at text scale 1
PAUSE_MS = 80  # in typing, after which neighbours are looked for: the next trace need not wait for the search


class MapPage(SpacePage):
    """Of the open model's own words the worker draws the first picture (`studio.vectors`) and finds the nearest of
    the sentence's tokens (`studio.neighbours`): their vectors come here only when something else is wanted."""

    name = "Map"
    tip = "All vectors as points, and the nearest ones as a list"

    def __init__(self, studio: Studio, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(studio, theme, parent)
        self.walk = studio.vector_walk
        self.standing = Standing(studio)
        self.map = Scatter(theme)
        self.map.setObjectName("wordMap")
        self.map.setAccessibleName("Map of the words")
        self.map.describe = self._describe
        self.controls = MapControls(self.walk, self.map, self)
        self.side = NearSide(self.walk, theme)
        self.share = ElidedLabel("", self)
        self.share.setObjectName("shareKept")
        self.share.setContentsMargins(8, 0, 0, 0)
        self.preparation = Preparation(self)
        self.picture = MapPicture(studio, self.standing, self.map, self.controls, self.preparation, self)
        self.clusters = MapClusters(
            studio, self.map, self.controls.clusters, self.side.clusters, self.preparation, self
        )
        self.colours = MapColours(studio, self.map, self.controls, self.picture, self.clusters, self)
        self.search = MapSearch(studio, self.standing, self.controls.search, self.map, self)
        self.nearest = Nearest(studio, self.preparation, self)
        self.near = NearMarks(self.walk, self.standing, self.nearest, self.map, self.side)
        self.selections = MapSelections(self.standing, self.map, self.side, self._columns, self)
        self.bookmarks = MapBookmarks(studio, self.standing, self.map, self.controls, self.picture, self)
        self.saver = SelectionSaver(studio, self.map, self._columns, self)
        self.path = LayerPath(studio, self.map, self.controls.way)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(studio.want_neighbours)
        self._lay_out()
        self._connect()
        self._add_extras()

    def _add_extras(self) -> None:
        """What is drawn on the map besides: typed texts, lines to true neighbours."""
        self.lines = TrueLines(self.studio, self.standing, self.preparation, self.map, self.controls.tools, self)
        self.picture.changed.connect(self.lines.begin_again)
        self.lines.failed.connect(self._complain)
        self.typed = TypedText(
            self.studio, self.standing, self.preparation, self.picture, self.side, self.map, self.text_line, self
        )
        self.near.instead = self.typed.show
        self.typed.left.connect(self.near.find)
        self.typed.failed.connect(self._complain)

    # What it is told -----------------------------------------------------------------------------------------------

    def show_set(self) -> None:
        active = self.studio.vector_sets.active
        self.controls.offer_colours(tuple(active.metadata) if active is not None else ())
        self.controls.search.words = self.standing.words
        self.controls.prepare.follow()
        self.controls.index.follow(len(active) if active is not None else 0)
        self.saver.go_on()
        self.selections.follow_set()
        if self.picture.from_worker:
            self._pause.start()
        self.picture.show()
        self.colours.follow_set()
        self.bookmarks.follow()
        self.typed.follow()

    def show_place(self) -> None:
        self.side.follow()
        self.near.find()
        self._show_path()

    def restyle(self) -> None:
        self.side.restyle()
        self.clusters.restyle()
        self.map.restyle()
        self.controls.restyle()
        self.text_line.restyle()

    # What happens --------------------------------------------------------------------------------------------------

    def _on_prepared(self, prepared: PreparedSet) -> None:
        if prepared.set is not self.studio.vector_sets.active:
            return
        if not self.picture.from_worker:
            self.picture.draw(prepared)
        self.colours.follow_set()
        self.near.find()

    def _on_picture(self) -> None:
        self.colours.show()
        self._show_map()
        self.near.show()

    def _on_walk(self) -> None:
        if not self.isVisible():
            return
        self.controls.metrics.setCurrentText(self.walk.comparison.metric)
        self.show_set()
        self.show_place()
        if self.walk.row is not None:
            self.near.bring_into_sight(self.walk.row)

    def _on_lens(self) -> None:
        if self.isVisible() and self.controls.way.currentIndex():
            self._show_path()

    def _choose_picture(self) -> None:
        self.show_set()
        self.colours.show()
        self.show_place()

    def _choose_path(self) -> None:
        self._show_path()
        self.map.fit()  # a path drawn the other way may reach much less far

    def _show_path(self) -> None:
        """The current token's way through the layers lies in the plane of the worker's picture."""
        there = self.picture.from_worker and self.studio.vectors is not None
        self.path.show(possible=there and self.walk.row is None)
        self._tell()

    # What is said --------------------------------------------------------------------------------------------------

    def _describe(self, row: int) -> str:
        there = len(self.map.figure.points) == len(self.standing.words)
        said = [f"{name}: {values[row]}" for name, values in self._columns().items()] if there else []
        return "\n".join([f"{self.standing.word(row)}  (row {row + 1:,})", *said])

    def _columns(self) -> Mapping[str, Sequence[str]]:
        """What is known of each row: its metadata, and the cluster it is in."""
        active, grouping = self.studio.vector_sets.active, self.clusters.grouping
        columns = dict(active.metadata) if active is not None else {}
        return columns if grouping is None else {**columns, CLUSTER: ClusterColumn(grouping)}

    def _tell(self) -> None:
        """How much of the vectors the picture keeps, and how much of the path; or what was measured of it."""
        said, width = self.colours.said or self.path.said or self.picture.said, self.standing.width
        self.share.setText(said)
        self.share.setToolTip(
            f"{said} Each is a vector of {width} numbers; the list measures in all {width} dimensions."
        )

    def _show_map(self) -> None:
        self._tell()
        self._stack.setCurrentIndex(1)

    def _show_waiting(self, why: str) -> None:
        self._empty.setText(why)
        self._stack.setCurrentIndex(0)

    def _complain(self, error: StudioError) -> None:
        self.studio.noticed.emit(Notice.of(error))

    # Laying out ----------------------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        self._empty = EmptyState(COMPUTING, self)
        body = SideBySide(self.theme, LISTS, narrow=NARROW, below=0.42, parent=self)
        for place, (part, stretch) in enumerate(((self.map, 3), (self.side, 1))):
            body.addWidget(part)
            body.setStretchFactor(place, stretch)
        shown = QWidget(self)
        self.text_line = TextLine(self.share, shown)
        column = QVBoxLayout(shown)
        column.setContentsMargins(0, 2, 0, 0)
        column.setSpacing(2)
        index = IndexBar(self.walk, self.nearest, self)
        for widget in (self.controls, index, self.text_line, body):
            column.addWidget(widget, 1 if widget is body else 0)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(shown)

    def _connect(self) -> None:
        controls = self.controls
        controls.metrics.textActivated.connect(lambda metric: self.walk.compare(metric=metric))
        controls.picture.activated.connect(lambda _place: self._choose_picture())
        controls.colour.activated.connect(lambda _place: self._choose_picture())
        controls.stop.clicked.connect(self.picture.run.stop)
        controls.tools.saved.connect(
            lambda path: self.studio.noticed.emit(Notice(Severity.INFO, f"The figure is saved in {path}."))
        )
        controls.way.currentIndexChanged.connect(lambda _index: self._choose_path())
        self.map.clicked.connect(self.walk.go)
        self.bookmarks.changed.connect(self._choose_picture)
        self.side.save_wanted.connect(self.saver.ask)
        self.clusters.listed.connect(self.side.show_clusters)
        self.clusters.listed.connect(lambda _there: self.selections.show())
        self.preparation.ready.connect(self._on_prepared)
        self.picture.changed.connect(self._on_picture)
        self.picture.told.connect(self._show_map)
        self.picture.waiting.connect(self._show_waiting)
        self.colours.told.connect(self._tell)
        for each in (self.preparation, self.picture, self.colours, self.nearest, controls.tools):
            each.failed.connect(self._complain)
        add_map_keys(self, self.map, self.walk, self.selections)
        bind(self, self.walk.changed, self._on_walk)
        bind(self, self.studio.lenses.changed, self._on_lens)
