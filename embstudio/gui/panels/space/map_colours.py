"""What the points' colours stand for: a column of metadata, or how far the picture can be trusted at each point."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QObject, Signal

from embstudio.gui.panels.space.aside_run import AsideRun
from embstudio.gui.panels.space.map_controls import ONE_COLOUR, TRUST
from embstudio.gui.plots.scatter.colouring import Colouring, Numbers, categories_of, numbers_of
from embstudio.gui.style.numbers import four
from embstudio.space.aside.job import Work
from embstudio.space.aside.run import Outcome, Run
from embstudio.space.trust import Trust, TrustMeasure
from embstudio.space.vector_set import VectorSet

_FEW = 10  # different numbers that are rather names of groups


class MapColours(QObject):
    """came(Colouring): measured at more points, or at all. told(text): what is known of the picture as a whole."""

    came = Signal(object)
    told = Signal(str)
    failed = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._run = AsideRun(self)
        self._run.came.connect(self._show)
        self._run.ended.connect(self._end)
        self._columns: dict[tuple[int, str], tuple[VectorSet, Colouring]] = {}
        self._title, self._rows, self._total = ONE_COLOUR, np.zeros(0, np.intp), 0

    def of_column(self, vectors: VectorSet, name: str) -> Colouring | None:
        """Numbers where all values are, else groups; None where there is no such column."""
        if name not in vectors.metadata:
            return None
        known = self._columns.get((id(vectors), name))
        if known is None or known[0] is not vectors:
            self._columns = {(id(vectors), name): (vectors, _colouring(name, vectors.metadata[name]))}
            known = self._columns[id(vectors), name]
        return known[1]

    def measure(self, title: str, vectors: np.ndarray, points: np.ndarray, metric: str) -> None:
        """Measure a finished picture [rows, dimensions] of vectors [rows, width]; points without a place do not
        count."""
        self._title, self._total = title, len(points)
        self._rows = np.flatnonzero(np.isfinite(points).all(axis=1))
        rows = self._rows

        def start(came: object, ended: object) -> Run[Trust]:
            def prepare() -> Work:
                whole = len(rows) == len(points)
                shown = np.ascontiguousarray(points if whole else points[rows], np.float32)
                return Work(TrustMeasure(shown, metric=metric), vectors if whole else np.asarray(vectors[rows]))

            return Run(prepare, came, ended)  # type: ignore[arg-type]

        self._run.start(start)
        self.told.emit(f"Measuring {title}…")

    def forget(self) -> None:
        """Nobody waits for a measure any more."""
        self._run.give_up()

    def _show(self, trust: Trust) -> None:
        values = np.full(self._total, np.nan, np.float32)
        values[self._rows[trust.rows]] = trust.trustworthiness if self._title == TRUST else trust.continuity
        self.came.emit(Numbers(self._title, values, 0.5, 1.0))
        trustworthy, continuous = trust.overall
        said = (
            f"Trustworthiness {four(trustworthy)}, continuity {four(continuous)} over {trust.k} neighbours (1 is best)."
        )
        self.told.emit(" ".join(filter(None, (said, trust.sentence))))

    def _end(self, outcome: Outcome[Trust]) -> None:
        if outcome.error is not None:
            self.failed.emit(outcome.error)


def _colouring(name: str, column: Sequence[str]) -> Colouring:
    try:
        numbers = np.array([float(value) if value.strip() else np.nan for value in column])
    except ValueError:
        return categories_of(name, column)
    if len(np.unique(numbers[np.isfinite(numbers)])) <= _FEW:
        return categories_of(name, column)
    return numbers_of(name, numbers)
