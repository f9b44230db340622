"""A reading of contexts on the map: points with names, colours of groups, the static ones as squares, and a way."""

from __future__ import annotations

from html import escape

import numpy as np

from embstudio.gui.panels.space.context_groups import groups_of
from embstudio.gui.panels.space.context_map import ContextMap
from embstudio.gui.panels.space.context_words import (
    about_point,
    point_text,
    short_stage_name,
    snippet,
    static_names,
)
from embstudio.gui.plots.scatter.emphasis import Emphasis
from embstudio.gui.plots.scatter.stops_path import StopsPath
from embstudio.studio.context_table import ContextReading, ContextTable


class ContextScene:
    """place: of the layer that is shown. current: the point that is chosen, static ones counted behind the others."""

    def __init__(self, map_: ContextMap) -> None:
        self._map = map_
        self.reading: ContextReading | None = None
        self.place = 0
        self.current: int | None = None
        self.way = True  # whether the chosen point's way through the layers is drawn
        map_.describe = self._describe

    def show(self, reading: ContextReading, place: int, current: int | None) -> None:
        """Take a reading. Where the points are the same as before, they glide."""
        table = reading.table
        names = [*map(snippet, table.points), *static_names(table.statics)]
        same = self.reading is not None and list(self._map.figure.names) == names
        self.reading, self.place, self.current = reading, place, current
        self._map.set_everywhere(reading.everywhere)
        if same:
            if self._map.view.fitted:
                self._map.fit()
            self._map.figure.axes = self._axes
            self._map.glide(self._places(place))
        else:
            points, static = len(table.points), len(table.statics)
            order = np.array([*range(points, points + static), *range(points)])  # the static ones are named first
            self._map.set_points(self._places(place), names, self._axes, order)
        self._colour()
        self._stand_out()

    def go_to(self, place: int) -> None:
        """Show another layer."""
        self.place = place
        if self.reading is not None:
            self._map.glide(self._places(place))
            self._stand_out()

    def choose(self, current: int | None) -> None:
        """Another point is chosen, or none."""
        self.current = current
        if self.reading is not None:
            self._stand_out()

    def restyle(self) -> None:
        """Colours or fonts changed."""
        self._map.restyle()

    @property
    def _axes(self) -> tuple[str, ...]:
        return ("PC1", "PC2")

    def _places(self, place: int) -> np.ndarray:
        assert self.reading is not None
        layer = self.reading.layers[place]
        return np.concatenate([layer.places, layer.static_places])

    def _colour(self) -> None:
        assert self.reading is not None
        self._map.set_colouring(groups_of(self.reading.table))

    def _stand_out(self) -> None:
        assert self.reading is not None
        table, count = self.reading.table, len(self.reading.table.points)
        self._map.set_emphasis(Emphasis(self.current))
        if self.current is None or self.current >= count or not self.way or not table.shared_axes:
            self._map.set_path(StopsPath())
            return
        way = np.array([layer.places[self.current] for layer in self.reading.layers])
        self._map.set_path(StopsPath(way, _stops(table)))

    def _describe(self, row: int) -> str:
        """The tooltip of a point: the sentence, its word marked."""
        if self.reading is None:
            return ""
        table = self.reading.table
        if row >= len(table.points):
            static = table.statics[row - len(table.points)]
            what = "row" if len(static.pieces) == 1 else f"mean of the {len(static.pieces)} rows"
            name = escape(self._map.figure.name_of(row), quote=False)
            return (
                f"<p>{name}: the {what} of the embedding table, the same whatever the sentence. "
                f"{len(static.owners)} of the points start here.</p>"
            )
        point = table.points[row]
        about = escape(about_point(point), quote=False)
        text = point_text(point, self._map.theme.colour("text").name(), "<br>")
        return f"<p>{text}</p>" + (f"<p>{about}</p>" if about else "")


def _stops(table: ContextTable) -> tuple[str, ...]:
    """The names of the first block and of the last stage; more would stand in each other's way."""
    names = [short_stage_name(stage) for stage in table.stages]
    first = next((at for at, stage in enumerate(table.stages) if stage is not None and stage.layer is not None), 0)
    return tuple(name if at in (first, len(names) - 1) else "" for at, name in enumerate(names))
