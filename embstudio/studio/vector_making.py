"""Vectors being made of the texts of a file, by a sentence model in a process of its own, so that the window's goes on
answering; what was begun and stopped can be gone on with, as with `embstudio embed`.

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
from embstudio.session.messages import ModelRef, Pooling

if TYPE_CHECKING:
    from embstudio.session.text_vectors.job import Progress
    from embstudio.space.aside.run import Outcome, Run
    from embstudio.space.texts import Texts

Do = Callable[[], object]


class _Stopped(Exception):
    """The person wants no more."""


@dataclass(frozen=True)
class Order:
    """Vectors of `texts` by a model, to be saved in `out`. title: of the model."""

    model: ModelRef
    title: str
    pooling: Pooling | None
    texts: Texts
    out: Path

    @property
    def part(self) -> Path:
        """Where they are kept on the way, as `embstudio embed` does."""
        return self.out.with_name(f"{self.out.name}.part")


@dataclass(frozen=True)
class Pace:
    """done, total: texts; resumed: those that were there before. rate: texts a second; None: not known yet."""

    done: int
    total: int
    resumed: int
    rate: float | None = None

    @property
    def left(self) -> float | None:
        """Seconds, if it goes on like that."""
        return (self.total - self.done) / self.rate if self.rate else None


@dataclass(frozen=True)
class _Made:
    said: tuple[str, ...] | None  # what was done; None: it was stopped
    finished: bool = True


def _at_once(do: Do) -> object:
    return do()


class VectorMaking:
    """`begin` makes the vectors of an order; ready(order, what was done) is called once they are saved. `changed` tells
    of a beginning, of how far it is, and of an end.

    post(do): has `do` called on the thread that owns the studio; whoever has such a thread sets it.
    """

    def __init__(self, ready: Callable[[Order, tuple[str, ...]], object]) -> None:
        self.changed: Signal[[]] = Signal()
        self.wanted: Signal[[]] = Signal()  # the person wants to choose texts
        self.post: Callable[[Do], object] = _at_once
        self.order: Order | None = None  # underway, stopped, or failed
        self.pace: Pace | None = None  # None: the model is being opened
        self.error: StudioError | None = None  # why the order came to nothing
        self.running = False
        self.stopping = False  # running still, but not for long
        self._ready = ready
        self._run: Run[_Made] | None = None

    def begin(self, order: Order) -> None:
        """Make these, or as many as are missing. Returns at once. Raises ValueError while others are being made."""
        if self.running:
            raise ValueError("one order at a time")
        from embstudio.space.aside.run import Run

        self.order, self.pace, self.error, self.running, self.stopping = order, None, None, True, False

        def check() -> None:
            if self.stopping:
                raise _Stopped

        def tell(pace: Pace) -> None:
            self.post(lambda: self._farther(pace))

        def make() -> _Made:
            try:
                return _Made(_made(order, _Clock(tell).tell, check))
            except _Stopped:
                return _Made(None)

        self._run = Run(make, on_end=lambda outcome: self.post(lambda: self._ended(order, outcome)))
        self._run.start()
        self.changed.emit()

    def stop(self) -> None:
        """No more for now; what is there is kept. Returns at once; it takes a second or so until it has ended."""
        if self.running:
            self.stopping = True
            self.changed.emit()

    def go_on(self) -> None:
        """Make what is missing of the order that was stopped or failed."""
        if self.order is not None and not self.running:
            self.begin(self.order)

    def begin_anew(self) -> None:
        """Throw away what was made, of this order or of another that would have been saved in the same place."""
        if self.order is not None and not self.running:
            self._throw_away(self.order)
            if self.error is None:
                self.go_on()

    def give_up(self) -> None:
        """Throw away what was made of the order that was stopped, and forget it."""
        order = self.order
        if order is not None and not self.running:
            self._throw_away(order)
            if self.error is None:
                self.dismiss()

    def dismiss(self) -> None:
        """Say no more of the order; what is there is kept."""
        if not self.running:
            self.order = self.pace = self.error = None
            self.changed.emit()

    def close(self) -> None:
        """Stop, and wait until thread and process are gone."""
        self.stopping = True
        if self._run is not None:
            self._run.close()
            self._run = None

    def _throw_away(self, order: Order) -> None:
        from embstudio.base.errors import VectorFileError

        self.error = None
        try:
            order.part.unlink(missing_ok=True)
        except OSError as error:
            self.error = VectorFileError(
                "What was made could not be deleted.", where=str(order.part), detail=str(error),
                advice="Delete the file by hand.",
            )  # fmt: skip
            self.changed.emit()

    def _farther(self, pace: Pace) -> None:
        self.pace = pace
        self.changed.emit()

    def _ended(self, order: Order, outcome: Outcome[_Made]) -> None:
        self.running = self.stopping = False
        self._run = None
        said = outcome.result.said if outcome.result is not None else None
        if said is None:
            self.error = outcome.error
        else:
            self.order = self.pace = None
        self.changed.emit()
        if said is not None:
            self._ready(order, said)


class _Clock:
    """Turns how far a job is into a pace."""

    def __init__(self, tell: Callable[[Pace], object]) -> None:
        self._tell = tell
        self._started: float | None = None

    def tell(self, progress: Progress) -> None:
        now = time.monotonic()
        if self._started is None:
            self._started = now
        fresh, seconds = progress.done - progress.resumed, now - self._started
        rate = fresh / seconds if fresh and seconds > 0 else None
        self._tell(Pace(progress.done, progress.total, progress.resumed, rate))


def _made(order: Order, on_progress: Callable[[Progress], object], check: Callable[[], None]) -> tuple[str, ...]:
    """Make them, save them, and say what was done. Raises StudioError, or what `check` raises."""
    from embstudio.session.text_vectors.job import EmbedJob
    from embstudio.session.text_vectors.made_set import said, set_of
    from embstudio.session.worker_client import WorkerClient
    from embstudio.space.files.save import check_ending, save

    check_ending(order.out)  # before a long calculation
    client = WorkerClient()
    client.start()
    try:
        made = EmbedJob(
            client, order.model, order.texts.texts, order.part, pooling=order.pooling, on_progress=on_progress,
            check=check,
        ).run()  # fmt: skip
    finally:
        client.close()
    vectors = set_of(order.texts, made, order.title)
    save(vectors, order.out)
    made.part.remove()
    return (f"{len(vectors):,} vectors of {vectors.width:,} numbers", *said(order.texts, made), *made.plan.notes)
