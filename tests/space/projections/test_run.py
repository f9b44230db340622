"""A picture drawn in a process of its own."""

from __future__ import annotations

import multiprocessing
from pathlib import Path
from queue import SimpleQueue

import numpy as np

from embstudio.base.errors import InputError
from embstudio.space.aside.run import Outcome, Run
from embstudio.space.projections.cache import PictureCache
from embstudio.space.projections.drawing import Drawing
from embstudio.space.projections.linear import PrincipalComponents
from embstudio.space.projections.run import Picture, drawn_aside
from embstudio.space.projections.tsne import Tsne

PATIENT = 120.0  # seconds
VECTORS = np.random.default_rng(0).normal(size=(400, 8)).astype(np.float32)


class Watcher:
    """A run whose pictures and end are kept for the test to take."""

    def __init__(self, drawing: Drawing, vectors: np.ndarray = VECTORS, cache: PictureCache | None = None) -> None:
        self.pictures: SimpleQueue[Picture] = SimpleQueue()
        self.ends: SimpleQueue[Outcome[Picture]] = SimpleQueue()
        self.run: Run[Picture] = drawn_aside(vectors, drawing, self.pictures.put, self.ends.put, cache)
        self.run.start()

    def end(self) -> Outcome[Picture]:
        outcome = self.ends.get(timeout=PATIENT)
        self.run.close()
        assert multiprocessing.active_children() == []
        return outcome

    def picture(self) -> Picture:
        """The last one."""
        picture = self.end().result
        assert picture is not None
        return picture


def test_the_picture_gets_better_and_is_the_one_drawn_here() -> None:
    watcher = Watcher(Drawing(Tsne(iterations=20), seed=2))
    picture = watcher.picture()
    assert picture.finished
    *_, here = Tsne(iterations=20).pictures(VECTORS, 2)
    assert np.array_equal(picture.snapshot.points, here.points)
    steps = [watcher.pictures.get().snapshot.step for _ in range(watcher.pictures.qsize())]
    assert (steps[0], steps[-1]) == (0, 270)
    assert steps == sorted(steps)


def test_the_points_are_of_the_rows_that_are_named() -> None:
    picture = Watcher(Drawing(PrincipalComponents(), seed=4, most_rows=50)).picture()
    assert picture.sample.rows is not None
    assert picture.sample.sentences == ("50 of 400 vectors, drawn at random.",)
    (here,) = PrincipalComponents().pictures(VECTORS[picture.sample.rows], 4)
    assert np.array_equal(picture.snapshot.points, here.points)


def test_a_finished_picture_is_remembered_and_not_for_other_vectors(tmp_path: Path) -> None:
    cache, drawing = PictureCache(tmp_path), Drawing(Tsne(iterations=5))
    first = Watcher(drawing, VECTORS, cache).picture()
    again = Watcher(drawing, VECTORS.copy(), cache)
    second = again.picture()
    third = Watcher(drawing, VECTORS + np.float32(1), cache).picture()
    assert (first.remembered, second.remembered, third.remembered) == (False, True, False)
    assert again.run.pid is None
    assert first.snapshot.points.tobytes() == second.snapshot.points.tobytes()
    assert len(list(tmp_path.iterdir())) == 2


def test_a_stopped_picture_is_kept_on_the_screen_but_not_remembered(tmp_path: Path) -> None:
    watcher = Watcher(Drawing(Tsne(iterations=10**7)), cache=PictureCache(tmp_path))
    while watcher.pictures.get(timeout=PATIENT).snapshot.step < 5:
        pass
    watcher.run.stop()
    outcome = watcher.end()
    assert (outcome.stopped, outcome.error) == (True, None)
    assert outcome.result is not None
    assert outcome.result.snapshot.step >= 5
    assert list(tmp_path.iterdir()) == []


def test_what_is_wrong_is_said() -> None:
    assert isinstance(Watcher(Drawing(Tsne(metric="taxi"))).end().error, InputError)
    nothing = Watcher(Drawing(PrincipalComponents()), np.full((3, 2), np.nan))
    assert isinstance(nothing.end().error, InputError)
    assert nothing.run.pid is None
