"""Files of vectors being read, one after the other, off the window's thread; and what went wrong with the last one.

No numpy here: the window imports this file before its first paint.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from embstudio.base.errors import StudioError
from embstudio.base.events import Signal

if TYPE_CHECKING:
    from embstudio.space.aside.run import Outcome, Run
    from embstudio.space.files.options import LoadOptions
    from embstudio.space.vector_set import VectorSet

Do = Callable[[], object]
_EVERY = 0.1  # seconds between two reports of how far it is


class _Stopped(Exception):
    """Nobody wants the file any more."""


@dataclass(frozen=True)
class _Read:
    set: VectorSet | None  # None: it was stopped
    finished: bool = True


@dataclass(frozen=True)
class LoadFailure:
    """A file that could not be read as it was asked for."""

    path: Path
    options: LoadOptions
    error: StudioError


def _at_once(do: Do) -> object:
    return do()


class SetLoading:
    """`open` reads a file after those that wait; loaded(path, options, set) is called with it. `changed` tells of a
    beginning, of how far it is, and of an end.

    post(do): has `do` called on the thread that owns the studio; whoever has such a thread sets it.
    """

    def __init__(self, loaded: Callable[[Path, LoadOptions, VectorSet], object]) -> None:
        self.changed: Signal[[]] = Signal()
        self.post: Callable[[Do], object] = _at_once
        self.path: Path | None = None  # of the file that is being read
        self.share = 0.0  # of it that is read
        self.failure: LoadFailure | None = None
        self._loaded = loaded
        self._waiting: list[tuple[Path, LoadOptions]] = []
        self._run: Run[_Read] | None = None
        self._serial = 0  # of the reading that is wanted

    def open(self, path: Path, options: LoadOptions | None = None) -> None:
        """Read a file; returns at once."""
        from embstudio.space.files.options import LoadOptions

        self._waiting.append((path, options or LoadOptions()))
        self.failure = None
        if self.path is None:
            self._begin()
        else:
            self.changed.emit()

    def stop(self) -> None:
        """Give up what is being read and what waits."""
        self._waiting.clear()
        self._serial += 1
        self.path = None
        self.changed.emit()

    def dismiss(self) -> None:
        """The failure is known."""
        self.failure = None
        self.changed.emit()

    def close(self) -> None:
        """Stop, and wait until the thread is gone."""
        self._serial += 1
        self._waiting.clear()
        if self._run is not None:
            self._run.close()
            self._run = None

    def _begin(self) -> None:
        from embstudio.space.aside.run import Run
        from embstudio.space.files.load import load

        path, options = self._waiting.pop(0)
        self._serial += 1
        self.path, self.share, serial = path, 0.0, self._serial
        told = 0.0

        def check() -> None:
            if serial != self._serial:
                raise _Stopped

        def progress(share: float) -> None:
            nonlocal told
            if time.monotonic() >= told + _EVERY:
                told = time.monotonic()
                self.post(lambda: self._farther(serial, share))

        def read() -> _Read:
            try:
                return _Read(load(path, options, progress, check))
            except _Stopped:
                return _Read(None)

        def ended(outcome: Outcome[_Read]) -> None:
            self.post(lambda: self._ended(serial, path, options, outcome))

        self._run = Run(read, on_end=ended)
        self._run.start()
        self.changed.emit()

    def _farther(self, serial: int, share: float) -> None:
        if serial == self._serial and self.path is not None:
            self.share = share
            self.changed.emit()

    def _ended(self, serial: int, path: Path, options: LoadOptions, outcome: Outcome[_Read]) -> None:
        if serial != self._serial:
            return  # stopped; what was asked for since is being read already
        self.path = None
        if outcome.error is not None:
            self.failure = LoadFailure(path, options, outcome.error)
        elif outcome.result is not None and outcome.result.set is not None:
            self._loaded(path, options, outcome.result.set)
        if self._waiting and self.failure is None:
            self._begin()
        else:
            self._waiting.clear()
            self.changed.emit()
