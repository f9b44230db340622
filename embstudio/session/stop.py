"""A run that can be stopped from another thread."""

from __future__ import annotations

from threading import Lock
from typing import Protocol


class Cancelled(Exception):
    """Nobody waits for the answer any more. Never shown to a person."""


class Terminable(Protocol):
    """onnxruntime's RunOptions."""

    terminate: bool


class Stop:
    """Set from any thread; the run that is attached ends at its next node, and `check` raises Cancelled."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._set = False
        self._run: Terminable | None = None

    def set(self) -> None:
        """Ask for the end."""
        with self._lock:
            self._set = True
            if self._run is not None:
                self._run.terminate = True

    def attach(self, run: Terminable) -> None:
        """The run that `set` ends, from now on."""
        with self._lock:
            self._run = run
            run.terminate = self._set

    def check(self) -> None:
        """Raises Cancelled once `set` was called."""
        if self._set:
            raise Cancelled
