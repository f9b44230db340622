"""Work in a process of its own: what comes back, and what is left when it is stopped or dies."""

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
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

import numpy as np
import pytest

from embstudio.base.errors import InputError, StudioError, WorkerError
from embstudio.space.aside.job import Job, Work
from embstudio.space.aside.run import PATIENCE, Outcome, Run
from embstudio.space.clusters import Clustering, KMeans
from embstudio.space.trust import TrustMeasure

PATIENT = 120.0  # seconds
VECTORS = np.random.default_rng(0).normal(size=(400, 8)).astype(np.float32)


@dataclass(frozen=True)
class Count:
    """What the jobs below come to: how far they counted, and the sum of the table."""

    number: int
    last: int
    total: float

    @property
    def finished(self) -> bool:
        return self.number >= self.last


@dataclass(frozen=True)
class Counting:
    """Counts to `last`, as fast as it can; then, if `deaf`, waits for a signal that nobody sends."""

    last: int = 10**9
    deaf: bool = False
    fault: Exception | None = None

    def results(self, vectors: np.ndarray) -> Iterator[Count]:
        total = float(vectors.sum(dtype=np.float64))
        for number in range(1, self.last + 1):
            yield Count(number, self.last + self.deaf, total)
            if self.fault is not None:
                raise self.fault
        if self.deaf:
            signal.sigwait([signal.SIGUSR1])


class Watcher:
    """A run whose results and end are kept for the test to take."""

    def __init__(self, job: Job) -> None:
        self.results: SimpleQueue = SimpleQueue()
        self.ends: SimpleQueue[Outcome] = SimpleQueue()
        self.run: Run = Run(lambda: Work(job, VECTORS), self.results.put, self.ends.put)
        self.run.start()

    def end(self) -> Outcome:
        outcome = self.ends.get(timeout=PATIENT)
        self.run.close()
        assert multiprocessing.active_children() == []
        return outcome


def test_the_last_result_comes_back() -> None:
    watcher = Watcher(Counting(1000))
    outcome = watcher.end()
    assert outcome == Outcome(Count(1000, 1000, float(VECTORS.sum(dtype=np.float64))))
    first = watcher.results.get()
    assert first.number == 1
    assert outcome.result is watcher.run.result


def test_stopped_it_keeps_what_it_has() -> None:
    watcher = Watcher(Counting())
    first, second = (watcher.results.get(timeout=PATIENT) for _ in range(2))
    watcher.run.stop()
    outcome = watcher.end()
    assert (outcome.stopped, outcome.error) == (True, None)
    assert outcome.result.number >= second.number > first.number


def test_a_process_that_does_not_listen_is_stopped_all_the_same() -> None:
    watcher = Watcher(Counting(1, deaf=True))
    first = watcher.results.get(timeout=PATIENT)
    began = time.monotonic()
    watcher.run.stop()
    assert watcher.end() == Outcome(first, stopped=True)
    assert time.monotonic() - began >= PATIENCE


def test_a_killed_process_is_said_and_its_result_stays() -> None:
    watcher = Watcher(Counting())
    watcher.results.get(timeout=PATIENT)
    assert watcher.run.pid is not None
    os.kill(watcher.run.pid, signal.SIGKILL)
    outcome = watcher.end()
    assert isinstance(outcome.error, WorkerError)
    assert (outcome.error.detail, outcome.stopped) == ("signal 9", False)
    assert outcome.result.number >= 1


@pytest.mark.parametrize(
    ("fault", "kind", "said"),
    [
        (InputError("No."), InputError, "No."),
        (MemoryError(), WorkerError, "not enough memory"),
        (ZeroDivisionError("odd"), WorkerError, "unexpected"),
        (FileNotFoundError("gone"), WorkerError, "unexpected"),
    ],
)
def test_what_goes_wrong_there_is_said_here(fault: Exception, kind: type[StudioError], said: str) -> None:
    error = Watcher(Counting(fault=fault)).end().error
    assert type(error) is kind
    assert said in str(error)


def test_what_goes_wrong_before_needs_no_process() -> None:
    for fault, kind in (
        (InputError("No."), InputError),
        (ZeroDivisionError(), WorkerError),
        (MemoryError(), WorkerError),
    ):

        def prepare(fault: Exception = fault) -> Work:
            raise fault

        ends: SimpleQueue[Outcome] = SimpleQueue()
        run: Run = Run(prepare, on_end=ends.put)
        run.start()
        assert type(ends.get(timeout=PATIENT).error) is kind
        run.close()
        assert run.pid is None


def test_closed_it_says_no_more_and_leaves_nothing() -> None:
    watcher = Watcher(Counting())
    watcher.results.get(timeout=PATIENT)
    watcher.run.close()
    watcher.run.close()
    assert watcher.ends.empty()
    assert multiprocessing.active_children() == []
    Run(lambda: Work(Counting(), VECTORS)).close()  # never started


def test_trust_and_clusters_are_such_work() -> None:
    trust = Watcher(TrustMeasure(VECTORS[:, :2])).end().result
    *_, here = TrustMeasure(VECTORS[:, :2]).results(VECTORS)
    assert trust.overall == here.overall
    found = Watcher(KMeans(3)).end().result
    assert isinstance(found, Clustering)
    assert found.sizes.sum() == 400


WINDOW = """
import sys
import numpy as np
from embstudio.space.aside.job import Work
from embstudio.space.aside.run import Run
from embstudio.space.projections.drawing import Drawing
from embstudio.space.projections.umap import Umap

vectors = np.random.default_rng(0).normal(size=(300, 8)).astype("f4")
run = Run(lambda: Work(Drawing(Umap(epochs=10**7)), vectors), lambda _: print(run.pid, flush=True))
run.start()
sys.stdin.read()
"""


def test_without_the_side_that_wants_results_the_process_ends() -> None:
    with subprocess.Popen([sys.executable, "-c", WINDOW], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                          stderr=subprocess.DEVNULL) as window:  # fmt: skip
        assert window.stdout is not None
        handle = os.pidfd_open(int(window.stdout.readline()))
        window.send_signal(signal.SIGKILL)
        ended, _, _ = select.select([handle], [], [], PATIENT)
        os.close(handle)
    assert ended


def test_nothing_is_left_behind() -> None:
    def resources() -> tuple[set[str], set[threading.Thread]]:
        return {entry.name for entry in Path("/proc/self/fd").iterdir()}, set(threading.enumerate())

    Watcher(Counting(2)).end()  # the tracker of shared memory lives on
    before = resources()
    Watcher(Counting(2)).end()
    stopped = Watcher(Counting())
    stopped.results.get(timeout=PATIENT)
    stopped.run.close()
    del stopped
    assert resources() == before
