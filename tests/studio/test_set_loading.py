"""Reading files of vectors beside the window's thread: what comes, what does not, and stopping."""

from __future__ import annotations

import threading
from pathlib import Path
from queue import SimpleQueue

import numpy as np
import pytest

from embstudio.space.files.options import LoadOptions
from embstudio.space.vector_set import VectorSet
from embstudio.studio.set_loading import SetLoading


class Loop:
    """A thread's queue of things to do, as a window has one."""

    def __init__(self) -> None:
        self.came: list[tuple[Path, LoadOptions, VectorSet]] = []
        self.queue: SimpleQueue = SimpleQueue()
        self.loading = SetLoading(lambda *each: self.came.append(each))
        self.loading.post = self.queue.put

    def until_idle(self) -> None:
        while self.loading.path is not None:
            self.queue.get(timeout=120)()


@pytest.fixture
def loop() -> Loop:
    return Loop()


@pytest.fixture
def words(tmp_path: Path) -> Path:
    path = tmp_path / "words.txt"
    path.write_text("king 1 2 3\nqueen 4 5 6\n")
    return path


def test_files_come_in_turn(loop: Loop, words: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.npy"
    np.save(other, np.eye(4, dtype=np.float32))
    loop.loading.open(words)
    loop.loading.open(other)
    assert loop.loading.path == words
    loop.until_idle()
    assert [path for path, _, _ in loop.came] == [words, other]
    assert loop.came[0][2].words == ("king", "queen")
    np.testing.assert_array_equal(loop.came[0][2].vectors, [[1, 2, 3], [4, 5, 6]])


def test_what_cannot_be_read_is_told_and_a_new_try_forgets_it(loop: Loop, words: Path) -> None:
    bad = words.with_name("bad.txt")
    bad.write_text("king 1 2 3\nman 1 2 4\nwoman 2 2 2\nqueen 4 5\n")
    loop.loading.open(bad)
    loop.until_idle()
    failure = loop.loading.failure
    assert failure is not None
    assert failure.path == bad
    assert "line 4" in failure.error.where
    loop.loading.open(bad, LoadOptions(skip_bad=True))
    assert loop.loading.failure is None
    loop.until_idle()
    assert loop.came[0][2].words == ("king", "man", "woman")


def test_what_is_stopped_never_comes(loop: Loop, words: Path) -> None:
    loop.loading.open(words)
    loop.loading.stop()
    assert loop.loading.path is None
    loop.loading.open(words, LoadOptions(rows=1))
    loop.until_idle()
    assert [len(vectors) for _, _, vectors in loop.came] == [1]


def test_closing_leaves_no_thread(loop: Loop, tmp_path: Path) -> None:
    large = tmp_path / "large.txt"
    large.write_text("".join(f"w{row} " + "0.5 " * 50 + "1\n" for row in range(20_000)))
    before = threading.active_count()
    loop.loading.open(large)
    loop.loading.close()
    assert threading.active_count() == before
    assert not loop.came
