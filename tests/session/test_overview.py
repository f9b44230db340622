"""Overviews of patterns against those of a whole trace, worked out here; what fits at once; and giving up."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from embstudio.modelfile import catalogue
from embstudio.session.messages import ModelRef, Overview, OverviewRequest, TraceRequest
from embstudio.session.runner import Runner
from embstudio.session.stop import Cancelled, Stop
from embstudio.trace.head_measures import HeadMeasures, head_measures
from embstudio.trace.trace import Trace

SENTENCE = "The big dog ran to the old house and the cat was cute"


@pytest.fixture(scope="module")
def runner() -> Runner:
    return Runner.open(ModelRef(catalogue.find("next-word").path))


@pytest.fixture(scope="module")
def whole(runner: Runner) -> Trace:
    return runner.trace(asked(runner).input)


def asked(runner: Runner, *points: str, side: int = 128, **more: object) -> OverviewRequest:
    model = runner.opened.model
    return OverviewRequest(model, TraceRequest(model, text=SENTENCE, **more), points, side, key=7)  # type: ignore[arg-type]


def largest_of_blocks(values: np.ndarray, side: int) -> np.ndarray:
    """[query, key] cell by cell: the largest that is not NaN of each block."""
    reduced = np.full((side, side), np.nan)
    for row in range(side):
        for column in range(side):
            rows, columns = (
                slice(place * size // side, (place + 1) * size // side)
                for place, size in zip((row, column), values.shape, strict=True)
            )
            block = values[rows, columns]
            if not np.isnan(block).all():
                reduced[row, column] = np.nanmax(block)
    return reduced


@pytest.mark.parametrize("side", [3, 5])
def test_a_picture_holds_the_largest_weight_of_each_block_and_nothing_where_nothing_can_be(
    runner: Runner, whole: Trace, side: int
) -> None:
    names = tuple(whole.points("pattern"))
    reply = runner.overview(asked(runner, *names, side=side))
    assert (reply.key, reply.done, tuple(reply.patterns)) == (7, names, names)
    for name in names:
        pattern = whole[name].values.copy()
        heads, queries, keys = pattern.shape
        hidden = np.triu(np.ones((queries, keys), bool), 1)
        made = reply.patterns[name]
        assert (made.queries, made.keys, made.picture.dtype) == (queries, keys, np.float32)
        pattern[:, hidden] = np.nan
        for head in range(heads):
            np.testing.assert_array_equal(made.picture[head], largest_of_blocks(pattern[head], side))
            same_measures(made.measures[head], head_measures(whole[name].values[head], hidden))


def same_measures(one: HeadMeasures, other: HeadMeasures) -> None:
    for name in HeadMeasures.names():
        np.testing.assert_equal(getattr(one, name), getattr(other, name))


def test_a_short_text_is_not_blown_up(runner: Runner, whole: Trace) -> None:
    name = whole.points("pattern")[0]
    made = runner.overview(asked(runner, name)).patterns[name]
    assert made.picture.shape == whole[name].shape


def test_as_many_as_fit_are_made_at_once_and_the_rest_is_left(runner: Runner, whole: Trace) -> None:
    names = tuple(whole.points("pattern"))
    pattern = whole[names[0]].nbytes
    captured: list[int] = []
    whole_run = runner._engine.run
    runner._engine.run = lambda feeds, tensors, stop, **more: _weighed(captured, whole_run(feeds, tensors, stop))  # type: ignore[method-assign, assignment]
    try:
        for budget, each in ((5 * pattern, 2), (4 * pattern, 2), (3 * pattern, 1), (pattern, 1)):
            captured.clear()
            replies, left = list[Overview](), names
            while left:
                replies.append(runner.overview(asked(runner, *left, budget_bytes=budget)))
                left = left[len(replies[-1].done) :]
            assert [len(reply.done) for reply in replies] == [each] * (len(names) // each)
            assert max(captured) <= budget
            assert [name for reply in replies for name in reply.patterns] == list(names)
            assert len(captured) == len(replies)  # one run each
    finally:
        runner._engine.run = whole_run  # type: ignore[method-assign]


def _weighed(captured: list[int], values: list[np.ndarray]) -> list[np.ndarray]:
    captured.append(sum(value.nbytes for value in values))
    return values


def test_patterns_that_this_run_does_not_have_are_done_too(runner: Runner, whole: Trace) -> None:
    name = whole.points("pattern")[2]
    reply = runner.overview(asked(runner, "decoder.blocks.9.cross_attn.pattern", name))
    assert reply.done == ("decoder.blocks.9.cross_attn.pattern", name)
    assert list(reply.patterns) == [name]
    assert runner.overview(asked(runner, "blocks.99.attn.pattern")).patterns == {}


def test_it_is_given_up_between_heads(runner: Runner, whole: Trace) -> None:
    stop = Stop()
    stop.set()
    with pytest.raises(Cancelled):
        runner.overview(asked(runner, *whole.points("pattern")), stop)


@pytest.mark.zoo
def test_what_a_mask_hides_is_nothing(zoo: Path) -> None:
    runner = Runner.open(ModelRef(zoo / "gemma2-ts-eager" / "model.onnx"))
    model = runner.opened.model
    request = TraceRequest(model, ids=tuple(range(1, 41)))
    whole = runner.trace(request)
    names = tuple(whole.points("pattern"))
    made = runner.overview(OverviewRequest(model, request, names)).patterns
    assert any((whole[f"{name.removesuffix('pattern')}scores"].values <= -6e4).any() for name in names)
    for name in names:
        hidden = (whole[f"{name.removesuffix('pattern')}scores"].values <= -6e4).all(axis=0)
        np.testing.assert_array_equal(np.isnan(made[name].picture), np.broadcast_to(hidden, whole[name].shape))
