"""Grouping vectors beside the window, and looking for the number of groups that stand apart best."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QObject, Signal

from embstudio.gui.panels.space.aside_run import AsideRun
from embstudio.gui.panels.space.grouping import Grouping
from embstudio.gui.style.numbers import four
from embstudio.space.aside.job import Job, Work
from embstudio.space.aside.run import Outcome, Run
from embstudio.space.cluster_count import ClusterCount, Counts
from embstudio.space.clusters import Clustering, KMeans
from embstudio.space.prepared_set import PreparedSet

_BLOCK = 65_536  # rows looked at together


@dataclass(frozen=True, eq=False)
class _Asked:
    """count: 0 for a suggestion."""

    prepared: PreparedSet
    count: int
    by: str

    def answers(self, prepared: PreparedSet, count: int, by: str) -> bool:
        return self.prepared is prepared and (self.count, self.by) == (count, by)


class ClusterRun(QObject):
    """came(Grouping): a better one, or the last again. told(text): how far it is. suggested(Counts): the last word on
    how many. failed(StudioError). One of the two is done at a time."""

    came = Signal(object)
    told = Signal(str)
    suggested = Signal(object)
    failed = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.run = AsideRun(self)
        self.run.came.connect(self._take)
        self.run.ended.connect(self._end)
        self.grouping: Grouping | None = None
        self._asked: _Asked | None = None
        self._rows = np.zeros(0, np.intp)

    def group(self, prepared: PreparedSet, count: int, by: str) -> None:
        """Find so many clusters, unless that is done or underway, or a number is being looked for."""
        asked = self._asked
        if asked is not None and asked.answers(prepared, count, by):
            return
        if asked is not None and asked.answers(prepared, 0, by) and self.run.running:
            return
        self._asked, self.grouping = _Asked(prepared, count, by), None
        self._start(prepared, KMeans(count, by))
        self.told.emit(f"Looking for {count} clusters of the vectors…")

    def suggest(self, prepared: PreparedSet, by: str) -> None:
        """Try several numbers."""
        self._asked, self.grouping = _Asked(prepared, 0, by), None
        self._start(prepared, ClusterCount(metric=by))
        self.told.emit("Trying several numbers of clusters…")

    def forget(self) -> None:
        """Nobody wants clusters any more."""
        self.run.give_up()
        self._asked = self.grouping = None

    def _start(self, prepared: PreparedSet, job: Job) -> None:
        def start(came: object, ended: object) -> Run[Clustering | Counts]:
            def prepare() -> Work:
                self._rows = rows = _finite(prepared.vectors)
                whole = len(rows) == len(prepared.vectors)
                return Work(job, prepared.vectors if whole else np.asarray(prepared.vectors[rows]))

            return Run(prepare, came, ended)  # type: ignore[arg-type]

        self.run.start(start)

    def _take(self, result: Clustering | Counts) -> None:
        if isinstance(result, Clustering):
            assert self._asked is not None
            self.grouping = Grouping(self._asked.prepared, result, self._rows, self._asked.by)
            self.came.emit(self.grouping)
        else:
            last = f"{result.tried[-1]}: {four(result.silhouettes[-1])}"
            self.told.emit(f"Trying several numbers of clusters… mean silhouette of {last}")

    def _end(self, outcome: Outcome[Clustering | Counts]) -> None:
        if outcome.error is not None:
            self.failed.emit(outcome.error)
            self.told.emit(outcome.error.what)
        elif isinstance(outcome.result, Counts):
            self.suggested.emit(outcome.result)
        elif self.grouping is not None:
            self.came.emit(self.grouping)
        else:
            self.told.emit("Stopped before there were clusters.")


def _finite(vectors: np.ndarray) -> np.ndarray:
    """Rows whose numbers are all finite."""
    found = [
        start + np.flatnonzero(np.isfinite(vectors[start : start + _BLOCK]).all(axis=1))
        for start in range(0, len(vectors), _BLOCK)
    ]
    return np.concatenate(found) if found else np.zeros(0, np.intp)
