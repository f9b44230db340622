"""Drawing a picture in a process of its own: it gets better as one looks, can be stopped, and keeps what it has."""

from __future__ import annotations

import multiprocessing
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from threading import Event, Lock, Thread, current_thread

import numpy as np

from embstudio.base.errors import StudioError, WorkerError
from embstudio.space.projections.cache import PictureCache
from embstudio.space.projections.child import Assignment, Ended, Enough, Shown, main
from embstudio.space.projections.drawing import Drawing, Sample, sample
from embstudio.space.projections.handover import Handover
from embstudio.space.projections.snapshot import Snapshot

PATIENCE = 0.15  # seconds from `stop` until the child is ended, whatever it does


@dataclass(frozen=True)
class Picture:
    """snapshot: its points are of `sample.rows`. remembered: it was drawn before and comes from the cache."""

    drawing: Drawing
    sample: Sample
    snapshot: Snapshot
    remembered: bool = False


@dataclass(frozen=True)
class Outcome:
    """How a run came to its end. picture: the last one, finished or not. error: what went wrong, if something did."""

    picture: Picture | None
    stopped: bool = False
    error: StudioError | None = None


def _ignore(_: object) -> None:
    """What is called until somebody wants to know."""


class ProjectionRun:
    """Draw vectors [n, width] once: `start`, then `stop` or wait for the end; `close` when it is no longer wanted.

    on_picture(picture) each time there is a better one, on_end(outcome) once; both on this object's own thread. The
    vectors must not be changed meanwhile. A daemonic process may not start one.
    """

    def __init__(
        self,
        vectors: np.ndarray,
        drawing: Drawing,
        on_picture: Callable[[Picture], object] = _ignore,
        on_end: Callable[[Outcome], object] = _ignore,
        cache: PictureCache | None = None,
    ) -> None:
        self.drawing = drawing
        self.pid: int | None = None  # of the process that draws now
        self._vectors = vectors
        self._on_picture = on_picture
        self._on_end = on_end
        self._cache = cache
        self._picture: Picture | None = None
        self._stopping = Event()
        self._muted = False
        self._lock = Lock()
        self._ear, self._bell = multiprocessing.get_context("spawn").Pipe(duplex=False)
        self._thread = Thread(target=self._serve, name="projection", daemon=True)

    @property
    def picture(self) -> Picture | None:
        """The best so far."""
        return self._picture

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def stop(self) -> None:
        """Enough: `on_end` comes within some tenths of a second, with the best picture so far. Returns at once."""
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
        """Thread: from the sample to the last picture."""
        try:
            error = self._draw()
        except StudioError as said:
            error = said
        except MemoryError as reason:
            error = WorkerError("There is not enough memory for this picture.", detail=str(reason),
                                advice="Draw fewer vectors.")  # fmt: skip
        except OSError as reason:  # out of memory, of processes or of file handles
            error = WorkerError("The process that draws pictures cannot be started.", detail=str(reason),
                                advice="Close other programs and try again.")  # fmt: skip
        except Exception:
            error = WorkerError("Something unexpected happened before the picture was drawn.",
                                detail=traceback.format_exc(), advice="Please report it with the details.")  # fmt: skip
        self._hang_up()
        finished = self._picture is not None and self._picture.snapshot.finished
        if not self._muted:
            self._on_end(Outcome(self._picture, self._stopping.is_set() and not finished and error is None, error))

    def _draw(self) -> StudioError | None:
        chosen = sample(self._vectors, self.drawing)
        table = self._vectors if chosen.rows is None else np.asarray(self._vectors[chosen.rows])
        key = ""
        if self._cache is not None and self.drawing.method.slow:
            key = self._cache.key(table, self.drawing)
            known = self._cache.get(key)
            if known is not None and len(known.points) == len(table):
                self._show(Picture(self.drawing, chosen, known, remembered=True))
                return None
        if self._stopping.is_set():
            return None
        handover = Handover(table)
        try:
            child = _Child()
            self.pid = child.process.pid
            try:
                error = self._attend(child, handover, chosen)
            finally:
                child.end()
        finally:
            handover.close()
        if error is None and key and self._cache is not None and self._picture and self._picture.snapshot.finished:
            self._cache.put(key, self._picture.snapshot)
        return error

    def _attend(self, child: _Child, handover: Handover, chosen: Sample) -> StudioError | None:
        """Take in pictures until the last one, or until nobody wants another."""
        try:
            child.connection.send(Assignment(self.drawing.method, self.drawing.seed, handover.parcel))
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
                if message.snapshot is not None:
                    self._show(Picture(self.drawing, chosen, message.snapshot))
                if isinstance(message, Ended):
                    return message.error
                assert isinstance(message, Shown)
        except (EOFError, OSError):
            if self._stopping.is_set():
                return None
            return WorkerError(
                "The process that draws the picture stopped.", detail=child.cause(),
                advice="What is drawn so far stays. It may have been too much for this computer's memory: draw fewer "
                       "vectors.",
            )  # fmt: skip

    def _show(self, picture: Picture) -> None:
        self._picture = picture
        if not self._muted:
            self._on_picture(picture)

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
        self.process: BaseProcess = context.Process(
            target=main, args=(theirs,), name="embstudio projection", daemon=True
        )
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
