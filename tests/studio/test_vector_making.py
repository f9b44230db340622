"""Vectors made of texts beside the window: against those of the real session; stopped, gone on with, and refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from queue import SimpleQueue

import numpy as np
import pytest

from embstudio.modelfile.catalogue import find
from embstudio.session.messages import EmbedRequest, ModelRef
from embstudio.session.runner import Runner
from embstudio.space.files import load
from embstudio.space.texts import Texts
from embstudio.studio.vector_making import Order, VectorMaking

WORDS = ("dog", "cat", "house", "sea", "boat", "tax", "king", "garden")
PATIENCE = 120  # seconds; on a busy machine a worker takes long to start
Until = Callable[[Callable[[], bool]], None]


class Desk:
    """A making whose calls come back on the test's own thread."""

    def __init__(self) -> None:
        self.ready: list[tuple[Order, tuple[str, ...]]] = []
        self.posted: SimpleQueue[Callable[[], object]] = SimpleQueue()
        self.making = VectorMaking(lambda order, said: self.ready.append((order, said)))
        self.making.post = self.posted.put

    def until(self, there: Callable[[], bool]) -> None:
        while not there():
            self.posted.get(timeout=PATIENCE)()


@pytest.fixture
def desk() -> Iterator[Desk]:
    desk = Desk()
    yield desk
    desk.making.close()


def order(out: Path, count: int = 40, name: str = "sentences") -> Order:
    source = find(name)
    texts = [f"the {WORDS[at % 8]} and {at} more" for at in range(count)]
    return Order(ModelRef(source.path, source.tokenizer), source.title, None, Texts.of(texts, {}, "by hand"), out)


def test_what_is_saved_is_what_the_model_makes(desk: Desk, tmp_path: Path) -> None:
    wanted = order(tmp_path / "made.npz")
    desk.making.begin(wanted)
    assert desk.making.running
    desk.until(lambda: not desk.making.running)
    assert desk.making.error is None
    assert desk.ready[0][0] is wanted
    assert desk.ready[0][1][0] == "40 vectors of 100 numbers"
    assert any("sentence_vector" in line for line in desk.ready[0][1])
    saved = load(tmp_path / "made.npz")
    assert saved.words == wanted.texts.texts
    own = Runner.open(wanted.model).embed(EmbedRequest(wanted.model, wanted.texts.texts)).vectors
    assert np.abs(saved.vectors - own).max() <= 1e-5 * np.abs(own).max()
    assert not wanted.part.exists()
    assert desk.making.order is None


def test_what_was_stopped_is_gone_on_with(desk: Desk, tmp_path: Path) -> None:
    wanted = order(tmp_path / "made.npz", 2000)
    making = desk.making
    making.begin(wanted)
    desk.until(lambda: making.pace is not None and making.pace.done > 0)
    making.stop()
    assert making.stopping
    desk.until(lambda: not making.running)
    assert making.order is wanted
    assert wanted.part.exists()
    assert not wanted.out.exists()
    assert not desk.ready
    making.go_on()
    desk.until(lambda: making.pace is not None)
    assert making.pace is not None
    assert making.pace.resumed > 0
    desk.until(lambda: not making.running)
    assert len(load(wanted.out).words) == 2000
    assert any("were there from before" in line for line in desk.ready[0][1])


def test_what_was_stopped_is_thrown_away(desk: Desk, tmp_path: Path) -> None:
    wanted = order(tmp_path / "made.npz", 2000)
    desk.making.begin(wanted)
    desk.until(lambda: desk.making.pace is not None and desk.making.pace.done > 0)
    desk.making.stop()
    desk.until(lambda: not desk.making.running)
    desk.making.give_up()
    assert desk.making.order is None
    assert not list(tmp_path.iterdir())


def test_a_part_of_something_else_is_refused_and_can_be_begun_anew(desk: Desk, tmp_path: Path) -> None:
    wanted = order(tmp_path / "made.npz", 4)
    wanted.part.write_bytes(b"something else\n")
    desk.making.begin(wanted)
    desk.until(lambda: not desk.making.running)
    assert desk.making.error is not None
    assert "unfinished file that cannot be gone on with" in desk.making.error.what
    assert wanted.part.read_bytes() == b"something else\n"
    assert not wanted.out.exists()
    desk.making.begin_anew()
    desk.until(lambda: not desk.making.running)
    assert desk.making.error is None
    assert len(load(wanted.out).words) == 4


def test_a_model_without_vectors_of_texts_is_refused_in_words(desk: Desk, tmp_path: Path) -> None:
    desk.making.begin(order(tmp_path / "made.npz", 4, "sentiment-rnn"))
    desk.until(lambda: not desk.making.running)
    assert desk.making.error is not None
    assert "makes no vector of a whole text" in desk.making.error.what
    assert not list(tmp_path.iterdir())


def test_another_ending_is_refused_before_the_model_is_opened(desk: Desk, tmp_path: Path) -> None:
    desk.making.begin(order(tmp_path / "made.xyz", 4))
    desk.until(lambda: not desk.making.running)
    assert desk.making.error is not None
    assert "cannot be saved as .xyz" in desk.making.error.what
