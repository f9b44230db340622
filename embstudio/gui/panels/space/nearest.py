"""The nearest of where one stands: from the worker for the sentence's tokens, else found here, beside the window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from PySide6.QtCore import QObject, Signal

from embstudio.base.errors import StudioError
from embstudio.formulas.distances import METRICS
from embstudio.gui.panels.space.answers import Answers
from embstudio.gui.panels.space.near_index import NearIndex, why_not
from embstudio.gui.panels.space.preparation import Preparation
from embstudio.space.measured_index import MeasuredIndex
from embstudio.space.prepared_set import PreparedSet
from embstudio.space.recall import Recall
from embstudio.studio import Studio

WORKERS = 12  # of the nearest that the worker finds of each token


@dataclass(frozen=True, eq=False)
class _Near:
    """The nearest rows of `row` by a metric, of vectors prepared so."""

    prepared: PreparedSet
    row: int
    metric: str
    count: int
    index: MeasuredIndex | None  # what finds them; None: the exact search
    rows: Sequence[int] = ()
    distances: Sequence[float] = ()

    def answers(self, other: _Near) -> bool:
        """Whether it is what the other asks for."""
        mine, theirs = (self.row, self.metric, self.count), (other.row, other.metric, other.count)
        return self.prepared is other.prepared and self.index is other.index and mine == theirs


class Nearest(QObject):
    """found(): `of` knows more. failed(StudioError). By what they are found is `studio.vector_walk.comparison`."""

    found = Signal()
    failed = Signal(object)

    def __init__(self, studio: Studio, preparation: Preparation, parent: QObject) -> None:
        super().__init__(parent)
        self._studio, self._preparation = studio, preparation
        self._near: _Near | None = None
        self._row: int | None = None  # that was asked for last
        self.recall: Recall | None = None  # of the index that answers; None where the search is exact
        self.index = NearIndex(self)
        self.index.changed.connect(self._on_index)
        self.index.failed.connect(self._search_exactly)
        self._answers = Answers(self)
        self._answers.answered.connect(self._take)
        self._answers.failed.connect(self.failed)

    def find(self, row: int | None) -> None:
        """Find the nearest of a row, unless they are known; the vectors are asked for where they are not there."""
        comparison, sets = self._studio.vector_walk.comparison, self._studio.vector_sets
        self._row = row
        self.index.keep_only(sets.active)
        if row is None:
            self._near = self.recall = None
        elif not self._worker_finds:
            active = sets.active
            if active is None:
                sets.want()
                return
            prepared = self._preparation.of(active, comparison.changes)
            if prepared is None:
                self._preparation.want(active, comparison.changes)
                return  # whoever hears of it being ready comes here again
            wanted = _Near(prepared, row, comparison.metric, comparison.count, self._index_of(prepared))
            self.recall = self.recall if wanted.index is not None else None
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

    def _index_of(self, prepared: PreparedSet) -> MeasuredIndex | None:
        """The index, if one is wanted and there; it is made where it is not."""
        comparison = self._studio.vector_walk.comparison
        if not comparison.approximate or why_not(len(prepared.vectors), comparison.metric):
            return None
        self.index.want(prepared, comparison.metric)
        return self.index.of(prepared, comparison.metric)

    def _on_index(self) -> None:
        if not self.index.doing and self._row is not None:  # it came, or is not wanted any more
            self.find(self._row)

    def _search_exactly(self, why: StudioError) -> None:
        self._studio.vector_walk.compare(approximate=False)
        self.failed.emit(why)

    @property
    def _worker_finds(self) -> bool:
        walk = self._studio.vector_walk
        comparison = walk.comparison
        usual = comparison.metric == "cosine" and comparison.count <= WORKERS and not any(comparison.changes)
        return self._studio.vector_sets.is_model and walk.row is None and usual

    def _take(self, near: _Near) -> None:
        self._near = near
        self.recall = near.index.recall(near.count) if near.index is not None else None
        self.found.emit()


def _found(wanted: _Near) -> _Near:
    if wanted.index is None:
        rows, distances = wanted.prepared.nearest(wanted.row, wanted.count, wanted.metric)
        return replace(wanted, rows=rows, distances=distances)
    wanted.index.recall(wanted.count)  # here, beside the window: it is kept
    found = wanted.index.finder.of_rows([wanted.row], wanted.count)
    return replace(wanted, rows=found[0][0].tolist(), distances=found[1][0].tolist())
