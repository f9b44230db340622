"""A picture drawn in a process of its own."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import ClassVar

import numpy as np

from embstudio.base.errors import InputError, WorkerError
from embstudio.space.projections.cache import PictureCache
from embstudio.space.projections.drawing import Drawing
from embstudio.space.projections.linear import PrincipalComponents
from embstudio.space.projections.method import Method
from embstudio.space.projections.run import PATIENCE, Outcome, Picture, ProjectionRun
from embstudio.space.projections.tsne import Tsne

PATIENT = 60.0  # seconds
VECTORS = np.random.default_rng(0).normal(size=(400, 8)).astype(np.float32)
ENDLESS = Tsne(iterations=10**7)


@dataclass(frozen=True)
class Deaf(PrincipalComponents):
    """Shows one picture and never looks up again."""

    name: ClassVar[str] = "deaf"

    def pictures(self, vectors: np.ndarray, seed: int) -> Iterator:
        for picture in super().pictures(vectors, seed):
            yield type(picture)(picture.points, 0, 1)
        signal.sigwait([signal.SIGUSR1])


class Watcher:
    """A run whose pictures and end are kept for the test to take."""

    def __init__(self, method: Method, vectors: np.ndarray = VECTORS, **settings: object) -> None:
        self.pictures: SimpleQueue[Picture] = SimpleQueue()
        self.ends: SimpleQueue[Outcome] = SimpleQueue()
        cache = settings.pop("cache", None)
        drawing = Drawing(method, **settings)  # type: ignore[arg-type]
        self.run = ProjectionRun(vectors, drawing, self.pictures.put, self.ends.put, cache)  # type: ignore[arg-type]

    def end(self) -> Outcome:
        outcome = self.ends.get(timeout=PATIENT)
        self.run.close()
        assert multiprocessing.active_children() == []
        return outcome


def test_the_picture_gets_better_and_is_the_one_drawn_here() -> None:
    watcher = Watcher(Tsne(iterations=20), seed=2)
    watcher.run.start()
    outcome = watcher.end()
    assert outcome.picture is watcher.run.picture
    assert outcome.picture is not None
    assert (outcome.stopped, outcome.error, outcome.picture.snapshot.finished) == (False, None, True)
    *_, here = Tsne(iterations=20).pictures(VECTORS, 2)
    assert np.array_equal(outcome.picture.snapshot.points, here.points)
    steps = [watcher.pictures.get().snapshot.step for _ in range(watcher.pictures.qsize())]
    assert (steps[0], steps[-1]) == (0, 270)
    assert steps == sorted(steps)


def test_stopped_it_keeps_what_it_has() -> None:
    watcher = Watcher(ENDLESS)
    watcher.run.start()
    while watcher.pictures.get(timeout=PATIENT).snapshot.step < 5:
        pass
    watcher.run.stop()
    outcome = watcher.end()
    assert outcome.picture is not None
    assert (outcome.stopped, outcome.error, outcome.picture.snapshot.finished) == (True, None, False)
    assert outcome.picture.snapshot.step >= 5


def test_a_process_that_does_not_listen_is_stopped_all_the_same() -> None:
    watcher = Watcher(Deaf())
    watcher.run.start()
    first = watcher.pictures.get(timeout=PATIENT)
    began = time.monotonic()
    watcher.run.stop()
    outcome = watcher.end()
    assert (outcome.picture, outcome.stopped) == (first, True)
    assert time.monotonic() - began >= PATIENCE


def test_a_killed_process_is_said_and_its_picture_stays() -> None:
    watcher = Watcher(ENDLESS)
    watcher.run.start()
    watcher.pictures.get(timeout=PATIENT)
    assert watcher.run.pid is not None
    os.kill(watcher.run.pid, signal.SIGKILL)
    outcome = watcher.end()
    assert isinstance(outcome.error, WorkerError)
    assert (outcome.error.detail, outcome.stopped) == ("signal 9", False)
    assert outcome.picture is not None


def test_what_is_wrong_with_the_options_comes_back() -> None:
    watcher = Watcher(Tsne(metric="taxi"))
    watcher.run.start()
    assert isinstance(watcher.end().error, InputError)


def test_nothing_to_draw_is_said_without_a_process() -> None:
    watcher = Watcher(PrincipalComponents(), np.full((3, 2), np.nan))
    watcher.run.start()
    outcome = watcher.end()
    assert isinstance(outcome.error, InputError)
    assert watcher.run.pid is None


def test_the_points_are_of_the_rows_that_are_named() -> None:
    watcher = Watcher(PrincipalComponents(), most_rows=50, seed=4)
    watcher.run.start()
    picture = watcher.end().picture
    assert picture is not None
    assert picture.sample.rows is not None
    assert picture.sample.sentences == ("50 of 400 vectors, drawn at random.",)
    (here,) = PrincipalComponents().pictures(VECTORS[picture.sample.rows], 4)
    assert np.array_equal(picture.snapshot.points, here.points)


def test_a_finished_picture_is_remembered_and_a_stopped_one_is_not(tmp_path: Path) -> None:
    cache, method = PictureCache(tmp_path), Tsne(iterations=5)
    drawn, again, changed = (
        Watcher(method, vectors, cache=cache) for vectors in (VECTORS, VECTORS.copy(), VECTORS + np.float32(1))
    )
    first, second, third = (watcher.run.start() or watcher.end().picture for watcher in (drawn, again, changed))
    assert first is not None and second is not None and third is not None  # noqa: PT018
    assert (first.remembered, second.remembered, third.remembered) == (False, True, False)
    assert again.run.pid is None
    assert first.snapshot.points.tobytes() == second.snapshot.points.tobytes()
    stopped = Watcher(ENDLESS, cache=cache)
    stopped.run.start()
    stopped.pictures.get(timeout=PATIENT)
    stopped.run.stop()
    assert stopped.end().stopped
    assert len(list(tmp_path.iterdir())) == 2


def test_closed_it_says_no_more_and_leaves_nothing() -> None:
    watcher = Watcher(ENDLESS)
    watcher.run.start()
    watcher.pictures.get(timeout=PATIENT)
    watcher.run.close()
    watcher.run.close()
    assert watcher.ends.empty()
    assert multiprocessing.active_children() == []
    Watcher(ENDLESS).run.close()  # never started
