"""The worker process: opens models, runs them, answers. Everything that knows onnx and onnxruntime lives here.

One thread works, another one listens to the pipe, so that a request can be cancelled while it runs. onnxruntime's
libraries may print to standard output as they like: nothing of ours goes there. This file imports them only inside
`main`, because the client imports it to start the process.
"""

from __future__ import annotations

import os
import signal
import traceback
from multiprocessing.connection import Connection
from multiprocessing.shared_memory import SharedMemory
from queue import SimpleQueue
from threading import Lock, Thread
from typing import TYPE_CHECKING

from embstudio.base.errors import StudioError, WorkerError
from embstudio.session import parcel
from embstudio.session.messages import Failed, Reply, Request
from embstudio.session.pipe import Begun, Cancel, CannotStart, Done, NeedRoom, Ready, Room, Skipped, Work
from embstudio.session.pipe import Stop as StopWorking
from embstudio.session.stop import Cancelled, Stop

if TYPE_CHECKING:
    from embstudio.session.models import Models


def main(connection: Connection) -> None:
    """Serve requests until told to stop. Ends at once when the client is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in a terminal is for the window; it ends us through the pipe
    try:
        from embstudio.session.models import Models
    except ImportError as error:
        connection.send(CannotStart(WorkerError(
            "The library that runs models could not be loaded.", detail=str(error),
            advice="Install embstudio again; on Windows, install the Microsoft Visual C++ redistributable.",
        )))  # fmt: skip
        return
    # Not before: taking in a request imports numpy, and two threads must not import it at once.
    worker = _Worker(connection)
    Thread(target=worker.listen, name="listen", daemon=True).start()
    connection.send(Ready())
    worker.work(Models())


class _Worker:
    """The two threads' common ground."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._queue: SimpleQueue[Work | None] = SimpleQueue()
        self._rooms: SimpleQueue[Room] = SimpleQueue()
        self._lock = Lock()
        self._stops: dict[int, Stop] = {}  # of what waits or runs
        self._block: SharedMemory | None = None

    def listen(self) -> None:
        """Thread: take in what the client says."""
        while True:
            try:
                message = self._connection.recv()
            except (EOFError, OSError):
                # The client is gone: nobody is left to answer, and a run may not be interruptible.
                os._exit(0)
            match message:
                case Work():
                    with self._lock:
                        self._stops[message.number] = Stop()
                    self._queue.put(message)
                case Cancel():
                    with self._lock:
                        stop = self._stops.get(message.number)
                    if stop is not None:
                        stop.set()
                case Room():
                    self._rooms.put(message)
                case StopWorking():
                    with self._lock:
                        for stop in self._stops.values():
                            stop.set()
                    self._queue.put(None)
                    self._rooms.put(Room(None))

    def work(self, models: Models) -> None:
        """Answer one request after the other; returns when told to stop."""
        while (job := self._queue.get()) is not None:
            with self._lock:
                stop = self._stops[job.number]
            self._connection.send(Begun(job.number))
            try:
                stop.check()
                reply = _answer(models, job.request, stop)
                stop.check()
                self._send(job.number, reply)
            except Cancelled:
                self._connection.send(Skipped(job.number))
            with self._lock:
                del self._stops[job.number]
        if self._block is not None:
            self._block.close()

    def _send(self, number: int, reply: Reply) -> None:
        packed = parcel.pack(reply)
        inline = True
        if packed.buffers:
            size = parcel.room(packed.sizes)
            self._connection.send(NeedRoom(number, size))
            name = self._rooms.get().block
            if name is None:
                raise Cancelled
            if name:
                parcel.write(packed, self._attach(name))
                inline = False
        self._connection.send(Done(number, packed.head, packed.sizes, inline))
        if inline:
            for buffer in packed.buffers:
                self._connection.send_bytes(buffer)

    def _attach(self, name: str) -> memoryview:
        if self._block is None or self._block.name != name:
            if self._block is not None:
                self._block.close()
            self._block = SharedMemory(name)
        memory = self._block.buf
        assert memory is not None  # it is None only after close
        return memory


def _answer(models: Models, request: Request, stop: Stop) -> Reply:
    """The reply to a request, whatever happens on the way to it. Raises Cancelled."""
    try:
        return models.answer(request, stop)
    except Cancelled:
        raise
    except StudioError as error:
        return Failed(request, error)
    except MemoryError as error:
        return Failed(request, WorkerError(
            "There is not enough memory for this.", detail=str(error),
            advice="Try a shorter text, or fewer points.",
        ))  # fmt: skip
    except Exception:
        # Whatever it is, the worker lives on and the person gets to see it, traceback and all.
        return Failed(request, WorkerError(
            "Something unexpected happened while running the model.", detail=traceback.format_exc(),
            advice="Please report it with the details.",
        ))  # fmt: skip
