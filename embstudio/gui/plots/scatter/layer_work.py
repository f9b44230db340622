"""Sorting large sets of points, and what is drawn of them, beside the window: millions take a good part of a second."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from threading import Thread

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal, Slot

from embstudio.gui.plots.scatter.colouring import Colouring
from embstudio.gui.plots.scatter.picture import Layer, layers_of
from embstudio.gui.plots.scatter.point_set import PointSet
from embstudio.space.point_grid import PointGrid
from embstudio.space.turning import Turn


@dataclass(frozen=True, eq=False)
class Wanted:
    """What is to be drawn of which points. grid: of all of them as they lie from that side, where it is there."""

    points: PointSet
    turn: Turn
    grid: PointGrid | None
    colouring: Colouring | None
    selected: np.ndarray


@dataclass(frozen=True, eq=False)
class Made:
    """What became of it."""

    wanted: Wanted
    grid: PointGrid
    layers: list[Layer]


class LayerWork(QObject):
    """made(Made): of what was wanted last. One piece of work at a time; what nobody wants any more is not begun."""

    made = Signal(object)
    _done = Signal(object, object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._wanted: Wanted | None = None  # last, unless it is made
        self._underway: Wanted | None = None
        self._done.connect(self._take)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(0)
        self._pause.timeout.connect(self._begin)

    @property
    def busy(self) -> bool:
        """Whether something is still to come."""
        return self._wanted is not None

    def want(self, wanted: Wanted) -> None:
        """Make it, instead of whatever was wanted before; returns at once, and begins when what waits is painted."""
        self._wanted = wanted
        self._pause.start()

    def forget(self) -> None:
        """Nobody waits any more."""
        self._wanted = None

    def _begin(self) -> None:
        wanted = self._wanted
        if wanted is None or self._underway is not None:
            return
        self._underway = wanted

        def work() -> None:
            made: Made | None = None
            try:
                made = make(wanted)
            finally:
                with contextlib.suppress(RuntimeError):  # the window was closed meanwhile
                    self._done.emit(wanted, made)

        Thread(target=work, name="layers", daemon=True).start()

    @Slot(object, object)
    def _take(self, wanted: Wanted, made: Made | None) -> None:
        self._underway = None
        if self._wanted is wanted:
            self._wanted = None
            if made is not None:
                self.made.emit(made)
        self._begin()


def make(wanted: Wanted) -> Made:
    """Sort the points and tell apart what is drawn of them."""
    grid = wanted.grid if wanted.grid is not None else wanted.points.sorted_from(wanted.turn)
    return Made(wanted, grid, layers_of(grid, wanted.colouring, wanted.selected))
