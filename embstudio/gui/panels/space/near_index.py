"""The approximate index of the vectors that are looked at, made beside the window where it is asked for."""

from __future__ import annotations

import time

from PySide6.QtCore import QObject, Signal

from embstudio.base.errors import StudioError
from embstudio.gui.panels.space.answers import Answers, Check
from embstudio.space import approximate_index
from embstudio.space.measured_index import MeasuredIndex
from embstudio.space.prepared_set import PreparedSet
from embstudio.space.vector_set import VectorSet

_EVERY = 0.1  # seconds between two reports of how far it is
_Made = tuple[PreparedSet, str, MeasuredIndex]


def why_not(rows: int, metric: str) -> str:
    """Why there is no index of so many rows by a metric; "" where there can be one."""
    if rows < approximate_index.LEAST_ROWS:
        return approximate_index.NEEDLESS.format(approximate_index.LEAST_ROWS)
    return "" if metric in approximate_index.INDEXED else f"there is no index by {metric}"


class NearIndex(QObject):
    """changed(): it is farther, it is there, or it is gone. failed(StudioError): it cannot be made.

    doing, share: what is being done and how far that is; "" while nothing is. One index is kept, of one set of vectors.
    """

    changed = Signal()
    failed = Signal(object)
    _told = Signal(int, str, float)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.doing, self.share = "", 0.0
        self._made: _Made | None = None
        self._wanted: tuple[PreparedSet, str] | None = None
        self._serial = 0  # of the index that is being made
        self._answers = Answers(self)
        self._answers.answered.connect(self._take)
        self._answers.failed.connect(self._fail)
        self._told.connect(self._follow)

    def of(self, prepared: PreparedSet, metric: str) -> MeasuredIndex | None:
        """What is there of these vectors by this metric."""
        made = self._made
        return made[2] if made is not None and made[0] is prepared and made[1] == metric else None

    def want(self, prepared: PreparedSet, metric: str) -> None:
        """Make one, unless it is there or being made; what was being made is given up. Returns at once."""
        if self.of(prepared, metric) is not None or self._wanted == (prepared, metric):
            return
        self._made, self._wanted = None, (prepared, metric)
        self._serial += 1
        serial, last = self._serial, 0.0

        def told(doing: str, share: float) -> None:
            nonlocal last
            if time.monotonic() >= last + _EVERY:
                last = time.monotonic()
                self._told.emit(serial, doing, share)

        def make(check: Check) -> _Made:
            return prepared, metric, MeasuredIndex(prepared.finder(metric), told, check)

        self._answers.ask(make)
        self._follow(serial, "Making the index", 0.0)

    def stop(self) -> None:
        """Give up what is being made."""
        self._answers.forget()
        self._wanted, self.doing = None, ""
        self.changed.emit()

    def keep_only(self, vectors: VectorSet | None) -> None:
        """Let go of what is of another set."""
        if self._wanted is not None and self._wanted[0].set is not vectors:
            self.stop()
        if self._made is not None and self._made[0].set is not vectors:
            self._made = None
            self.changed.emit()

    def _follow(self, serial: int, doing: str, share: float) -> None:
        if serial == self._serial and self._wanted is not None:
            self.doing, self.share = doing, share
            self.changed.emit()

    def _take(self, made: _Made) -> None:
        self._made, self._wanted, self.doing = made, None, ""
        self.changed.emit()

    def _fail(self, error: StudioError) -> None:
        self._wanted, self.doing = None, ""
        self.failed.emit(error)  # first: whoever hears of it wants none any more
        self.changed.emit()
