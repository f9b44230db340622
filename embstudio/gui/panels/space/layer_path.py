"""The current token's way through the layers, drawn among the words of its model."""

from __future__ import annotations

import numpy as np
from PySide6.QtWidgets import QComboBox

from embstudio.gui.panels.layer_words import stage_title
from embstudio.gui.plots.scatter.scatter import Scatter
from embstudio.gui.plots.scatter.stops_path import StopsPath
from embstudio.session.messages import Lens
from embstudio.studio import Studio
from embstudio.trace.stream import stacks, stages

_EVENED = 2  # place in the choice


class LayerPath:
    """choice: no path, the path, or the path evened out. said: how much of it the plane shows; "" for no path."""

    def __init__(self, studio: Studio, scatter: Scatter, choice: QComboBox) -> None:
        self._studio, self._map, self._choice = studio, scatter, choice
        self.said = ""

    def show(self, *, possible: bool) -> None:
        """Draw it once it is known, and ask for it where it is not. possible: whether the map is the words' plane."""
        trace = self._studio.trace if possible else None
        stack = next(iter(stacks(trace)), None) if trace is not None else None
        self._choice.setVisible(stack is not None)
        if trace is None or stack is None or not self._choice.currentIndex():
            self.said = ""
            if len(self._map.figure.path):
                self._map.set_path(StopsPath())
            return
        evened = self._choice.currentIndex() == _EVENED
        place, shown = self._studio.cursor.token, stages(trace, stack)
        self._studio.lenses.want(stack, place)
        lens = self._studio.lenses.of(stack, place)
        if lens is None:
            return  # the way of the token before stays until this one's is there
        path = lens.evened if evened else lens.path
        # The final norm is a reading of the last stage, not a step on the way.
        steps = [place for place, stage in enumerate(shown) if not stage.point.endswith("final_norm")]
        stops = tuple(stage_title(shown[step]) for step in steps)
        self._map.set_path(StopsPath(np.asarray(path[steps], float), stops) if path is not None else StopsPath())
        self.said = " ".join(lens.notes) if lens.path is None else _path_note(lens, evened=evened)


def _path_note(lens: Lens, *, evened: bool) -> str:
    """How much of the path the plane shows."""
    assert lens.in_plane is not None
    shares = lens.in_plane[:, 1 if evened else 0]
    least, most = float(np.min(shares)), float(np.max(shares))
    return f"{100 * least:.0f} to {100 * most:.0f} % of the path is in this plane."
