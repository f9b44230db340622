"""Lines from the point under the mouse to its true neighbours, found once the mouse rests on it."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from embstudio.formulas.distances import METRICS
from embstudio.gui.binding import bind
from embstudio.gui.panels.space.answers import Answers
from embstudio.gui.panels.space.preparation import Preparation
from embstudio.gui.panels.space.standing import Standing
from embstudio.gui.plots.scatter.scatter import Scatter
from embstudio.gui.plots.scatter.ties import Ties
from embstudio.gui.plots.scatter.tools import ScatterTools
from embstudio.space.prepared_set import PreparedSet
from embstudio.space.true_neighbours import TrueNeighbours, true_neighbours
from embstudio.studio import Studio
from embstudio.studio.vector_walk import Comparison

REST_MS = 150  # of the mouse on a point, after which its neighbours are looked for
MOST = 30  # lines
SWITCH = "Lines to the true neighbours"
TIP = "Rest on a point: it is joined to its true nearest, those that the picture keeps near and those it tears away"


class TrueLines(QObject):
    """By the metric, the preparation and the number of neighbours that the page is set to. failed(StudioError).

    Of the open model's own table the worker finds them, unless the table is here or something is done to it first.
    """

    failed = Signal(object)

    def __init__(
        self, studio: Studio, standing: Standing, preparation: Preparation, scatter: Scatter, tools: ScatterTools,
        parent: QObject,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._studio, self._standing, self._preparation, self._map = studio, standing, preparation, scatter
        self.switch = tools.add_switch("trueLines", SWITCH, TIP)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST_MS)
        self._rest.timeout.connect(self._find)
        self._answers = Answers(self)
        self._answers.answered.connect(scatter.set_ties)
        self._answers.failed.connect(self.failed)
        scatter.hovered.connect(lambda _row: self._begin())
        self.switch.toggled.connect(lambda _on: self.begin_again())
        preparation.ready.connect(lambda _prepared: self._go_on())
        bind(self, studio.near_row.changed, self._go_on)
        bind(self, studio.vector_walk.changed, self.begin_again)

    def begin_again(self) -> None:
        """The lines there are may be wrong: points lie elsewhere, or others are the nearest."""
        self._map.set_ties(None)
        self._begin()

    def _begin(self) -> None:
        """Wait for the mouse to rest."""
        self._answers.forget()
        if self._map.hovered_row is None or not self.switch.isChecked():
            self._rest.stop()
        else:
            self._rest.start()

    def _go_on(self) -> None:
        """What was missing may be there."""
        if self._map.ties is None and self.switch.isChecked() and not (self._rest.isActive() or self._answers.busy):
            self._find()

    def _find(self) -> None:
        row, points, comparison = self._map.hovered_row, self._map.figure.points, self._studio.vector_walk.comparison
        if row is None or points.turning or len(points) != len(self._standing.words) or not self._map.isVisible():
            return
        count, word = min(comparison.count, MOST), self._standing.word(row)
        prepared = self._prepared(comparison)
        if prepared is not None:
            self._answers.ask(lambda _check: _ties_of(prepared, points.points, row, word, count, comparison))
        elif self._studio.vector_sets.is_model and not any(comparison.changes):
            near_row = self._studio.near_row
            near_row.want(row, count, comparison.metric)
            found = near_row.of(row, count, comparison.metric)
            if found is not None:
                places = points.points
                self._answers.ask(lambda _check: ties_of(true_neighbours(places, row, found), word, comparison.metric))

    def _prepared(self, comparison: Comparison) -> PreparedSet | None:
        """The vectors as they are compared; they are made where they are not there, as far as they are here."""
        active = self._studio.vector_sets.active
        if active is None or len(active) != len(self._standing.words):
            return None
        prepared = self._preparation.of(active, comparison.changes)
        if prepared is None:
            self._preparation.want(active, comparison.changes)
            prepared = self._preparation.of(active, comparison.changes)
        return prepared


def _ties_of(
    prepared: PreparedSet, points: np.ndarray, row: int, word: str, count: int, comparison: Comparison
) -> Ties:
    metric = METRICS[comparison.metric]
    if metric.undefined(prepared.vectors[row].astype(np.float64)):
        return Ties(row, said=f"‘{word}’: {metric.why}")
    nearest, _distances = prepared.nearest(row, count, comparison.metric)
    return ties_of(true_neighbours(points, row, nearest), word, comparison.metric, comparison.words)


def ties_of(found: TrueNeighbours, word: str, metric: str, prepared: str = "") -> Ties:
    """The lines, and what they come to in words."""
    by = ", ".join(filter(None, (metric, prepared)))
    said = f"‘{word}’: {len(found.near)} of {found.count} true neighbours ({by}) are near here"
    if found.without_place:
        said = f"{said}, {found.without_place} not drawn"
    kept = f"{len(found.near)} among the {found.among:,} points nearest to it here" if found.near else ""
    torn = f"{len(found.torn)} torn away, beyond the {found.among:,} nearest here" if found.torn else ""
    return Ties(found.row, found.near, found.torn, said, kept, torn)
