"""The vectors as points, the sentence among the words of its model, and what lies nearest to the current token."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QSplitter, QStackedLayout, QVBoxLayout, QWidget

from embstudio.gui.binding import bind
from embstudio.gui.panels.elided_label import ElidedLabel
from embstudio.gui.panels.empty_state import EmptyState
from embstudio.gui.panels.layer_words import stage_title
from embstudio.gui.panels.space.page import SpacePage
from embstudio.gui.plots.neighbour_table import NeighbourTable
from embstudio.gui.plots.scatter.emphasis import Emphasis
from embstudio.gui.plots.scatter.scatter import Scatter
from embstudio.gui.plots.scatter.stops_path import StopsPath
from embstudio.gui.plots.scatter.tools import ScatterTools
from embstudio.gui.plots.token_label import visible_text
from embstudio.gui.style.numbers import percent
from embstudio.gui.style.theme import Theme
from embstudio.session.messages import Lens
from embstudio.studio import Notice, Severity, Studio
from embstudio.trace.stream import stacks, stages

COMPUTING = "Computing the map of the words…"
PAUSE_MS = 80  # in typing, after which neighbours are looked for: the next trace need not wait for the search
PATH = (
    "The current token's vector at each layer, drawn in the plane of the words' two main directions: what leaves that "
    "plane cannot be seen. Layers often write vectors far longer than any word's; evened out, all are as long as a "
    "word, and only their direction counts."
)
_PATHS = ("No path", "Path", "Path, evened out")
NARROW = 520  # pixels below which the table stands under the map, at text scale 1
TABLE = 230  # pixels of the table beside the map


class MapPage(SpacePage):
    """Reads `studio.vectors` for the map, `studio.neighbours` for what is near, and the cursor's token."""

    name = "Map"
    tip = "All vectors as points, and the nearest ones as a list"

    def __init__(self, studio: Studio, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(studio, theme, parent)
        self.map = Scatter(theme)
        self.map.setObjectName("wordMap")
        self.map.setAccessibleName("Map of the words")
        self.tools = ScatterTools(self.map, self)
        self.tools.saved.connect(self._tell_saved)
        self.tools.failed.connect(lambda error: studio.noticed.emit(Notice.of(error)))
        self.table = NeighbourTable(theme)
        self.heading = ElidedLabel("", self)
        self.heading.setObjectName("nearestHeading")
        self.heading.setContentsMargins(8, 0, 0, 0)
        self.share = ElidedLabel("", self)
        self.share.setObjectName("shareKept")
        self.share.setContentsMargins(8, 0, 0, 0)
        self.way = QComboBox(self)
        self.way.setObjectName("mapPath")
        self.way.setAccessibleName("The current token's path through the layers")
        self.way.setToolTip(PATH)
        self.way.addItems(list(_PATHS))
        self.way.currentIndexChanged.connect(lambda _index: self._choose_path())
        self._empty = EmptyState(COMPUTING, self)
        self._splitter = QSplitter(Qt.Orientation.Horizontal, self)
        self._splitter.setChildrenCollapsible(False)
        self._splitter.addWidget(self._framed_map())
        self._splitter.addWidget(self._framed_table())
        self._splitter.setStretchFactor(0, 3)
        self._splitter.setStretchFactor(1, 1)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self._splitter)
        self._shown_vectors: object = None
        self._kept = ""  # what is said of the picture of the words
        self._way: Qt.Orientation | None = None  # of the splitter; from then on its sizes are the person's
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(studio.want_neighbours)
        bind(self, studio.lens_changed, self._on_lens)

    def restyle(self) -> None:
        self.table.restyle()
        self.map.restyle()
        self.tools.restyle()

    def show_set(self) -> None:
        self._pause.start()
        if self.studio.vectors is None:
            self._empty.setText(COMPUTING)
            self._stack.setCurrentIndex(0)
            self.studio.want_vectors()
        else:
            self._show_vectors()

    def show_place(self) -> None:
        trace, vectors = self.studio.trace, self.studio.vectors
        if trace is None or vectors is None or not len(trace):
            return
        rows = len(vectors.words)
        marked = tuple(dict.fromkeys(token.id for token in trace.tokens if 0 <= token.id < rows))
        id_ = trace.tokens[self.studio.cursor.token].id
        near, distances = self._near(id_)
        self.map.set_emphasis(Emphasis(id_ if 0 <= id_ < rows else None, marked, tuple(near)))
        metric = self.studio.neighbours.metric if self.studio.neighbours else "cosine"
        self.heading.setText(f"nearest to ‘{self._word(id_)}’" + ("" if near else ": looking for them…"))
        found = [(self._word(row), distance) for row, distance in zip(near, distances, strict=True)]
        self.table.neighbours.set_rows(found, metric)
        self._show_path()

    def _choose_path(self) -> None:
        self._show_path()
        self.map.fit()  # a path drawn the other way may reach much less far

    def _show_path(self) -> None:
        """Draw the current token's way through the layers, once it is known; ask for it where it is not."""
        trace, evened = self.studio.trace, self.way.currentIndex() == 2
        stack = next(iter(stacks(trace)), None) if trace is not None else None
        self.way.setVisible(stack is not None)
        if trace is None or stack is None or not self.way.currentIndex():
            self.map.set_path(StopsPath())
            self._tell_share(None)
            return
        place, shown = self.studio.cursor.token, stages(trace, stack)
        self.studio.want_lens(stack, place)
        lens = self.studio.lens_of(stack, place)
        if lens is None:
            return  # the way of the token before stays until this one's is there
        path = lens.evened if evened else lens.path
        # The final norm is a reading of the last stage, not a step on the way.
        steps = [place for place, stage in enumerate(shown) if not stage.point.endswith("final_norm")]
        stops = tuple(stage_title(shown[step]) for step in steps)
        self.map.set_path(StopsPath(np.asarray(path[steps], float), stops) if path is not None else StopsPath())
        self._tell_share(lens)

    def _show_vectors(self) -> None:
        vectors = self.studio.vectors
        assert vectors is not None
        if vectors is not self._shown_vectors:
            self._shown_vectors = vectors
            first, second = vectors.explained
            axes = (f"PC1 ({percent(first)} of the variance)", f"PC2 ({percent(second)} of the variance)")
            self.map.set_points(vectors.picture, vectors.words, axes)
            kept = first + second
            hint = "distances on it are only hints" if kept < 0.9 else "distances on it are nearly true"
            self._kept = f"This flat picture keeps {percent(kept)} of the variance: {hint}."
            self._tell_share(None)
        self._stack.setCurrentIndex(1)

    def _tell_share(self, lens: Lens | None) -> None:
        """How much of the words the picture keeps, and how much of the path."""
        said, width = self._kept, self.studio.vectors.width if self.studio.vectors else 0
        if lens is not None:
            said = " ".join(lens.notes) if lens.path is None else _path_note(lens, evened=self.way.currentIndex() == 2)
        self.share.setText(said)
        self.share.setToolTip(
            f"{said} Each word is a vector of {width} numbers; the map shows the two directions along which they "
            f"differ most (PCA). The table measures in all {width} dimensions."
        )

    def _near(self, id_: int) -> tuple[list[int], list[float]]:
        """Rows and distances of the nearest words, as far as the worker has answered."""
        known = self.studio.neighbours
        if known is None or id_ not in known.ids:
            return [], []
        place = known.ids.index(id_)
        distances = np.asarray(known.distances[place], dtype=float)
        return known.rows[place].tolist(), distances.tolist()

    def _word(self, row: int) -> str:
        words = self.studio.vectors.words if self.studio.vectors else ()
        return visible_text(words[row]) if 0 <= row < len(words) else f"#{row}"

    def _on_lens(self) -> None:
        if self.isVisible() and self.way.currentIndex():
            self._show_path()

    def _framed_map(self) -> QWidget:
        frame = QWidget(self)
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 4, 0)
        row.setSpacing(2)
        row.addWidget(self.share, 1)
        row.addWidget(self.way)
        row.addWidget(self.tools)
        column = QVBoxLayout(frame)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(2)
        column.addLayout(row)
        column.addWidget(self.map, 1)
        return frame

    def _framed_table(self) -> QWidget:
        frame = QWidget(self)
        column = QVBoxLayout(frame)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.heading)
        column.addWidget(self.table, 1)
        return frame

    def _tell_saved(self, path: str) -> None:
        self.studio.noticed.emit(Notice(Severity.INFO, f"The figure is saved in {path}."))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        wide, high, scale = event.size().width(), event.size().height(), self.theme.scale
        way = Qt.Orientation.Vertical if wide < NARROW * scale else Qt.Orientation.Horizontal
        if self._way != way:
            self._way = way
            self._splitter.setOrientation(way)
            table = round(TABLE * scale) if way == Qt.Orientation.Horizontal else round(0.42 * high)
            self._splitter.setSizes([(wide if way == Qt.Orientation.Horizontal else high) - table, table])


def _path_note(lens: Lens, *, evened: bool) -> str:
    """How much of the path the plane shows."""
    assert lens.in_plane is not None
    shares = lens.in_plane[:, 1 if evened else 0]
    least, most = float(np.min(shares)), float(np.max(shares))
    return f"{100 * least:.0f} to {100 * most:.0f} % of the path is in this plane."
