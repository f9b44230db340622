"""Work in a process of its own, as the side that wants the results sees it."""

from __future__ import annotations

import multiprocessing
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from threading import Event, Lock, Thread, current_thread
from typing import Generic, TypeVar

from embstudio.base.errors import StudioError, WorkerError
from embstudio.space.aside.child import Assignment, Ended, Enough, Shown, main
from embstudio.space.aside.handover import Handover
from embstudio.space.aside.job import Result, Work

PATIENCE = 0.15  # seconds from `stop` until the process is ended, whatever it does


R = TypeVar("R", bound=Result)


@dataclass(frozen=True)
class Outcome(Generic[R]):
    """How a run came to its end. result: the last one, finished or not. error: what went wrong, if something did."""

    result: R | None
    stopped: bool = False
    error: StudioError | None = None


def _ignore(_: object) -> None:
    """What is called until somebody wants to know."""


class Run(Generic[R]):
    """Do one piece of work: `start`, then `stop` or wait for the end; `close` when it is no longer wanted.

    prepare() says what the work is, on this object's own thread, or gives a finished result that needs none. There
    too: on_result(result) each time there is a better one, on_end(outcome) once. A daemonic process may not start one.
    """

    def __init__(
        self,
        prepare: Callable[[], Work | R],
        on_result: Callable[[R], object] = _ignore,
        on_end: Callable[[Outcome[R]], object] = _ignore,
    ) -> None:
        self.pid: int | None = None  # of the process, once there is one
        self.result: R | None = None  # the best so far
        self._prepare = prepare
        self._on_result = on_result
        self._on_end = on_end
        self._stopping = Event()
        self._muted = False
        self._lock = Lock()
        self._ear, self._bell = multiprocessing.get_context("spawn").Pipe(duplex=False)
        self._thread = Thread(target=self._serve, name="aside", daemon=True)

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def stop(self) -> None:
        """Enough: `on_end` comes within some tenths of a second, with the best result so far. Returns at once."""
        with self._lock:
            if not self._stopping.is_set():
                self._stopping.set()
                if not self._bell.closed:
                    self._bell.send_bytes(b"!")

    def close(self) -> None:
        """Stop without another call, and wait until process, thread and shared memory are gone. May be called twice."""
        self._muted = True
        self.stop()
        if self._thread.ident is None:
            self._hang_up()
        elif self._thread is not current_thread():
            self._thread.join()

    def _serve(self) -> None:
        """Thread: from the preparation to the last result."""
        try:
            error = self._work()
        except StudioError as said:
            error = said
        except MemoryError as reason:
            error = WorkerError("There is not enough memory for this.", detail=str(reason),
                                advice="Take fewer vectors, or close other programs.")  # fmt: skip
        except OSError as reason:  # out of processes or of file handles
            error = WorkerError("No process can be started for this.", detail=str(reason),
                                advice="Close other programs and try again.")  # fmt: skip
        except Exception:
            error = WorkerError("Something unexpected happened before this was worked out.",
                                detail=traceback.format_exc(), advice="Please report it with the details.")  # fmt: skip
        self._hang_up()
        finished = self.result is not None and self.result.finished
        if not self._muted:
            self._on_end(Outcome(self.result, self._stopping.is_set() and not finished and error is None, error))

    def _work(self) -> StudioError | None:
        work = self._prepare()
        if not isinstance(work, Work):
            self._show(work)
            return None
        if self._stopping.is_set():
            return None
        handover = Handover(work.vectors)
        try:
            child = _Child()
            self.pid = child.process.pid
            try:
                return self._attend(child, work, handover)
            finally:
                child.end()
        finally:
            handover.close()

    def _attend(self, child: _Child, work: Work, handover: Handover) -> StudioError | None:
        """Take in results until the last one, or until nobody wants another."""
        try:
            child.connection.send(Assignment(work.job, handover.parcel))
            handover.send(child.connection)
            asked = False
            while True:
                ready = wait([child.connection, *([] if asked else [self._ear])], PATIENCE if asked else None)
                if not ready:
                    return None  # it had its time; what it sent before is what there is
                if child.connection not in ready:
                    child.connection.send(Enough())
                    asked = True
                    continue
                message = child.connection.recv()
                if message.result is not None:
                    self._show(work.dressed(message.result))
                if isinstance(message, Ended):
                    return message.error
                assert isinstance(message, Shown)
        except (EOFError, OSError):
            if self._stopping.is_set():
                return None
            return WorkerError(
                "The process that worked on this stopped.", detail=child.cause(),
                advice="What there is so far stays. It may have been too much for this computer's memory: take fewer "
                       "vectors.",
            )  # fmt: skip

    def _show(self, result: R) -> None:
        self.result = result
        if not self._muted:
            self._on_result(result)

    def _hang_up(self) -> None:
        with self._lock:
            self._ear.close()
            self._bell.close()


class _Child:
    """The process, from its start to its end."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self.connection: Connection
        self.connection, theirs = context.Pipe()
        self.process: BaseProcess = context.Process(target=main, args=(theirs,), name="embstudio aside", daemon=True)
        try:
            self.process.start()
        finally:
            theirs.close()  # so that its death is the end of the pipe

    def cause(self) -> str:
        """How it ended, in a few words."""
        self.process.join(1.0)
        code = self.process.exitcode
        return f"signal {-code}" if code is not None and code < 0 else f"exit status {code}"

    def end(self) -> None:
        """Leave nothing of it behind. What it knew is known or not wanted: no need to wait."""
        self.connection.close()
        self.process.kill()
        self.process.join()
        self.process.close()
