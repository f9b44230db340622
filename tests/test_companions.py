"""Models beside the open one: real replies of the real session, one at a time, in any order."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest

from embstudio.base.errors import StudioError
from embstudio.modelfile.catalogue import ModelSource, find
from embstudio.session.execution.way import Way
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
from embstudio.studio import Notice, Studio
from embstudio.studio.companions import MOST, Companions

SENTENCE = "the dog was cute but it was loud"


@lru_cache(maxsize=8)
def runner(model: ModelRef) -> Runner:
    return Runner.open(model)


def reply_to(request: Request) -> Reply:
    """What the worker would answer."""
    try:
        there = runner(request.model)
        match request:
            case OpenRequest():
                return replace(there.opened, key=request.key)
            case TraceRequest():
                return Traced(request.model, request.text, there.trace(request), request)
            case PrefixRequest():
                return there.prefixes(request)
    except StudioError as error:
        return Failed(request, error)
    raise AssertionError(request)


class Desk:
    """A studio whose requests wait, one a lane, until they are answered here."""

    def __init__(self) -> None:
        self.waiting: dict[str, Request] = {}
        self.said: list[Notice] = []
        self.changes = 0
        self.studio = Studio(self._keep, lambda lane: self.waiting.pop(lane, None))
        self.studio.sentence = SENTENCE
        self.studio.noticed.connect(self.said.append)
        self.studio.companions.changed.connect(self._count)
        self.studio.tokenizer_wanted.connect(lambda source: self.studio.open_with_tokenizer(source, None))

    def _keep(self, request: Request, lane: str) -> None:
        self.waiting.pop(lane, None)
        self.waiting[lane] = request

    def _count(self) -> None:
        self.changes += 1

    @property
    def companions(self) -> Companions:
        return self.studio.companions

    def answer(self, lane: str) -> None:
        self.studio.receive(reply_to(self.waiting.pop(lane)))

    def settle(self) -> None:
        """Answer all that waits, oldest first, and what that brings."""
        while self.waiting:
            self.answer(next(iter(self.waiting)))

    def open(self, model: str | ModelSource) -> None:
        self.studio.open(model)
        self.settle()


@pytest.fixture
def desk() -> Desk:
    desk = Desk()
    desk.open("sentiment-lstm")
    return desk


@pytest.fixture(scope="session")
def lonely(tmp_path_factory: pytest.TempPathFactory) -> ModelSource:
    """A model without a tokenizer: the LSTM's file alone."""
    path = tmp_path_factory.mktemp("lonely") / "lonely.onnx"
    path.write_bytes(find("sentiment-lstm").path.read_bytes())
    return ModelSource(path)


@pytest.fixture
def broken(tmp_path: Path) -> ModelSource:
    path = tmp_path / "broken.onnx"
    path.write_bytes(b"%PDF-1.7 no model at all")
    return ModelSource(path)


def test_nothing_is_opened_before_somebody_wants_it(desk: Desk) -> None:
    member = desk.companions.add("sentiment-rnn")
    assert member is not None
    assert desk.companions.members == (member,)
    assert desk.waiting == {}
    desk.companions.want()
    assert list(desk.waiting) == [f"companion:{member.key}:open"]
    assert member.busy


def test_it_reads_the_sentence_that_is_shown(desk: Desk) -> None:
    shown = desk.studio.trace
    member = desk.companions.add("sentiment-rnn")
    desk.companions.want()
    desk.settle()
    assert desk.studio.trace is shown
    assert member is not None
    assert member.trace is not None
    assert member.trace.text == SENTENCE
    assert desk.companions.current(member)
    expected = runner(member.opened.model).trace(TraceRequest(member.opened.model, text=SENTENCE))  # type: ignore[union-attr]
    np.testing.assert_array_equal(member.trace["logits"].values, expected["logits"].values)
    assert set(member.trace.arrays) == {"logits", "rnn.0.forward.h"}
    desk.companions.want()
    assert desk.waiting == {}


def test_a_sentence_that_is_typed_goes_to_all_and_to_the_open_model_first(desk: Desk) -> None:
    members = [desk.companions.add(name) for name in ("sentiment-rnn", "next-word")]
    desk.companions.want()
    desk.settle()
    desk.studio.type("not good")
    assert list(desk.waiting) == ["trace"]
    desk.answer("trace")
    desk.companions.want()
    assert list(desk.waiting) == [f"companion:{member.key}:trace" for member in members if member]
    assert not any(desk.companions.current(member) for member in members if member)
    desk.settle()
    assert [member.trace.text for member in members if member and member.trace] == ["not good"] * 2


def test_what_is_underway_gives_way_to_the_open_model_and_is_asked_for_again(desk: Desk) -> None:
    member = desk.companions.add("sentiment-rnn")
    desk.companions.want()
    desk.settle()
    assert member is not None
    desk.studio.type("not bad at all")
    desk.answer("trace")
    desk.companions.want()
    desk.studio.type("not good")
    assert list(desk.waiting) == ["trace"]
    desk.answer("trace")
    assert list(desk.waiting) == [f"companion:{member.key}:trace"]  # without anybody asking anew
    desk.settle()
    assert member.trace is not None
    assert member.trace.text == "not good"


def test_an_answer_of_the_sentence_before_is_passed_over(desk: Desk) -> None:
    member = desk.companions.add("sentiment-rnn")
    desk.companions.want()
    desk.answer(f"companion:{member.key}:open")  # type: ignore[union-attr]
    late = reply_to(desk.waiting[f"companion:{member.key}:trace"])  # type: ignore[union-attr]
    desk.studio.type("not good")
    desk.studio.receive(late)
    desk.settle()
    assert member is not None
    assert member.trace is not None
    assert member.trace.text == "not good"


def test_a_model_that_fails_disturbs_nobody(desk: Desk, broken: ModelSource) -> None:
    bad, good = desk.companions.add(broken), desk.companions.add("sentiment-rnn")
    desk.companions.want()
    desk.settle()
    assert bad is not None
    assert good is not None
    assert bad.problem is not None
    assert bad.problem.advice
    assert (bad.trace, bad.busy) == (None, False)
    assert desk.companions.current(good)
    assert desk.said == []
    desk.studio.type("not good")
    desk.settle()
    desk.companions.want()
    desk.settle()
    assert desk.companions.current(good)
    assert bad.problem is not None  # and it is not tried at each sentence
    broken.path.write_bytes(find("sentiment-rnn").path.read_bytes())
    desk.companions.add(ModelSource(broken.path, find("sentiment-rnn").tokenizer))
    desk.companions.want()
    desk.settle()
    assert bad.problem is None
    assert desk.companions.current(bad)


def test_a_model_without_a_tokenizer_says_so(desk: Desk, lonely: ModelSource) -> None:
    member = desk.companions.add(lonely)
    desk.companions.want()
    desk.settle()
    assert member is not None
    assert member.problem is not None
    assert "tokenizer" in member.problem.what
    assert str(lonely.path) in member.problem.where
    assert desk.said == []


def test_numbers_go_to_models_that_read_numbers(lonely: ModelSource, tmp_path: Path) -> None:
    other = tmp_path / "other.onnx"
    other.write_bytes(find("sentiment-rnn").path.read_bytes())
    desk = Desk()
    desk.studio.sentence = "5 12 7"
    desk.open(lonely)
    numbers, words = desk.companions.add(ModelSource(other)), desk.companions.add("sentiment-rnn")
    desk.companions.want()
    desk.settle()
    assert numbers is not None
    assert words is not None
    assert numbers.trace is not None
    assert [token.id for token in numbers.trace.tokens] == [5, 12, 7]
    assert words.problem is not None
    assert "numbers" in words.problem.what


def test_the_open_model_is_never_there_twice(desk: Desk) -> None:
    assert desk.companions.add("sentiment-lstm") is None
    assert len(desk.said) == 1
    rnn, words = desk.companions.add("sentiment-rnn"), desk.companions.add("next-word")
    assert desk.companions.add("sentiment-rnn") is rnn
    assert desk.companions.members == (rnn, words)
    desk.open("sentiment-rnn")
    assert desk.companions.members == (words,)
    assert desk.companions.lanes == (None, words)
    desk.open("sentiment-lstm")
    assert desk.companions.members == (rnn, words)
    desk.companions.want()
    desk.settle()
    assert rnn is not None
    assert desk.companions.current(rnn)


def test_leading_swaps_two_lanes_and_moves_none(desk: Desk) -> None:
    rnn, words = desk.companions.add("sentiment-rnn"), desk.companions.add("next-word")
    assert rnn is not None
    assert desk.companions.lanes == (None, rnn, words)
    desk.companions.lead(rnn)
    desk.settle()
    assert desk.studio.document.source.name == "sentiment-rnn"  # type: ignore[union-attr]
    first, second, third = desk.companions.lanes
    assert first is not None
    assert first.source.name == "sentiment-lstm"
    assert (second, third) == (None, words)


def test_they_are_remembered(desk: Desk, lonely: ModelSource, tmp_path: Path) -> None:
    for model in ("sentiment-rnn", lonely):
        desk.companions.add(model)
    names = desk.companions.names
    assert names == ["sentiment-rnn", str(lonely.path)]
    later = Desk()
    later.companions.restore([*names, str(tmp_path / "gone.onnx"), "sentiment-rnn"])
    assert later.companions.names == names
    assert len(later.said) == 1
    assert "gone.onnx" in later.said[0].text


def test_removing_one_takes_back_what_it_asked_for(desk: Desk) -> None:
    rnn, words = desk.companions.add("sentiment-rnn"), desk.companions.add("next-word")
    desk.companions.want()
    assert rnn is not None
    desk.companions.remove(rnn)
    assert desk.companions.members == (words,)
    assert f"companion:{rnn.key}:open" not in desk.waiting
    before = desk.changes
    desk.companions.clear()
    assert desk.companions.members == ()
    assert desk.waiting == {}
    assert desk.changes > before


def test_there_is_an_end_to_them(desk: Desk, tmp_path: Path) -> None:
    for number in range(MOST + 1):
        path = tmp_path / f"{number}.onnx"
        path.write_bytes(b"")
        desk.companions.add(ModelSource(path))
    assert len(desk.companions.members) == MOST
    assert len(desk.said) == 1
    assert str(MOST) in desk.said[0].text


def test_stopping_says_so_until_something_else_is_typed(desk: Desk) -> None:
    member = desk.companions.add("sentiment-rnn")
    desk.companions.want()
    desk.studio.stop()
    assert desk.waiting == {}
    assert member is not None
    assert member.problem is not None
    assert not member.busy
    desk.companions.want()
    assert desk.waiting == {}
    desk.studio.type("not good")
    desk.settle()
    desk.companions.want()
    desk.settle()
    assert member.problem is None
    assert desk.companions.current(member)


def test_another_provider_is_another_one_for_all(desk: Desk) -> None:
    desk.companions.add("sentiment-gru")
    desk.companions.want()
    desk.settle()
    (member,) = desk.companions.members
    assert member.opened is not None
    assert member.opened.model.provider == ""
    before = member.trace
    desk.studio.devices.choose(Way("cpu", half=True))
    desk.settle()
    desk.companions.want()
    assert member.trace is None  # of the provider before
    desk.settle()
    assert member.opened.model.provider == "cpu-fp16"
    assert member.trace is not None
    assert before is not None
    assert (member.trace["logits"].values != before["logits"].values).any()
