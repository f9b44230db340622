"""A bench in a process of its own, driven as the window drives it."""

from __future__ import annotations

import os
import queue
import signal
import time
from collections.abc import Callable, Iterator
from multiprocessing.shared_memory import SharedMemory

import numpy as np
import pytest

from embstudio.base.errors import InputError, StudioError, WorkerError
from embstudio.lab import tray
from embstudio.lab.bench import State
from embstudio.lab.messages import Change, Pace, Pause, Rewind, Run, Standing, Step
from embstudio.lab.training import Seen, Training
from embstudio.lab.word2vec.bench import Word2vecOrder
from embstudio.lab.word2vec.settings import Settings

TEXT = "The cat sat on the mat. The dog sat on the rug. A cat eats fish, a dog eats meat. " * 20
LONG = Settings(epochs=5_000)


class Watcher:
    """Begins trainings and waits for what they say."""

    def __init__(self) -> None:
        self.said: queue.SimpleQueue[Seen | StudioError] = queue.SimpleQueue()
        self.trainings: list[Training] = []

    def begin(self, settings: Settings, text: str = TEXT, state: State | None = None) -> Training:
        training = Training(Word2vecOrder(settings, text), self.said.put, self.said.put, state)
        self.trainings.append(training)
        training.start()
        return training

    def until(self, wanted: Callable[[Seen], bool]) -> Seen:
        while True:
            said = self.said.get(timeout=60)
            assert isinstance(said, Seen), said
            if wanted(said):
                return said

    def standing(self, wanted: Standing) -> Seen:
        return self.until(lambda seen: seen.report.standing is wanted)


@pytest.fixture
def watcher() -> Iterator[Watcher]:
    watcher = Watcher()
    yield watcher
    for training in watcher.trainings:
        training.close()


def test_it_gives_what_the_bench_gives_and_rewinds(watcher: Watcher) -> None:
    settings = Settings(epochs=6, dimensions=8)
    training = watcher.begin(settings)
    training.tell(Run())
    end = watcher.standing(Standing.FINISHED)
    bench = Word2vecOrder(settings, TEXT).bench()
    while bench.epoch < 3:
        bench.advance()
    middle = bench.V.copy()
    while bench.epoch < 6:
        bench.advance()
    assert np.array_equal(end.arrays[0], bench.V)
    assert np.array_equal(end.arrays[1], bench.U)
    assert end.report.kept == (0, 6)
    training.tell(Rewind(3))
    back = watcher.until(lambda seen: seen.report.epoch == 3)
    assert back.report.standing is Standing.PAUSED
    assert back.report.kept == (0, 6)
    assert np.array_equal(back.arrays[0], middle)
    training.tell(Step())
    watcher.until(lambda seen: seen.report.facts.account is not None)
    training.tell(Rewind(3))
    training.tell(Run())
    again = watcher.standing(Standing.FINISHED)
    assert np.array_equal(again.arrays[0], bench.V)


def test_a_pause_takes_effect_at_once(watcher: Watcher) -> None:
    training = watcher.begin(LONG)
    training.tell(Run())
    watcher.until(lambda seen: seen.report.epoch >= 1)
    training.tell(Pause())
    first = watcher.standing(Standing.PAUSED)
    training.look_again()
    again = watcher.until(lambda seen: True)
    assert again is first  # nothing came since
    training.tell(Step())
    stepped = watcher.until(lambda seen: seen.report.facts.account is not None)
    moved = first.arrays[0] != stepped.arrays[0]
    assert moved.any(axis=1).sum() == 1  # one pair moves one input vector


def test_it_keeps_its_pace(watcher: Watcher) -> None:
    training = watcher.begin(LONG)
    training.tell(Pace(4.0))
    training.tell(Run())
    first = watcher.until(lambda seen: seen.report.epoch + seen.report.share > 0)
    began = time.monotonic()
    last = watcher.until(lambda seen: seen.report.epoch >= 2)
    gone = last.report.epoch + last.report.share - first.report.epoch - first.report.share
    assert time.monotonic() - began >= 0.8 * gone / 4.0 - 0.2


def test_divergence_stops_and_goes_back_to_good_vectors(watcher: Watcher) -> None:
    training = watcher.begin(Settings(epochs=100))
    training.tell(Run())
    watcher.until(lambda seen: seen.report.epoch >= 3)
    training.tell(Change(Settings(epochs=100, rate=50.0)))
    seen = watcher.standing(Standing.DIVERGED)
    assert "too high" in seen.report.why
    assert all(np.isfinite(array).all() and np.abs(array).max() < 10 for array in seen.arrays)
    assert seen.report.facts.curve[-1, 1] < 2 * seen.report.facts.nothing
    training.tell(Change(Settings(epochs=seen.report.epoch + 2)))
    training.tell(Run())
    assert watcher.standing(Standing.FINISHED).report.why == ""


def test_what_cannot_be_changed_is_refused_and_training_goes_on(watcher: Watcher) -> None:
    training = watcher.begin(LONG)
    training.tell(Change(Settings(epochs=5_000, dimensions=3)))
    seen = watcher.until(lambda seen: seen.report.refused is not None)
    assert "dimensions" in str(seen.report.refused)
    training.tell(Run())
    assert watcher.standing(Standing.RUNNING).report.refused is None


def test_earlier_states_are_shown_while_it_trains_on(watcher: Watcher) -> None:
    settings = Settings(epochs=5_000, dimensions=8)
    bench = Word2vecOrder(settings, TEXT).bench()
    while bench.epoch < 2:
        bench.advance()
    training = watcher.begin(settings)
    training.tell(Run())
    watcher.until(lambda seen: seen.report.epoch >= 3)
    state = training.recall(2)
    assert state.epoch == 2
    assert np.array_equal(state.arrays[0], bench.V)
    assert training.recall(0).epoch == 0
    last = watcher.until(lambda seen: seen.report.epoch >= 6)
    assert last.report.standing is Standing.RUNNING
    training.close()
    with pytest.raises(WorkerError, match="is gone"):
        training.recall(1)


def test_a_text_without_words_is_said(watcher: Watcher) -> None:
    watcher.begin(LONG, text="")
    assert isinstance(watcher.said.get(timeout=60), InputError)


def test_a_process_that_dies_is_said_and_its_last_vectors_go_on(watcher: Watcher) -> None:
    training = watcher.begin(LONG)
    training.tell(Run())
    watcher.until(lambda seen: seen.report.epoch >= 2)
    assert training.pid is not None
    os.kill(training.pid, getattr(signal, "SIGKILL", signal.SIGTERM))
    said: Seen | StudioError = watcher.said.get(timeout=60)
    while isinstance(said, Seen):
        said = watcher.said.get(timeout=60)
    assert isinstance(said, WorkerError)
    assert training.last is not None
    last = training.last
    watcher.begin(LONG, state=State(last.report.epoch, last.arrays, last.report.facts.curve))
    watcher.trainings[-1].tell(Pause())
    on = watcher.until(lambda seen: True)
    assert on.report.epoch == last.report.epoch
    assert np.array_equal(on.arrays[0], last.arrays[0])


@pytest.mark.parametrize("when", ["at once", "running"])
def test_closing_leaves_nothing_behind(watcher: Watcher, when: str) -> None:
    training = watcher.begin(LONG)
    training.tell(Run())
    if when == "running":
        watcher.until(lambda seen: seen.report.epoch >= 1)
    training.close()
    training.close()
    assert not training.alive
    if training.pid is not None:
        with pytest.raises(ProcessLookupError):
            os.kill(training.pid, 0)


def test_tables_come_through_the_pipe_where_there_is_no_shared_memory(
    watcher: Watcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tray, "_made", lambda size: None)
    settings = Settings(epochs=2, dimensions=8)
    training = watcher.begin(settings)
    training.tell(Run())
    end = watcher.standing(Standing.FINISHED)
    bench = Word2vecOrder(settings, TEXT).bench()
    while bench.epoch < 2:
        bench.advance()
    assert np.array_equal(end.arrays[0], bench.V)


def test_shared_memory_is_given_back() -> None:
    made = tray.Tray((((2, 3), "<f4"),))
    made.put([np.ones((2, 3), np.float32)])
    other = tray.Tray((((2, 3), "<f4"),), made.name)
    assert other.copies()[0].tolist() == [[1.0] * 3] * 2
    other.close()
    made.close()
    with pytest.raises(FileNotFoundError):
        SharedMemory(made.name)
