"""Work in a process of its own as a page follows it: better and better results, one piece of work at a time."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QCoreApplication, QObject, Signal, Slot

from embstudio.space.aside.run import Outcome, Run

Start = Callable[[Callable[[Any], object], Callable[[Outcome[Any]], object]], Run[Any]]


class _Held:
    """What has to end when nobody follows it any more."""

    def __init__(self) -> None:
        self.runs: dict[int, Run[Any]] = {}  # the wanted one, and those that are coming to their end

    def close(self) -> None:
        for run in self.runs.values():
            run.close()
        self.runs.clear()


class AsideRun(QObject):
    """came(result): a better one. ended(Outcome): the last word. Both of the work that was started last."""

    came = Signal(object)
    ended = Signal(object)
    _came = Signal(int, object)
    _ended = Signal(int, object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._held = held = _Held()
        self._serial = 0
        self._came.connect(self._take)
        self._ended.connect(self._end)
        self.destroyed.connect(lambda: held.close())
        application = QCoreApplication.instance()
        if application is not None:
            application.aboutToQuit.connect(self.close)

    @property
    def running(self) -> bool:
        return self._serial in self._held.runs

    def start(self, make: Start) -> None:
        """Begin; what was underway is given up. make(on_result, on_end): the run."""
        self.give_up()
        serial = self._serial

        def came(result: Any) -> None:
            with contextlib.suppress(RuntimeError):  # the window was closed meanwhile
                self._came.emit(serial, result)

        def ended(outcome: Outcome[Any]) -> None:
            with contextlib.suppress(RuntimeError):
                self._ended.emit(serial, outcome)

        self._held.runs[serial] = run = make(came, ended)
        run.start()

    def stop(self) -> None:
        """Enough: `ended` comes soon, with the best result so far."""
        if self.running:
            self._held.runs[self._serial].stop()

    def give_up(self) -> None:
        """Nothing comes any more of what is underway. Returns at once."""
        self.stop()
        self._serial += 1

    def close(self) -> None:
        """The same, and wait until all of it is gone."""
        self.give_up()
        self._held.close()

    @Slot(int, object)
    def _take(self, serial: int, result: object) -> None:
        if serial == self._serial:
            self.came.emit(result)

    @Slot(int, object)
    def _end(self, serial: int, outcome: object) -> None:
        self._held.runs.pop(serial, None)
        if serial == self._serial:
            self.ended.emit(outcome)
