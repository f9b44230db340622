"""Vectors made in a worker process: gone on with bit for bit, and nothing lost when the worker dies."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

import numpy as np
import pytest

from embstudio.base.errors import StudioError, UnsupportedModelError, VectorFileError
from embstudio.modelfile import catalogue
from embstudio.session.messages import ModelRef
from embstudio.session.text_vectors.job import TOGETHER, EmbedJob, Progress, TextVectors
from embstudio.session.worker_client import WorkerClient

WORDS = (
    "the",
    "a",
    "dog",
    "man",
    "plays",
    "runs",
    "eats",
    "garden",
    "music",
    "guitar",
    "river",
    "slowly",
    "with",
    "on",
)


def some_texts(count: int) -> list[str]:
    random = np.random.default_rng(6)
    return [" ".join(random.choice(WORDS, random.integers(2, 30))) for _ in range(count)]


TEXTS = some_texts(2 * TOGETHER + 40)


def model(name: str = "sentences") -> ModelRef:
    source = catalogue.find(name)
    return ModelRef(source.path, source.tokenizer)


@contextmanager
def worker() -> Iterator[WorkerClient]:
    client = WorkerClient()
    client.start()
    try:
        yield client
    finally:
        client.close()


@pytest.fixture(scope="module")
def shared() -> Iterator[WorkerClient]:
    """A worker for all tests that leave it alive."""
    with worker() as client:
        yield client


@pytest.fixture(scope="module")
def whole(shared: WorkerClient, tmp_path_factory: pytest.TempPathFactory) -> TextVectors:
    """The vectors of TEXTS, made in one go."""
    return made(shared, tmp_path_factory.mktemp("whole") / "a.part")


def made(
    client: WorkerClient,
    part: Path,
    texts: Sequence[str] = TEXTS,
    *,
    batch: int = 32,
    tell: Callable[[Progress], object] = lambda _: None,
) -> TextVectors:
    return EmbedJob(client, model(), texts, part, batch=batch, on_progress=tell).run()


class _Stopped(Exception):
    """Somebody pressed Ctrl-C."""


def test_what_was_stopped_is_gone_on_with_bit_for_bit(shared: WorkerClient, whole: TextVectors, tmp_path: Path) -> None:
    assert whole.resumed == 0

    def stop(progress: Progress) -> None:
        if progress.done:
            raise _Stopped

    with pytest.raises(_Stopped):
        made(shared, tmp_path / "cut.part", tell=stop)
    told: list[Progress] = []
    rest = made(shared, tmp_path / "cut.part", tell=told.append)
    assert rest.resumed == TOGETHER
    assert [each.done for each in told] == [TOGETHER, 2 * TOGETHER, len(TEXTS)]
    assert rest.vectors.tobytes() == whole.vectors.tobytes()
    again = made(shared, tmp_path / "cut.part")
    assert again.resumed == len(TEXTS)
    assert again.vectors.tobytes() == whole.vectors.tobytes()


def test_the_order_is_kept_and_the_batch_hardly_matters(shared: WorkerClient, tmp_path: Path) -> None:
    large, small = (
        made(shared, tmp_path / "a.part", TEXTS[:60], batch=60),
        made(shared, tmp_path / "b.part", TEXTS[:60], batch=3),
    )
    assert np.abs(large.vectors - small.vectors).max() < 1e-5
    turned = made(shared, tmp_path / "c.part", TEXTS[:60][::-1])
    assert np.abs(large.vectors - turned.vectors[::-1]).max() < 1e-5


def test_what_is_cut_and_what_is_not_known_is_told(shared: WorkerClient, tmp_path: Path) -> None:
    found = made(shared, tmp_path / "a.part", ["the dog", "the dog " * 100, "  ", "a man"])
    assert found.cut.tolist() == [False, True, False, False]
    assert found.found.tolist() == [True, True, False, True]


def test_other_texts_are_not_added_to_what_is_there(shared: WorkerClient, tmp_path: Path) -> None:
    made(shared, tmp_path / "a.part", TEXTS[:5])
    with pytest.raises(VectorFileError, match="another input"):
        made(shared, tmp_path / "a.part", [*TEXTS[:4], "another"])


def test_a_worker_that_dies_once_is_replaced(whole: TextVectors, tmp_path: Path) -> None:
    with worker() as client:
        killed: list[int] = []

        def kill(progress: Progress) -> None:
            if progress.done == TOGETHER and client.pid is not None:
                killed.append(client.pid)
                os.kill(client.pid, signal.SIGKILL)

        found = EmbedJob(client, model(), TEXTS, tmp_path / "a.part", on_progress=kill).run()
        assert killed and client.pid not in killed  # noqa: PT018
    assert found.vectors.tobytes() == whole.vectors.tobytes()


def test_a_worker_that_dies_again_and_again_leaves_what_was_made(
    shared: WorkerClient, whole: TextVectors, tmp_path: Path
) -> None:
    with worker() as client:
        begun, over = Event(), Event()

        def kill_all() -> None:
            begun.wait()
            while not over.wait(0.01):
                if client.pid is not None:
                    try:
                        os.kill(client.pid, signal.SIGKILL)
                    except ProcessLookupError:
                        continue

        def tell(progress: Progress) -> None:
            if progress.done:
                begun.set()

        killer = Thread(target=kill_all)
        killer.start()
        try:
            with pytest.raises(StudioError, match="process that runs models"):
                EmbedJob(client, model(), TEXTS, tmp_path / "a.part", on_progress=tell).run()
        finally:
            begun.set()
            over.set()
            killer.join()
    found = made(shared, tmp_path / "a.part")
    assert found.resumed >= TOGETHER
    assert found.vectors.tobytes() == whole.vectors.tobytes()


def test_a_refusal_leaves_no_file(shared: WorkerClient, tmp_path: Path) -> None:
    with pytest.raises(UnsupportedModelError):
        EmbedJob(shared, model("toy-lstm"), TEXTS, tmp_path / "a.part").run()
    assert not list(tmp_path.iterdir())
