"""Questions to a large table, answered off the UI thread, the newest one only."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot

from embstudio.space.aside.run import Outcome, Run

Check = Callable[[], None]  # raises when nobody waits for the answer any more
Question = Callable[[Check], Any]


class _Stale(Exception):
    """A newer question was asked."""


@dataclass(frozen=True)
class _Answer:
    number: int
    value: Any
    finished: bool = True


class Answers(QObject):
    """answered(value), failed(StudioError): of the question that was asked last. One is worked on at a time.

    A question gets `check` to call now and then; it must not touch widgets.
    """

    answered = Signal(object)
    failed = Signal(object)
    _ended = Signal(int, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._newest = 0
        self._answered = 0
        self._running: Run[_Answer] | None = None
        self._next: Question | None = None
        self._ended.connect(self._take)

    @property
    def busy(self) -> bool:
        """Whether an answer is on its way."""
        return self._answered != self._newest

    def ask(self, question: Question) -> None:
        """Ask instead of whatever was asked before; returns at once."""
        self._newest += 1
        self._next = question
        if self._running is None:
            self._start()

    def forget(self) -> None:
        """Nobody waits any more."""
        self._newest += 1
        self._answered = self._newest
        self._next = None

    def _start(self) -> None:
        question, number = self._next, self._newest
        assert question is not None
        self._next = None

        def check() -> None:
            if number != self._newest:
                raise _Stale

        def prepare() -> _Answer:
            try:
                return _Answer(number, question(check))
            except _Stale:
                return _Answer(number, None)

        def ended(outcome: Outcome[_Answer]) -> None:
            with contextlib.suppress(RuntimeError):  # the window was closed meanwhile
                self._ended.emit(number, outcome)

        self._running = Run(prepare, on_end=ended)
        self._running.start()

    @Slot(int, object)
    def _take(self, number: int, outcome: Outcome[_Answer]) -> None:
        self._running = None
        if self._next is not None:
            self._start()
        elif number == self._newest:
            self._answered = number
            if outcome.error is not None:
                self.failed.emit(outcome.error)
            elif outcome.result is not None:
                self.answered.emit(outcome.result.value)
