"""A bench in training, as the side that looks on drives it: commands go down, the newest report comes up."""

from __future__ import annotations

import contextlib
import multiprocessing
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from queue import SimpleQueue
from threading import Event, Lock, Thread, current_thread
from typing import Any

import numpy as np

from embstudio.base.errors import StudioError, WorkerError
from embstudio.lab.bench import Order, State
from embstudio.lab.child import main
from embstudio.lab.messages import Begin, Command, Ended, Made, Recall, Recalled, Report, Taken
from embstudio.lab.tray import Tray


@dataclass(frozen=True)
class Seen:
    """A report with the arrays it is of, which nobody changes. about: of the bench, the same in all of a training."""

    about: Any
    report: Report
    arrays: tuple[np.ndarray, ...]


class Training:
    """`start`, then `tell`; `close` when it is no longer wanted, at any time.

    On this object's own thread: on_seen(seen) each time there is something new, at once after commands; on_end(error)
    once, where it cannot go on. What was seen last stays in `last`. A daemonic process may not start one.
    """

    def __init__(
        self,
        order: Order,
        on_seen: Callable[[Seen], object],
        on_end: Callable[[StudioError], object],
        state: State | None = None,
    ) -> None:
        self.pid: int | None = None  # of the process, once there is one
        self.last: Seen | None = None
        self._begin = Begin(order, state)
        self._on_seen, self._on_end = on_seen, on_end
        self._commands: list[Command | Recall] = []  # that wait until the process hears
        self._heard: Connection | None = None
        self._sending = Lock()
        self._recalling = Lock()
        self._recalled: SimpleQueue[State | None] = SimpleQueue()  # None: nothing will come any more
        self._closing = Event()
        self._lock = Lock()
        self._ear, self._bell = multiprocessing.get_context("spawn").Pipe(duplex=False)
        self._thread = Thread(target=self._serve, name="lab", daemon=True)

    @property
    def alive(self) -> bool:
        """Whether commands are still heard."""
        return self._thread.is_alive() and not self._closing.is_set()

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def tell(self, command: Command) -> None:
        """Have something done; returns at once. It goes straight to the process, whatever on_seen is busy with."""
        self._send(command)

    def _send(self, command: Command | Recall) -> None:
        with self._sending:
            if self._heard is None:
                self._commands.append(command)
                return
            with contextlib.suppress(OSError):  # it is at its end, which on_end tells
                self._heard.send(command)

    def recall(self, epoch: int) -> State:
        """The state at the end of an epoch, or the last kept before it; waits for it, from any thread but on_seen's.
        What is trained goes on as it was. Raises WorkerError where nothing is trained any more."""
        with self._recalling:
            state = None
            if self.alive:
                self._send(Recall(epoch))
                state = self._recalled.get()
        if state is None:
            self._recalled.put(None)  # for whoever asks next
            raise WorkerError("The training that was asked about is gone.", advice="Run it again.")
        return state

    def look_again(self) -> None:
        """Have on_seen called once more with what was seen last."""
        self._ring()

    def give_up(self) -> None:
        """End it without another call. Returns at once."""
        self._closing.set()
        self._ring()

    def close(self) -> None:
        """The same; wait until process, thread and shared memory are gone. May be called twice."""
        self.give_up()
        if self._thread.ident is None:
            self._hang_up()
        elif self._thread is not current_thread():
            self._thread.join()

    def _ring(self) -> None:
        with self._lock, contextlib.suppress(OSError):
            if not self._bell.closed:
                self._bell.send_bytes(b"!")

    def _serve(self) -> None:
        """Thread: from the start of the process to its end."""
        try:
            error = self._work()
        except OSError as reason:  # out of processes or of file handles
            error = WorkerError("No process can be started to train in.", detail=str(reason),
                                advice="Close other programs and try again.")  # fmt: skip
        except Exception:
            error = WorkerError("Something unexpected happened beside the training.", detail=traceback.format_exc(),
                                advice="Please report it with the details.")  # fmt: skip
        self._hang_up()
        self._recalled.put(None)
        if error is not None and not self._closing.is_set():
            self._on_end(error)

    def _work(self) -> StudioError | None:
        context = multiprocessing.get_context("spawn")
        connection, theirs = context.Pipe()
        process = context.Process(target=main, args=(theirs,), name="embstudio lab", daemon=True)
        try:
            process.start()
        finally:
            theirs.close()  # so that its death is the end of the pipe
        self.pid = process.pid
        try:
            return self._attend(connection, process)
        finally:
            with self._sending:
                self._heard = None
                connection.close()
            process.kill()  # what it knows is known: no need to wait
            process.join()
            process.close()

    def _attend(self, connection: Connection, process: BaseProcess) -> StudioError | None:
        tray: Tray | None = None
        made: Made | None = None
        try:
            connection.send(self._begin)
            while not self._closing.is_set():
                ready = wait([connection, self._ear])
                if self._ear in ready:
                    self._ear.recv_bytes()
                    if self.last is not None and not self._closing.is_set():
                        self._on_seen(self.last)
                if connection not in ready:
                    continue
                message = connection.recv()
                if isinstance(message, Ended):
                    return message.error
                if isinstance(message, Recalled):
                    self._recalled.put(message.state)
                    continue
                if isinstance(message, Made):
                    made, tray = message, Tray(message.tables)
                    connection.send(tray.name)
                    self._pass_on(connection)
                    continue
                assert made is not None
                assert tray is not None
                report, arrays = message
                arrays = tray.copies() if arrays is None else arrays
                with self._sending:
                    connection.send(Taken())
                self.last = Seen(made.about, report, arrays)
                if not self._closing.is_set():
                    self._on_seen(self.last)
            return None
        except (EOFError, OSError):
            if self._closing.is_set():
                return None
            process.join(1.0)
            return WorkerError(
                "The process that trained this stopped.", detail=f"exit status {process.exitcode}",
                advice="What it had learnt when it was seen last stays: run on from there, or reset.",
            )  # fmt: skip
        finally:
            if tray is not None:
                tray.close()

    def _pass_on(self, connection: Connection) -> None:
        """Send the commands that wait; those that come are sent at once."""
        with self._sending:
            for command in self._commands:
                connection.send(command)
            self._heard = connection

    def _hang_up(self) -> None:
        with self._lock:
            self._ear.close()
            self._bell.close()
