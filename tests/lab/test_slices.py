"""Training goes on in short slices, and what is said is done between two of them. No clock is asked."""

from __future__ import annotations

import queue
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pytest

from embstudio.base.errors import InputError, StudioError
from embstudio.lab.bench import Snapshot, State
from embstudio.lab.messages import Command, Pace, Pause, Run, Standing, Step
from embstudio.lab.training import Seen, Training
from embstudio.lab.word2vec import bench as word2vec
from embstudio.lab.word2vec.bench import TOGETHER, Word2vecOrder
from embstudio.lab.word2vec.settings import Settings

SLICE = 0.01  # seconds at most, of the 50 ms in which a pause takes effect


@dataclass(frozen=True)
class Slices:
    """An order of a bench that learns nothing, and tells how often and for how long it was asked to."""

    def bench(self) -> Counting:
        return Counting()


class Counting:
    about, epoch, epochs, share, examples = None, 0, 1, 0.0, 0

    def __init__(self) -> None:
        self.slices, self.longest = 0, 0.0

    def advance(self, seconds: float) -> None:
        self.slices, self.longest = self.slices + 1, max(self.longest, seconds)

    def step(self) -> None:
        raise InputError("It takes no steps.")

    def change(self, settings: object) -> None: ...

    def snapshot(self) -> Snapshot:
        return Snapshot((np.zeros(1),), (self.slices, self.longest))

    def state(self) -> State:
        return State(0, ())

    def restore(self, state: State) -> None: ...


@pytest.fixture
def said() -> queue.SimpleQueue[Seen | StudioError]:
    return queue.SimpleQueue()


@pytest.fixture
def training(said: queue.SimpleQueue[Seen | StudioError]) -> Iterator[Training]:
    training = Training(Slices(), said.put, said.put)
    training.start()
    yield training
    training.close()


def answer(training: Training, said: queue.SimpleQueue[Seen | StudioError], command: Command) -> Seen:
    """The report of a command that leaves it paused, after some slices."""
    training.tell(command)
    while True:
        seen = said.get(timeout=60)
        assert isinstance(seen, Seen), seen
        if seen.report.standing is Standing.PAUSED and seen.report.facts[0]:
            return seen


def run(training: Training, said: queue.SimpleQueue[Seen | StudioError]) -> None:
    """Until some slices are trained."""
    training.tell(Run())
    while True:
        seen = said.get(timeout=60)
        assert isinstance(seen, Seen), seen
        if seen.report.facts[0]:
            return


def test_after_a_pause_not_one_more_slice_is_trained(
    training: Training, said: queue.SimpleQueue[Seen | StudioError]
) -> None:
    run(training, said)
    paused = answer(training, said, Pause())
    again = answer(training, said, Pace(0.0))  # of which a new report comes
    assert again is not paused
    assert again.report.facts == paused.report.facts
    assert 0 < paused.report.facts[1] <= SLICE
    assert paused.report.since > 0


def test_a_step_that_cannot_be_taken_is_refused(
    training: Training, said: queue.SimpleQueue[Seen | StudioError]
) -> None:
    run(training, said)
    stepped = answer(training, said, Step())
    assert "takes no steps" in str(stepped.report.refused)
    assert answer(training, said, Pause()).report.refused is None


def test_word2vec_ends_its_slice_when_the_time_is_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """By a clock that goes on by a millisecond with each look: so many batches, and no more."""
    bench = Word2vecOrder(Settings(), "the cat sat on the mat " * 500).bench()
    now = iter(range(10**6))
    monkeypatch.setattr(word2vec.time, "perf_counter", lambda: next(now) / 1000)
    bench.advance(0.008)
    assert bench.examples == 8 * TOGETHER
    bench.advance(0.0)
    assert bench.examples == 9 * TOGETHER
