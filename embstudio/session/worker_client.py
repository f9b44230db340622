"""The window's side of the worker process: send requests, get replies, keep a worker alive.

No onnx, onnxruntime, tokenizers, Qt or numpy here: the window imports this file before its first paint, and the
worker loads the libraries beside it.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from multiprocessing.connection import Connection, wait
from threading import Event, Lock, Thread, current_thread

from embstudio.base.errors import StudioError, WorkerError
from embstudio.session import parcel
from embstudio.session.lanes import Lanes
from embstudio.session.messages import Failed, Reply, Request
from embstudio.session.pipe import Begun, Cancel, CannotStart, Done, NeedRoom, Ready, Room, Skipped, Stop, Work
from embstudio.session.shared_block import SharedBlock
from embstudio.session.worker import main

MAX_STARTS = 3  # deaths before a worker was ready, in a row
MAX_DEATHS = 2  # workers that one request may cost
PATIENCE = 1.0  # seconds for a worker to end by itself


def _ignore(_: object) -> None:
    """What is called until somebody wants to know."""


class WorkerClient:
    """Requests out, replies back, over a worker process that is started again when it dies.

    on_reply(reply), on_died(message): called on this object's own thread; a window hops to its own. Both may be set
    after construction. A lane holds one request: `submit` puts a newer one in its place and the older is never
    answered. Requests whose worker died are sent to the next one; one that cost two workers is answered with Failed.
    """

    def __init__(
        self, on_reply: Callable[[Reply], object] = _ignore, on_died: Callable[[str], object] = _ignore
    ) -> None:
        self.on_reply = on_reply
        self.on_died = on_died
        self.pid: int | None = None  # of the worker that runs now
        self._lanes = Lanes()
        self._lock = Lock()
        self._closing = Event()
        self._awake = False
        self._ear, self._bell = multiprocessing.get_context("spawn").Pipe(duplex=False)
        self._thread = Thread(target=self._serve, name="worker client", daemon=True)

    def start(self) -> None:
        """Start the worker; returns at once."""
        self._thread.start()

    def submit(self, request: Request, lane: str) -> int:
        """Ask for something; returns the request's number, at once. Nothing is answered after `close`."""
        number = self._lanes.add(request, lane)
        self._ring()
        return number

    def cancel(self, lane: str) -> None:
        """Give up what runs or waits in a lane; no reply will come."""
        self._lanes.clear(lane)
        self._ring()

    def close(self) -> None:
        """End the worker and wait until process, thread and shared memory are gone. May be called twice."""
        self._closing.set()
        self._ring()
        if self._thread.ident is None:
            self._hang_up()
        elif self._thread is not current_thread():
            self._thread.join()

    def _ring(self) -> None:
        """Wake the thread; rings that it has not heard yet count as one."""
        with self._lock:
            if not self._awake and not self._bell.closed:
                self._awake = True
                self._bell.send_bytes(b"!")

    def _hear(self) -> None:
        with self._lock:
            if self._awake:
                self._ear.recv_bytes()
                self._awake = False

    def _hang_up(self) -> None:
        with self._lock:
            self._ear.close()
            self._bell.close()

    def _serve(self) -> None:
        """Thread: everything that touches the worker happens here."""
        block = SharedBlock()
        failed_starts = 0
        try:
            while not self._closing.is_set():
                try:
                    worker = _Attendance(self._lanes, block, self._deliver)
                except OSError as error:  # out of memory, of processes or of file handles
                    self._give_up(_never_started(str(error)))
                    continue
                self.pid = worker.pid
                try:
                    self._attend(worker)
                finally:
                    worker.end(0 if self._closing.is_set() and not worker.was_ready else PATIENCE)
                if self._closing.is_set():
                    break
                failed_starts = 0 if worker.was_ready else failed_starts + 1
                if worker.refusal is not None or failed_starts >= MAX_STARTS:
                    self._give_up(
                        worker.refusal or _never_started(f"{_cause(worker.exit_code)}, {MAX_STARTS} times in a row")
                    )
                    failed_starts = MAX_STARTS - 1  # the next request gets one try
                else:
                    self.on_died(f"The process that runs models stopped ({_cause(worker.exit_code)}). "
                                 "A new one is being started, and what you asked for is repeated.")  # fmt: skip
                    self._blame(worker)
        finally:
            block.close()
            self._hang_up()

    def _attend(self, worker: _Attendance) -> None:
        """Talk to one worker until it dies or we close."""
        while not self._closing.is_set():
            worker.send_news()
            if not worker.alive:
                return
            ready = wait([self._ear, worker.connection, worker.sentinel])
            if self._ear in ready:
                self._hear()
            if worker.connection in ready:
                worker.receive()
            elif worker.sentinel in ready:
                return

    def _blame(self, worker: _Attendance) -> None:
        """Count a death against the request that was running; the second is one too many."""
        ticket = self._lanes.find(worker.running) if worker.running else None
        if ticket is None:
            return
        ticket.deaths += 1
        if ticket.deaths >= MAX_DEATHS and self._lanes.take(ticket.number):
            self._deliver(Failed(ticket.request, WorkerError(
                "The process that runs models stopped twice at the same request.", detail=_cause(worker.exit_code),
                advice="This input is not tried again. A shorter text or another provider may work; the model may be "
                       "too large for this computer's memory.",
            )))  # fmt: skip

    def _give_up(self, error: StudioError) -> None:
        """No worker can be started: say so to everybody who waits, then wait for somebody to ask again."""
        self.on_died(str(error))
        while not self._closing.is_set():
            for ticket in self._lanes.wanted():
                if self._lanes.take(ticket.number):
                    self._deliver(Failed(ticket.request, error))
            wait([self._ear])
            self._hear()
            if self._lanes.wanted():
                return

    def _deliver(self, reply: Reply) -> None:
        self.on_reply(reply)


class _Attendance:
    """One worker process, from its start to its end, as the client's thread sees it."""

    def __init__(self, lanes: Lanes, block: SharedBlock, deliver: Callable[[Reply], object]) -> None:
        self._lanes = lanes
        self._block = block
        self._deliver = deliver
        self._given: dict[int, bool] = {}  # number of what the worker has not answered yet → cancelled?
        self.running: int | None = None
        self.was_ready = False
        self.alive = True
        self.refusal: StudioError | None = None
        self.exit_code: int | None = None
        context = multiprocessing.get_context("spawn")
        self.connection: Connection
        self.connection, theirs = context.Pipe()
        self._process = context.Process(target=main, args=(theirs,), name="embstudio worker", daemon=True)
        self._process.start()
        theirs.close()  # so that its death is the end of the pipe

    @property
    def pid(self) -> int | None:
        return self._process.pid

    @property
    def sentinel(self) -> int:
        return self._process.sentinel

    def send_news(self) -> None:
        """Tell the worker, once it listens, what is wanted now and what no longer is."""
        if not self.was_ready:
            return
        wanted = self._lanes.wanted()
        numbers = {ticket.number for ticket in wanted}
        for number, cancelled in self._given.items():
            if number not in numbers and not cancelled:
                self._given[number] = True
                self._send(Cancel(number))
        for ticket in wanted:
            if ticket.number not in self._given:
                self._given[ticket.number] = False
                self._send(Work(ticket.number, ticket.request))

    def receive(self) -> None:
        """Take one message from the worker."""
        try:
            message = self.connection.recv()
            match message:
                case Ready():
                    self.was_ready = True
                case CannotStart():
                    self.refusal = message.error
                case Begun():
                    self.running = message.number
                case NeedRoom():
                    wanted = self._lanes.find(message.number) is not None
                    self._send(Room(self._block.make_room(message.size) if wanted else None))
                case Done():
                    self._receive_reply(message)
                case Skipped():
                    self._finish(message.number)
        except (EOFError, OSError):
            self.alive = False

    def _receive_reply(self, done: Done) -> None:
        ticket = self._lanes.take(done.number)
        self._finish(done.number)
        if done.inline:
            buffers = [bytearray(self.connection.recv_bytes()) for _ in done.sizes]
        elif ticket is not None:
            buffers = _copied(self._block.memory, done.sizes)
        self._block.rest()
        if ticket is not None:
            self._deliver(parcel.unpack(done.head, buffers))  # type: ignore[arg-type]  # the worker sends replies

    def _finish(self, number: int) -> None:
        self._given.pop(number, None)
        self.running = None

    def _send(self, message: object) -> None:
        try:
            self.connection.send(message)
        except OSError:
            self.alive = False  # it died; what it was given goes to the next one

    def end(self, patience: float) -> None:
        """Leave nothing of the worker behind, however it is doing; give it so many seconds to go by itself."""
        self._send(Stop())
        self._process.join(patience)
        if self._process.exitcode is None:
            self._process.kill()
            self._process.join()
        self.exit_code = self._process.exitcode
        self._process.close()
        self.connection.close()


def _copied(block: memoryview, sizes: tuple[int, ...]) -> list:
    """Copies of the parts of a block, as numpy arrays of bytes: numpy copies without stopping the other threads."""
    import numpy as np

    return [np.array(np.frombuffer(part, np.uint8)) for part in parcel.cut(block, sizes)]


def _never_started(reason: str) -> WorkerError:
    return WorkerError(
        "The process that runs models cannot be started.", detail=reason,
        advice="Run `embstudio check` in a terminal to see why, and install embstudio again if it says so.",
    )  # fmt: skip


def _cause(exit_code: int | None) -> str:
    """How a process ended, in a few words."""
    if exit_code is not None and exit_code < 0:
        return f"signal {-exit_code}"
    return f"exit status {exit_code}"
