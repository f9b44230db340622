"""Words placed on two named axes: those of the axes and those to mark stand out, or are shown alone."""

from __future__ import annotations

import numpy as np
from PySide6.QtWidgets import QVBoxLayout, QWidget

from embstudio.gui.panels.space.axes_marking import AxesMarking
from embstudio.gui.panels.space.axes_words import axis_title, plane_words, point_words
from embstudio.gui.panels.wrapped_label import WrappedLabel
from embstudio.gui.plots.scatter.emphasis import Emphasis
from embstudio.gui.plots.scatter.scatter import Scatter
from embstudio.gui.plots.scatter.tools import ScatterTools
from embstudio.gui.style.theme import Theme
from embstudio.space.lookup import Lookup
from embstudio.space.semantic_plane import SemanticPlane
from embstudio.studio import Notice, Severity, Studio

LEAST_HEIGHT = 180  # pixels of the plot; a lower panel scrolls
Pairs = list[tuple[int, int]]


class AxesPlot(QWidget):
    """`show_plane` draws. marking: the controls of what stands out, to be put wherever there is room; plane: what is
    drawn, None for nothing. Where one stands among the vectors is marked too, and a click goes there."""

    def __init__(self, studio: Studio, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._walk = studio.vector_walk
        self.map = Scatter(theme)
        self.map.setObjectName("axesMap")
        self.map.setAccessibleName("Words on two named axes")
        self.map.setMinimumHeight(LEAST_HEIGHT)
        self.map.describe = self._describe
        self.map.clicked.connect(lambda point: self._walk.go(self._row(point)))
        self.tools = ScatterTools(self.map, self)
        self.tools.saved.connect(
            lambda path: studio.noticed.emit(Notice(Severity.INFO, f"The figure is saved in {path}."))
        )
        self.tools.failed.connect(lambda error: studio.noticed.emit(Notice.of(error)))
        self.marking = AxesMarking(self.tools, self)
        self.marking.words_changed.connect(self.mark)
        self.marking.alone_changed.connect(self._draw)
        self.said = WrappedLabel("")
        self.said.setObjectName("AxesSaid")
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 0, 8, 4)
        column.setSpacing(2)
        column.addWidget(self.map, 1)
        column.addWidget(self.said)
        self.plane: SemanticPlane | None = None
        self._lookup: Lookup | None = None
        self._pairs: tuple[Pairs, Pairs] = ([], [])
        self._rows: np.ndarray | None = None  # of the set, that the points are; None: all

    def forget(self) -> None:
        """The set is another one."""
        self.plane = self._lookup = None

    def wait(self, telling: str) -> None:
        """Another plane is on its way."""
        self.said.setText(telling)
        self.map.setEnabled(False)

    def end_waiting(self, telling: str) -> None:
        """None comes; why not."""
        self.said.setText(telling)
        self.map.setEnabled(self.plane is not None)

    def show_plane(self, lookup: Lookup, pairs: tuple[Pairs, Pairs], plane: SemanticPlane) -> None:
        """Draw a plane of a set, made of pairs of its words."""
        self._lookup, self._pairs, self.plane = lookup, pairs, plane
        self.map.setEnabled(True)
        self.said.setText(plane_words(plane))
        self._draw()

    def mark(self) -> None:
        """Let the axes' own words and the marked ones stand out, and where one stands."""
        lookup = self._lookup
        if lookup is None or self.plane is None:
            return
        marked, own = self.marking.rows(lookup), self._own_rows
        if self.marking.alone.isChecked() and (self._rows is None or not np.isin(marked, self._rows).all()):
            self._draw()
            return
        rows, current = self._rows, self._walk.row
        at = {row: place for place, row in enumerate(rows.tolist())} if rows is not None else None
        near = [row for row in marked if row not in own]
        if at is not None:
            own, near = [at[row] for row in own], [at[row] for row in near]
            current = at.get(current) if current is not None else None
        self.map.set_emphasis(Emphasis(current, tuple(own), tuple(near)))

    def restyle(self) -> None:
        """Colours or fonts changed."""
        self.marking.restyle()
        self.map.restyle()
        self.tools.restyle()

    def _draw(self) -> None:
        plane, lookup = self.plane, self._lookup
        if plane is None or lookup is None:
            return
        words = lookup.set.words
        titles = axis_title(words, self._pairs[0]), axis_title(words, self._pairs[1])
        alone = self.marking.alone.isChecked()
        self._rows = np.unique([*self._own_rows, *self.marking.rows(lookup)]) if alone else None
        if self._rows is None:
            self.map.set_points(plane.points, words, titles)
        else:
            self.map.set_points(plane.points[self._rows], [words[row] for row in self._rows], titles)
        self.mark()

    @property
    def _own_rows(self) -> list[int]:
        """Of the axes' words."""
        return list(dict.fromkeys(row for pairs in self._pairs for pair in pairs for row in pair))

    def _row(self, point: int) -> int:
        return int(self._rows[point]) if self._rows is not None else point

    def _describe(self, point: int) -> str:
        plane, lookup = self.plane, self._lookup
        if plane is None or lookup is None:
            return ""
        row = self._row(point)
        return point_words(plane, lookup.set.words[row], row)
