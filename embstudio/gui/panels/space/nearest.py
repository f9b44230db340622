"""The nearest of where one stands: from the worker for the sentence's tokens, else found here, beside the window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from PySide6.QtCore import QObject, Signal

from embstudio.formulas.distances import METRICS
from embstudio.gui.panels.space.answers import Answers
from embstudio.gui.panels.space.preparation import Preparation
from embstudio.space.prepared_set import PreparedSet
from embstudio.studio import Studio

WORKERS = 12  # of the nearest that the worker finds of each token


@dataclass(frozen=True, eq=False)
class _Near:
    """The nearest rows of `row` by a metric, of vectors prepared so."""

    prepared: PreparedSet
    row: int
    metric: str
    count: int
    rows: Sequence[int] = ()
    distances: Sequence[float] = ()

    def answers(self, other: _Near) -> bool:
        """Whether it is what the other asks for."""
        mine, theirs = (self.row, self.metric, self.count), (other.row, other.metric, other.count)
        return self.prepared is other.prepared and mine == theirs


class Nearest(QObject):
    """found(): `of` knows more. failed(StudioError). By what they are found is `studio.vector_walk.comparison`."""

    found = Signal()
    failed = Signal(object)

    def __init__(self, studio: Studio, preparation: Preparation, parent: QObject) -> None:
        super().__init__(parent)
        self._studio, self._preparation = studio, preparation
        self._near: _Near | None = None
        self._answers = Answers(self)
        self._answers.answered.connect(self._take)
        self._answers.failed.connect(self.failed)

    def find(self, row: int | None) -> None:
        """Find the nearest of a row, unless they are known; the vectors are asked for where they are not there."""
        comparison, sets = self._studio.vector_walk.comparison, self._studio.vector_sets
        if row is None:
            self._near = None
        elif not self._worker_finds:
            active = sets.active
            if active is None:
                sets.want()
                return
            prepared = self._preparation.of(active, comparison.changes)
            if prepared is None:
                self._preparation.want(active, comparison.changes)
                return  # whoever hears of it being ready comes here again
            wanted = _Near(prepared, row, comparison.metric, comparison.count)
            if self._near is None or not self._near.answers(wanted):
                self._near = None
                self._answers.ask(lambda _check: _found(wanted))

    def of(self, row: int) -> tuple[list[int], list[float]] | None:
        """Rows and distances, the nearest first; None while they are looked for."""
        if not self._worker_finds:
            near = self._near
            return (list(near.rows), list(near.distances)) if near is not None and near.row == row else None
        known, count = self._studio.neighbours, self._studio.vector_walk.comparison.count
        if known is None or row not in known.ids:
            return None
        place = known.ids.index(row)
        return known.rows[place][:count].tolist(), np.asarray(known.distances[place], float)[:count].tolist()

    def doubt(self, row: int) -> str:
        """Why the metric means nothing for this row; "" where it does."""
        near, metric = self._near, METRICS[self._studio.vector_walk.comparison.metric]
        if self._worker_finds or near is None or near.row != row:
            return ""
        return metric.why if metric.undefined(near.prepared.vectors[row].astype(np.float64)) else ""

    @property
    def _worker_finds(self) -> bool:
        walk = self._studio.vector_walk
        comparison = walk.comparison
        usual = comparison.metric == "cosine" and comparison.count <= WORKERS and not any(comparison.changes)
        return self._studio.vector_sets.is_model and walk.row is None and usual

    def _take(self, near: _Near) -> None:
        self._near = near
        self.found.emit()


def _found(wanted: _Near) -> _Near:
    rows, distances = wanted.prepared.nearest(wanted.row, wanted.count, wanted.metric)
    return replace(wanted, rows=rows, distances=distances)
