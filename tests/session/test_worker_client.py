"""The client against a real worker process: what comes back, what does not, and what is left when either dies."""

from __future__ import annotations

import multiprocessing
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from multiprocessing import spawn
from pathlib import Path
from queue import Empty, SimpleQueue

import numpy as np
import pytest

from embstudio.base.errors import WorkerError
from embstudio.modelfile import catalogue
from embstudio.session.messages import (
    Failed,
    ModelRef,
    Neighbours,
    NeighboursRequest,
    Opened,
    OpenRequest,
    Overview,
    OverviewRequest,
    Reply,
    Traced,
    TraceRequest,
    Vectors,
    VectorsRequest,
)
from embstudio.session.runner import Runner
from embstudio.session.worker_client import WorkerClient

PATIENCE = 120.0  # seconds


class Inbox:
    """A client whose replies and obituaries are kept for the test to take."""

    def __init__(self) -> None:
        self.replies: SimpleQueue[Reply] = SimpleQueue()
        self.deaths: SimpleQueue[str] = SimpleQueue()
        self.client = WorkerClient(self.replies.put, self.deaths.put)

    def take(self) -> Reply:
        """The next reply; the test fails if none comes."""
        return self.replies.get(timeout=PATIENCE)

    def assert_empty(self) -> None:
        with pytest.raises(Empty):
            self.replies.get_nowait()

    def kill(self) -> None:
        """End the worker as the system would, and wait until the client has noticed."""
        (worker,) = multiprocessing.active_children()
        worker.kill()
        self.deaths.get(timeout=PATIENCE)


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    """A started client, closed after the test."""
    inbox = Inbox()
    inbox.client.start()
    yield inbox
    inbox.client.close()


def wait_until_busy(seconds: float = 0.25) -> None:
    """Wait until there is a worker and it has computed for so long since then."""
    deadline = time.monotonic() + PATIENCE
    while not (workers := multiprocessing.active_children()):
        assert time.monotonic() < deadline
    start = cpu_seconds(workers[0].pid)
    while cpu_seconds(workers[0].pid) < start + seconds:
        assert time.monotonic() < deadline
        select.select([], [], [], 0.01)


def cpu_seconds(pid: int | None) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@pytest.fixture
def busy(inbox: Inbox, endless: TraceRequest) -> Inbox:
    """A client whose worker computes in the lane "trace" and will not end."""
    inbox.client.submit(OpenRequest(endless.model), "open")
    assert isinstance(inbox.take(), Opened)
    inbox.client.submit(endless, "trace")
    wait_until_busy()
    return inbox


@pytest.fixture
def lstm(data: Path) -> ModelRef:
    return ModelRef(data / "rnn-LSTM-1-ts" / "model.onnx")


def test_replies_are_what_a_runner_in_this_process_says(inbox: Inbox, lstm: ModelRef) -> None:
    runner, ids = Runner.open(lstm), tuple(range(40))
    requests = (OpenRequest(lstm), TraceRequest(lstm, ids=ids), VectorsRequest(lstm), NeighboursRequest(lstm, (3, 4)))
    for request in requests:
        inbox.client.submit(request, "any")
        reply = inbox.take()
        match reply:
            case Opened():
                assert (reply.anatomy, reply.provider) == (runner.opened.anatomy, runner.opened.provider)
                assert reply.verified == runner.opened.verified
            case Traced():
                here = runner.trace(TraceRequest(lstm, ids=ids))
                assert list(reply.trace.arrays) == list(here.arrays)
                for name, array in here.arrays.items():
                    assert reply.trace[name].axes == array.axes
                    np.testing.assert_array_equal(reply.trace[name].values, array.values)
            case Vectors():
                np.testing.assert_array_equal(reply.picture, runner.vectors().picture)
            case Neighbours():
                np.testing.assert_array_equal(reply.rows, runner.neighbours((3, 4)).rows)
            case Failed():
                pytest.fail(str(reply.error))


def test_an_overview_comes_over_whole(inbox: Inbox) -> None:
    model = ModelRef(catalogue.find("next-word").path)
    request = OverviewRequest(
        model, TraceRequest(model, text="the big dog ran"), ("blocks.1.attn.pattern", "blocks.4.attn.pattern"), key=3
    )
    inbox.client.submit(request, "overview")
    reply, here = inbox.take(), Runner.open(model).overview(request)
    assert isinstance(reply, Overview)
    assert (reply.key, reply.done) == (here.key, here.done)
    for name, made in here.patterns.items():
        assert repr(reply.patterns[name].measures) == repr(made.measures)  # NaN is not itself
        np.testing.assert_array_equal(reply.patterns[name].picture, made.picture)


def test_large_arrays_share_one_block_of_memory_again_and_again(inbox: Inbox, lstm: ModelRef) -> None:
    before, begun = shared_blocks(), set[Path]()
    runner = Runner.open(lstm)
    kept = []
    for start in range(3):
        ids = tuple((7 * at + start) % 50 for at in range(6000))
        inbox.client.submit(TraceRequest(lstm, ids=ids), "trace")
        reply = inbox.take()
        assert isinstance(reply, Traced)
        kept.append((reply.trace, runner.trace(TraceRequest(lstm, ids=ids))))
        begun |= shared_blocks() - before
        assert len(begun) == 1
        assert all(block.exists() for block in begun)
    for there, here in kept:  # a later reply must not write over an earlier one
        assert there.nbytes == here.nbytes > 2**20
        for name, array in here.arrays.items():
            np.testing.assert_array_equal(there[name].values, array.values)


def test_an_error_comes_back_as_the_error_it_was(inbox: Inbox, tmp_path: Path) -> None:
    request = OpenRequest(ModelRef(tmp_path / "none.onnx"))
    inbox.client.submit(request, "open")
    reply = inbox.take()
    assert isinstance(reply, Failed)
    assert reply.request == request
    assert type(reply.error).__name__ == "ModelFileError"
    assert reply.error.advice


def test_a_newer_request_stops_the_one_that_runs_in_its_lane(busy: Inbox, lstm: ModelRef) -> None:
    for last in range(20):
        busy.client.submit(TraceRequest(lstm, ids=(1, 2, last)), "trace")
    reply = busy.take()
    while isinstance(reply, Traced) and reply.trace.tokens[-1].id != 19:
        reply = busy.take()  # an earlier one may have been answered before the later was asked for
    busy.client.submit(OpenRequest(lstm), "other")
    assert isinstance(busy.take(), Opened)
    busy.assert_empty()


def test_cancelling_a_lane_frees_the_worker_and_answers_nothing(busy: Inbox, lstm: ModelRef) -> None:
    busy.client.submit(OpenRequest(lstm), "open")
    busy.assert_empty()
    busy.client.cancel("trace")
    assert isinstance(busy.take(), Opened)
    busy.assert_empty()


def test_lanes_do_not_replace_each_other(inbox: Inbox, lstm: ModelRef) -> None:
    numbers = [
        inbox.client.submit(TraceRequest(lstm, ids=(1, 2)), "trace"),
        inbox.client.submit(VectorsRequest(lstm), "vectors"),
        inbox.client.submit(NeighboursRequest(lstm, (1,)), "neighbours"),
    ]
    assert numbers == sorted(set(numbers))
    assert [type(inbox.take()) for _ in numbers] == [Traced, Vectors, Neighbours]


def test_what_waited_when_the_worker_was_killed_is_answered_by_the_next(busy: Inbox, lstm: ModelRef) -> None:
    busy.client.submit(OpenRequest(lstm), "open")
    busy.kill()
    busy.client.cancel("trace")
    assert isinstance(busy.take(), Opened)


def test_an_idle_worker_that_is_killed_is_replaced(inbox: Inbox, lstm: ModelRef) -> None:
    inbox.client.submit(OpenRequest(lstm), "open")
    assert isinstance(inbox.take(), Opened)
    inbox.kill()
    inbox.client.submit(TraceRequest(lstm, ids=(1,)), "trace")
    assert isinstance(inbox.take(), Traced)


def test_a_request_that_costs_two_workers_is_not_tried_a_third_time(
    busy: Inbox, endless: TraceRequest, lstm: ModelRef
) -> None:
    busy.kill()
    # Loading the libraries takes a second of computing; what comes after three is the request.
    wait_until_busy(3)
    busy.kill()
    reply = busy.take()
    assert isinstance(reply, Failed)
    assert reply.request is endless
    assert isinstance(reply.error, WorkerError)
    assert "twice" in reply.error.what
    busy.client.submit(OpenRequest(lstm), "open")
    assert isinstance(busy.take(), Opened)


@pytest.fixture
def broken_python() -> Iterator[None]:
    """A Python for worker processes that ends at once."""
    before = spawn.get_executable()
    spawn.set_executable("/bin/false")
    yield
    spawn.set_executable(before)


def test_a_worker_that_never_starts_ends_in_an_error_for_every_request(broken_python: None, lstm: ModelRef) -> None:
    inbox = Inbox()
    inbox.client.submit(OpenRequest(lstm), "open")
    inbox.client.start()
    for lane in ("open", "later"):
        reply = inbox.take()
        assert isinstance(reply, Failed)
        assert isinstance(reply.error, WorkerError)
        assert "cannot be started" in reply.error.what
        if lane == "open":
            inbox.client.submit(TraceRequest(lstm, ids=(1,)), "later")
    inbox.client.close()
    assert multiprocessing.active_children() == []


NO_HANDLES_LEFT = """
import os, resource, sys
from pathlib import Path
from queue import SimpleQueue
from embstudio.session.messages import ModelRef, OpenRequest
from embstudio.session.worker_client import WorkerClient

replies = SimpleQueue()
client = WorkerClient(replies.put)
client.submit(OpenRequest(ModelRef(Path("model.onnx"))), "open")
handles = os.listdir("/proc/self/fd")
resource.setrlimit(resource.RLIMIT_NOFILE, (len(handles), resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
client.start()
error = replies.get(timeout=120).error
resource.setrlimit(resource.RLIMIT_NOFILE, (256, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
client.close()
print(error.what, error.detail)
"""


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="counts this process's handles as Linux shows them")
def test_no_process_can_be_made_ends_in_an_error() -> None:
    done = subprocess.run([sys.executable, "-c", NO_HANDLES_LEFT], capture_output=True, text=True, timeout=PATIENCE)
    assert "cannot be started" in done.stdout, done.stderr
    assert "Too many open files" in done.stdout
    assert done.returncode == 0


def test_closing_leaves_nothing_behind(lstm: ModelRef) -> None:
    resources = (shared_blocks(), open_files(), set(threading.enumerate()))
    inbox = Inbox()
    inbox.client.start()
    inbox.client.submit(TraceRequest(lstm, ids=tuple([7] * 5000)), "trace")
    assert isinstance(inbox.take(), Traced)
    blocks = shared_blocks() - resources[0]
    assert blocks
    inbox.client.close()
    inbox.client.close()
    assert multiprocessing.active_children() == []
    assert not any(block.exists() for block in blocks)
    assert (shared_blocks(), open_files(), set(threading.enumerate())) == resources


def test_closing_does_not_wait_for_a_run(busy: Inbox) -> None:
    busy.client.close()
    assert multiprocessing.active_children() == []


def test_closing_at_once_and_without_a_start() -> None:
    started, never = Inbox(), Inbox()
    started.client.start()
    started.client.close()
    never.client.close()
    assert multiprocessing.active_children() == []


def test_the_worker_ends_when_the_window_is_killed() -> None:
    script = (
        "import multiprocessing, sys\n"
        "from embstudio.session.worker_client import WorkerClient\n"
        "from embstudio.session.messages import ModelRef, OpenRequest\n"
        "from pathlib import Path\n"
        "if __name__ == '__main__':\n"
        "    told = lambda reply: print(multiprocessing.active_children()[0].pid, flush=True)\n"
        "    client = WorkerClient(told)\n"
        "    client.start()\n"
        "    client.submit(OpenRequest(ModelRef(Path('none.onnx'))), 'open')\n"
        "    sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as window:
        assert window.stdout is not None
        handle = os.pidfd_open(int(window.stdout.readline()))
        window.send_signal(signal.SIGKILL)
        ended, _, _ = select.select([handle], [], [], PATIENCE)
        os.close(handle)
    assert ended


@pytest.mark.parametrize("room", [True, False])
def test_replies_come_without_shared_memory_too(
    room: bool, inbox: Inbox, lstm: ModelRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A container may have no shared memory to speak of."""
    if not room:
        monkeypatch.setattr(os, "statvfs", lambda path: os.statvfs_result((1, 1, 0, 0, 0, 0, 0, 0, 0, 0)))
    ids = tuple([7] * 5000)
    inbox.client.submit(TraceRequest(lstm, ids=ids), "trace")
    reply = inbox.take()
    assert isinstance(reply, Traced)
    here = Runner.open(lstm).trace(TraceRequest(lstm, ids=ids))
    for name, array in here.arrays.items():
        np.testing.assert_array_equal(reply.trace[name].values, array.values)


@pytest.mark.parametrize(
    "module",
    ["session.worker_client", "session.messages", "anatomy.anatomy", "modelfile.catalogue", "modelfile.card"],
)
def test_the_window_never_loads_the_libraries(module: str) -> None:
    script = f"import embstudio.{module}, sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    loaded = {name.split(".")[0] for name in done.stdout.split()}
    assert "embstudio" in loaded
    assert not loaded & {"onnx", "onnxruntime", "tokenizers", "numpy", "scipy", "PySide6"}


def shared_blocks() -> set[Path]:
    """Shared memory that this process has; that of others, which tests run in too, comes and goes."""
    lines = Path("/proc/self/maps").read_text().splitlines()
    return {Path(line.split(maxsplit=5)[5]) for line in lines if "/dev/shm/psm_" in line}


def open_files() -> set[str]:
    """Descriptors of this process, the tracker's of multiprocessing left out: it lives as long as the process."""
    return {entry.name for entry in Path("/proc/self/fd").iterdir()}
