"""What a model that judges whole texts says after each token: asked for in slices, given up and gone on with."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pytest

from embstudio.base.errors import WorkerError
from embstudio.modelfile.catalogue import ModelSource, find
from embstudio.session import prefixes as session_prefixes
from embstudio.session.messages import (
    Failed,
    ModelRef,
    OpenRequest,
    PrefixRequest,
    Reply,
    Request,
    Traced,
    TraceRequest,
)
from embstudio.session.runner import Runner
from embstudio.studio import Studio
from embstudio.studio import prefixes as prefixes_file
from tests.judging_models import make_last_verdict

SENTENCE = "I expected to hate it but loved it"
LANE = "prefixes"


@lru_cache(maxsize=4)
def runner(model: ModelRef) -> Runner:
    return Runner.open(model)


class Desk:
    """A studio whose requests wait, one a lane. Of beginnings, as many are run at once as a test says."""

    def __init__(self) -> None:
        self.waiting: dict[str, Request] = {}
        self.changes = 0
        self.slice = 3
        self.studio = Studio(self._keep, lambda lane: self.waiting.pop(lane, None))
        self.studio.prefixes.changed.connect(self._count)

    def _keep(self, request: Request, lane: str) -> None:
        self.waiting[lane] = request

    def _count(self) -> None:
        self.changes += 1

    def reply_to(self, request: Request) -> Reply:
        there = runner(request.model)
        match request:
            case OpenRequest():
                return there.opened
            case TraceRequest():
                return Traced(request.model, request.text, there.trace(request), request)
            case PrefixRequest():
                cut = PrefixRequest(
                    request.model, request.input, request.places[: self.slice], request.key, request.serial
                )
                return there.prefixes(cut)
        raise AssertionError(request)

    def answer(self, lane: str) -> None:
        self.studio.receive(self.reply_to(self.waiting.pop(lane)))

    def open(self, source: ModelSource) -> None:
        self.studio.sentence = SENTENCE
        self.studio.open(source)
        self.answer("open")
        self.answer("trace")


@pytest.fixture(scope="module")
def last(tmp_path_factory: pytest.TempPathFactory) -> ModelSource:
    return ModelSource(make_last_verdict(tmp_path_factory.mktemp("last")))


@pytest.fixture
def desk(last: ModelSource, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setattr(session_prefixes, "SLICE_SECONDS", 600.0)  # however slow the computer is, `slice` says where
    desk = Desk()
    desk.open(last)
    return desk


def softmax(scores: np.ndarray) -> np.ndarray:
    e = np.exp(scores.astype(np.float64))
    return np.asarray(e / e.sum(axis=-1, keepdims=True))


def test_they_come_in_slices_until_all_are_there(desk: Desk) -> None:
    prefixes = desk.studio.prefixes
    assert prefixes.needed
    assert desk.waiting == {}
    prefixes.want()
    for done in (3, 6):
        desk.answer(LANE)
        assert (prefixes.done, prefixes.total, prefixes.finished) == (done, 8, False)
        assert prefixes.probabilities is not None
        assert np.isnan(prefixes.probabilities).any(axis=1).tolist() == [False] * done + [True] * (8 - done)
    prefixes.want()
    desk.answer(LANE)
    assert prefixes.finished
    assert desk.waiting == {}
    assert desk.changes == 3
    expected = runner(ModelRef(find("sentiment-lstm").path)).trace(
        TraceRequest(ModelRef(find("sentiment-lstm").path), SENTENCE)
    )
    np.testing.assert_allclose(prefixes.probabilities, softmax(expected["logits"].values), atol=1e-6)


def test_they_give_way_to_another_sentence(desk: Desk) -> None:
    prefixes = desk.studio.prefixes
    prefixes.want()
    desk.answer(LANE)
    late = desk.reply_to(desk.waiting[LANE])
    desk.studio.type("not good")
    assert list(desk.waiting) == ["trace"]
    desk.studio.receive(late)
    assert prefixes.done == 3
    desk.answer("trace")
    assert (prefixes.done, prefixes.total, prefixes.scores) == (0, 2, None)
    assert desk.waiting == {}  # nobody wants them of this sentence yet


def test_they_go_on_when_the_other_sentence_failed(desk: Desk) -> None:
    desk.studio.prefixes.want()
    desk.answer(LANE)
    desk.studio.type("not good")
    failed = desk.waiting.pop("trace")
    desk.studio.receive(Failed(failed, WorkerError("It stopped.")))
    assert list(desk.waiting) == [LANE]
    while desk.waiting:
        desk.answer(LANE)
    assert desk.studio.prefixes.finished


def test_stopping_keeps_what_is_there(desk: Desk) -> None:
    prefixes = desk.studio.prefixes
    prefixes.want()
    desk.answer(LANE)
    desk.studio.stop()
    assert desk.waiting == {}
    assert prefixes.done == 3
    prefixes.want()
    assert list(desk.waiting) == [LANE]


def test_a_failure_is_kept_and_not_repeated(desk: Desk) -> None:
    prefixes = desk.studio.prefixes
    prefixes.want()
    desk.studio.receive(Failed(desk.waiting.pop(LANE), WorkerError("It stopped.")))
    assert prefixes.problem is not None
    assert prefixes.finished
    prefixes.want()
    assert desk.waiting == {}


def test_a_model_that_says_something_after_each_token_needs_none() -> None:
    desk = Desk()
    desk.open(find("sentiment-lstm"))
    desk.studio.prefixes.want()
    assert not desk.studio.prefixes.needed
    assert desk.waiting == {}


def test_of_a_very_long_text_only_the_first_are_run(last: ModelSource, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prefixes_file, "MOST", 5)
    desk = Desk()
    desk.open(last)
    prefixes = desk.studio.prefixes
    prefixes.want()
    while desk.waiting:
        desk.answer(LANE)
    assert prefixes.finished
    assert prefixes.scores is not None
    assert prefixes.probabilities is not None
    assert np.isnan(prefixes.probabilities).any(axis=1).tolist() == [False] * 5 + [True] * 3
    assert [prefixes.scores_at(token) is None for token in range(8)] == [False] * 5 + [True] * 3
    assert "first 5" in prefixes.note
