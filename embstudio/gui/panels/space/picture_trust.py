"""How far a picture can be trusted at each point, measured beside the window."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject, Signal

from embstudio.gui.panels.space.aside_run import AsideRun
from embstudio.gui.panels.space.map_controls import TRUST
from embstudio.gui.plots.scatter.colouring import Numbers
from embstudio.gui.style.numbers import four
from embstudio.space.aside.job import Work
from embstudio.space.aside.run import Outcome, Run
from embstudio.space.trust import Trust, TrustMeasure


class PictureTrust(QObject):
    """came(Numbers): measured at more points. told(text): what is known of the picture as a whole. failed(error)."""

    came = Signal(object)
    told = Signal(str)
    failed = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.run = AsideRun(self)
        self.run.came.connect(self._show)
        self.run.ended.connect(self._end)
        self._title, self._rows, self._total = TRUST, np.zeros(0, np.intp), 0

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

        self.run.start(start)
        self.told.emit(f"Measuring {title}…")

    def forget(self) -> None:
        """Nobody waits for a measure any more."""
        self.run.give_up()

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
