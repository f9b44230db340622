"""Where one stands and its nearest: marked on the map, and listed beside it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QPointF

from embstudio.gui.panels.space.near_side import NearSide
from embstudio.gui.panels.space.nearest import Nearest
from embstudio.gui.panels.space.standing import Standing
from embstudio.gui.plots.scatter.emphasis import Emphasis
from embstudio.gui.plots.scatter.scatter import Scatter
from embstudio.studio.vector_walk import VectorWalk

NOWHERE = "Click a point, or find a word, to see its nearest."


class NearMarks:
    """`find` looks for the nearest, `show` draws what is known of them. instead(): whether one stands at something that
    is no row, which has shown its own."""

    def __init__(
        self, walk: VectorWalk, standing: Standing, nearest: Nearest, scatter: Scatter, side: NearSide
    ) -> None:
        self._walk, self._standing, self._nearest, self._map, self._side = walk, standing, nearest, scatter, side
        self.instead: Callable[[], bool] = lambda: False
        nearest.found.connect(self.show)

    def find(self) -> None:
        """Find the nearest of where one stands, unless they are known."""
        self._nearest.find(self._standing.row)
        self.show()

    def show(self) -> None:
        """Mark where one stands and the nearest, and list them."""
        if self.instead():
            return
        standing = self._standing
        row = standing.row
        known = self._nearest.of(row) if row is not None else None
        near, distances = known or ([], [])
        if len(self._map.figure.points) == len(standing.words):
            self._map.set_emphasis(Emphasis(row, standing.tokens, tuple(near)))
        self._side.heading.setText(self._heading(row, found=known is not None))
        found = [(standing.word(each), distance) for each, distance in zip(near, distances, strict=True)]
        self._side.show_near(near, found, self._walk.comparison.metric)

    def bring_into_sight(self, row: int) -> None:
        """Move the map so that a point is seen, if it has a place and is out of sight."""
        if not self._is_drawn(row):
            return
        place, room = self._map.on_screen(row), self._map.rect()
        if not room.adjusted(12, 12, -12, -12).contains(place.toPoint()):
            away = QPointF(room.center()) - place
            self._map.pan(away.x(), away.y())

    def _is_drawn(self, row: int) -> bool:
        points = self._map.figure.points.points
        return row < len(points) and bool(np.isfinite(points[row]).all())

    def _heading(self, row: int | None, *, found: bool) -> str:
        if row is None:
            return NOWHERE
        said = f"nearest to ‘{self._standing.word(row)}’"
        if not found:
            return f"{said}: looking for them…"
        if doubt := self._nearest.doubt(row):
            return f"{said}: {doubt}"
        if row < len(self._map.figure.points) and not self._is_drawn(row):
            said = f"{said}, which is not drawn"
        if (recall := self._nearest.recall) is not None:
            said = f"{said}, approximate ({100 * recall.share:.1f} % found)"
        return said if not self._walk.comparison.words else f"{said}, {self._walk.comparison.words}"
