"""The process that trains one bench: it does as it is told between two slices of training, and shows the newest state.

A report is sent when the last one was taken, at a fixed rate at most: training never waits for whoever looks on.
No numpy at the top: whoever starts the process imports this file.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
import traceback
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, NoReturn

from embstudio.base.errors import StudioError, WorkerError
from embstudio.lab.messages import (
    Begin,
    Change,
    Ended,
    Made,
    Pace,
    Pause,
    Recall,
    Recalled,
    Report,
    Rewind,
    Run,
    Standing,
    Step,
    Taken,
)

if TYPE_CHECKING:
    from embstudio.lab.bench import Bench, Snapshot

EVERY = 0.06  # seconds between two reports
_SLICE = 0.008  # seconds of training between two looks at what is wanted
_SHOWN_A_SECOND = 40e6  # bytes of tables at most: laying large ones out for others takes time from training
_SPEED_OVER = 0.5  # seconds that the speed is measured over


def main(connection: Connection) -> None:
    """Train as the first message asks, until the other side is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in a terminal is for the window; it ends us through the pipe
    # Before numpy comes: small products are slower in several threads, and one is promised.
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"):
        os.environ[name] = "1"
    with contextlib.suppress(EOFError, OSError):  # nobody is left who could want it
        connection.send(Ended(_work(connection)))
    os._exit(0)


def _work(connection: Connection) -> StudioError:
    """Train until it cannot go on; why. Raises EOFError or OSError where the other side is gone."""
    begin: Begin = connection.recv()
    try:
        bench = begin.order.bench()
        training = _Training(connection, bench)
        if begin.state is not None:
            bench.restore(begin.state)
        return training.go()
    except (EOFError, OSError):
        raise
    except StudioError as error:
        return error
    except MemoryError as error:
        return WorkerError("There is not enough memory to train this.", detail=str(error),
                           advice="Take a shorter text or fewer dimensions, or close other programs.")  # fmt: skip
    except Exception:
        return WorkerError("Something unexpected happened in training.", detail=traceback.format_exc(),
                           advice="Please report it with the details.")  # fmt: skip


class _Training:
    """The bench, and what was said about it."""

    def __init__(self, connection: Connection, bench: Bench) -> None:
        from embstudio.lab.kept_states import KeptStates
        from embstudio.lab.tray import Tray

        self._connection, self._bench = connection, bench
        self._standing = Standing.PAUSED
        self._kept = KeptStates()
        self._why = ""
        self._refused: StudioError | None = None
        self._pace = 0.0  # epochs a second; 0: any
        self._stood = time.monotonic()
        self._dirty, self._taken, self._due = True, True, 0.0
        self._speed, self._since, self._then, self._done_then = 0.0, time.monotonic(), 0, 0.0
        shown = bench.snapshot()
        tables = tuple((array.shape, array.dtype.str) for array in shown.arrays)
        connection.send(Made(bench.about, tables))
        self._tray = Tray(tables, connection.recv())

    def go(self) -> NoReturn:
        """Raises EOFError when nobody wants it any more."""
        self._kept.keep(self._bench.state())
        while True:
            if self._connection.poll(self._patience()):
                self._obey(self._connection.recv())
            elif self._standing is Standing.RUNNING:
                self._train()
            running = self._standing is Standing.RUNNING
            if self._dirty and self._taken and (not running or time.monotonic() >= self._due):
                self._show()

    def _patience(self) -> float | None:
        """Seconds to wait for a command; None: for as long as it takes."""
        if self._standing is not Standing.RUNNING:
            return None
        if not self._pace:
            return 0.0
        return min(0.05, max(0.0, self._ahead))

    @property
    def _ahead(self) -> float:
        """Seconds that training is ahead of its pace."""
        return (self._done - self._done_then) / self._pace - (time.monotonic() - self._since)

    @property
    def _done(self) -> float:
        """Epochs that are done."""
        return self._bench.epoch + self._bench.share

    def _obey(self, message: object) -> None:
        if isinstance(message, Taken):
            self._taken = True
            return
        if isinstance(message, Recall):
            self._connection.send(Recalled(self._kept.at(max(message.epoch, self._kept.epochs[0]))))
            return
        self._dirty = True
        self._refused = None
        if isinstance(message, Run):
            self._run()
        elif isinstance(message, Pause):
            self._stand(Standing.PAUSED)
        elif isinstance(message, Step):
            self._stand(Standing.PAUSED)
            try:
                self._learn(step=True)
            except StudioError as error:
                self._refused = error
        elif isinstance(message, Rewind):
            self._go_back(message.epoch)
        elif isinstance(message, Pace):
            self._pace = message.epochs
            self._measure_anew()
        elif isinstance(message, Change):
            try:
                self._bench.change(message.settings)
            except StudioError as error:
                self._refused = error
            if self._standing is Standing.FINISHED and self._bench.epoch < self._bench.epochs:
                self._standing = Standing.PAUSED

    def _run(self) -> None:
        if self._bench.epoch >= self._bench.epochs:
            self._standing = Standing.FINISHED
        elif self._standing is not Standing.RUNNING:
            self._standing, self._why, self._stood = Standing.RUNNING, "", time.monotonic()
            self._measure_anew()

    def _stand(self, standing: Standing) -> None:
        finished = self._bench.epoch >= self._bench.epochs
        self._standing = Standing.FINISHED if finished else standing
        self._why, self._speed, self._stood = "", 0.0, time.monotonic()

    def _go_back(self, epoch: int) -> None:
        with contextlib.suppress(KeyError):
            self._bench.restore(self._kept.at(epoch))
        self._stand(Standing.PAUSED)

    def _train(self) -> None:
        if self._pace and self._ahead > 0:
            return
        self._learn(step=False)
        passed = time.monotonic() - self._since
        if passed >= _SPEED_OVER and not self._pace:
            self._speed = (self._bench.examples - self._then) / passed
            self._measure_anew()
        elif self._pace and passed > 0.05:
            self._speed = (self._bench.examples - self._then) / passed

    def _learn(self, *, step: bool) -> None:
        from embstudio.lab.bench import Diverged

        before = self._bench.epoch
        self._dirty = True
        try:
            if step:
                self._bench.step()
            else:
                self._bench.advance(0.0 if self._pace else _SLICE)
        except Diverged as error:
            # What ruined the vectors is seen in the loss after it: the state before last is surely good.
            good = self._kept.epochs[-2:][0]
            self._bench.restore(self._kept.at(good))
            self._kept.keep(self._bench.state())
            self._standing, self._why, self._speed = Standing.DIVERGED, str(error), 0.0
            return
        if self._bench.epoch != before:
            self._kept.keep(self._bench.state())
        if self._bench.epoch >= self._bench.epochs:
            self._stand(Standing.FINISHED)

    def _measure_anew(self) -> None:
        self._since, self._then, self._done_then = time.monotonic(), self._bench.examples, self._done

    def _show(self) -> None:
        shown: Snapshot = self._bench.snapshot()
        epochs = self._kept.epochs
        report = Report(
            self._standing, self._bench.epoch, self._bench.share, self._bench.epochs, (epochs[0], epochs[-1]),
            self._speed, shown.facts, self._why, self._refused, self._stood,
        )  # fmt: skip
        if self._tray.name:
            self._tray.put(shown.arrays)
            self._connection.send((report, None))
        else:
            self._connection.send((report, tuple(array.copy() for array in shown.arrays)))
        calm = sum(array.nbytes for array in shown.arrays) / _SHOWN_A_SECOND
        self._dirty, self._taken, self._due = False, False, time.monotonic() + max(EVERY, calm)
