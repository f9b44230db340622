"""Layers that the trace lacks: asked for once, joined when they come, dropped when the sentence has changed; and the
overview of their patterns, which lets everything else go first."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from embstudio.anatomy.anatomy import Block, PointSource
from embstudio.base.errors import StudioError
from embstudio.session.messages import Failed, Overview, OverviewRequest, Traced, TraceRequest
from embstudio.studio import AHEAD_BYTES
from embstudio.trace.axes import NamedArray
from embstudio.trace.pattern_overview import PatternOverview
from embstudio.trace.token import Token
from embstudio.trace.trace import Provenance, Trace
from tests.test_studio import A, Desk, opened, ref

POINTS = tuple(f"blocks.{layer}.attn.{part}" for layer in (0, 1) for part in ("scores", "pattern"))


def attended(text: str, *points: str, request: TraceRequest | None = None) -> Traced:
    count = len(text.split())
    tokens = tuple(Token(word, word, number) for number, word in enumerate(text.split()))
    arrays = {name: NamedArray(np.ones((2, count, count), np.float32), ("head", "query", "key")) for name in points}
    trace = Trace(str(A.path), text, tokens, arrays, dict.fromkeys(arrays, Provenance.OBSERVED))
    return Traced(ref(A), text, trace, request or TraceRequest(ref(A), text=text))


@pytest.fixture
def half() -> Desk:
    """A studio whose trace lacks the attention of layer 1."""
    desk = Desk()
    sources = tuple(PointSource(name, ("head", "query", "key")) for name in POINTS)
    blocks = tuple(Block("", layer, ()) for layer in (0, 1))
    it = opened(A)
    desk.studio.sentence = "one two three"
    desk.studio.open(A)
    desk.studio.receive(replace(it, anatomy=replace(it.anatomy, recurrent=(), blocks=blocks, points=sources)))
    desk.studio.receive(attended("one two three", *POINTS[:2]))
    desk.asked.clear()
    return desk


def test_a_layer_that_is_missing_is_asked_for_once_and_joined(half: Desk) -> None:
    changes: list[None] = []
    half.studio.trace_changed.connect(lambda: changes.append(None))
    half.studio.cursor.move(token=2, layer=1)
    half.studio.lacking.want_layer(1)
    half.studio.lacking.want_layer(1)
    ((request, _lane),) = half.asked
    assert isinstance(request, TraceRequest)
    assert (request.text, request.points, request.layer) == ("one two three", POINTS[2:], 1)
    assert half.studio.lacking.fetching == 1
    half.studio.receive(attended("one two three", *POINTS[2:], request=request))
    assert half.studio.lacking.fetching is None
    assert half.studio.trace is not None
    assert set(half.studio.trace.arrays) == set(POINTS)
    assert (half.studio.cursor.token, half.studio.cursor.layer) == (2, 1)
    assert len(changes) == 1
    half.studio.lacking.want_layer(1)
    assert len(half.asked) == 1


def test_a_layer_of_a_sentence_that_is_gone_is_not_joined(half: Desk) -> None:
    half.studio.lacking.want_layer(1)
    request = half.last
    assert isinstance(request, TraceRequest)
    late = attended("one two three", *POINTS[2:], request=request)
    half.studio.type("four five six")
    assert half.studio.lacking.fetching is None
    half.studio.receive(attended("four five six", *POINTS[:2]))
    half.studio.receive(late)
    assert half.studio.trace is not None
    assert set(half.studio.trace.arrays) == set(POINTS[:2])


def test_a_layer_that_fails_leaves_all_as_it_was(half: Desk) -> None:
    half.studio.lacking.want_layer(1)
    request = half.last
    half.studio.receive(Failed(request, StudioError("There is not enough memory for this.")))
    assert [notice.text for notice in half.said] == ["There is not enough memory for this."]
    assert half.studio.lacking.fetching is None
    assert not half.studio.busy
    half.studio.lacking.want_layer(1)
    assert len(half.asked) == 2


# Layers that there was no room for ------------------------------------------------------------------------------


def without(reply: Traced, *points: str) -> Traced:
    """The same with points left out for want of room."""
    return replace(reply, trace=replace(reply.trace, omitted=dict.fromkeys(points, 400)))


@pytest.fixture
def tight(half: Desk) -> Desk:
    """A studio whose trace had no room for layer 1."""
    half.studio.type("one two four")
    request = half.last
    assert isinstance(request, TraceRequest)
    half.studio.receive(without(attended("one two four", *POINTS[:2], request=request), *POINTS[2:]))
    half.asked.clear()
    return half


def test_each_input_is_run_for_the_layer_that_is_looked_at(tight: Desk) -> None:
    tight.studio.cursor.move(layer=1)
    tight.studio.type("five six seven")
    request = tight.last
    assert isinstance(request, TraceRequest)
    assert (request.layer, request.ahead_bytes, request.points) == (1, AHEAD_BYTES, ())


def test_going_to_a_layer_fetches_it(tight: Desk) -> None:
    tight.studio.cursor.move(layer=1)
    ((request, lane),) = tight.asked
    assert isinstance(request, TraceRequest)
    assert (request.points, request.layer, lane) == (POINTS[2:], 1, "layer")
    tight.studio.cursor.move(token=2)
    assert len(tight.asked) == 1


def test_a_trace_that_came_for_another_layer_is_made_complete(tight: Desk) -> None:
    tight.studio.type("five six seven")
    request = tight.last
    assert isinstance(request, TraceRequest)
    tight.studio.cursor.move(layer=1)
    assert len(tight.asked) == 1  # the trace first
    tight.studio.receive(without(attended("five six seven", *POINTS[:2], request=request), *POINTS[2:]))
    fetch = tight.last
    assert isinstance(fetch, TraceRequest)
    assert (fetch.text, fetch.points, fetch.layer) == ("five six seven", POINTS[2:], 1)


def test_what_does_not_fit_even_alone_is_not_asked_for_again(tight: Desk) -> None:
    tight.studio.cursor.move(layer=1)
    request = tight.last
    assert isinstance(request, TraceRequest)
    tight.studio.receive(without(attended("one two four", POINTS[3], request=request), POINTS[2]))
    assert tight.studio.lacking.fetching is None
    tight.studio.cursor.move(layer=0)
    tight.studio.cursor.move(layer=1)
    assert len(tight.asked) == 1


def test_a_layer_that_fails_is_fetched_again_only_when_asked_for(tight: Desk) -> None:
    tight.studio.cursor.move(layer=1)
    tight.studio.receive(Failed(tight.last, StudioError("There is not enough memory for this.")))
    tight.studio.cursor.move(layer=0)
    tight.studio.cursor.move(layer=1)
    assert len(tight.asked) == 1
    tight.studio.lacking.want_layer(1)
    assert len(tight.asked) == 2


# The overview ---------------------------------------------------------------------------------------------------


def made(request: OverviewRequest, count: int = 1) -> Overview:
    """What the worker says to a request of which `count` patterns fit at once."""
    done = request.points[:count]
    return Overview(
        request.model, request.key, done, dict.fromkeys(done, PatternOverview(np.ones((2, 3, 3)), (), 3, 3))
    )


@pytest.fixture
def bare() -> Desk:
    """A studio whose trace lacks both layers' patterns."""
    desk = Desk()
    sources = tuple(PointSource(name, ("head", "query", "key")) for name in POINTS)
    blocks = tuple(Block("", layer, ()) for layer in (0, 1))
    it = opened(A)
    desk.studio.sentence = "one two three"
    desk.studio.open(A)
    desk.studio.receive(replace(it, anatomy=replace(it.anatomy, recurrent=(), blocks=blocks, points=sources)))
    desk.studio.receive(attended("one two three", POINTS[0]))
    desk.asked.clear()
    return desk


def overview_asked(desk: Desk) -> OverviewRequest:
    request, lane = desk.asked[-1]
    assert isinstance(request, OverviewRequest)
    assert lane == "overview"
    return request


def test_the_overview_is_asked_for_until_it_is_complete(bare: Desk) -> None:
    told: list[int] = []
    bare.studio.lacking.overview_changed.connect(lambda: told.append(len(bare.studio.lacking.overview.patterns)))
    bare.studio.lacking.want_overview()
    bare.studio.lacking.want_overview()
    assert len(bare.asked) == 1
    first = overview_asked(bare)
    assert first.points == (POINTS[1], POINTS[3])
    assert first.input.text == "one two three"
    bare.studio.receive(made(first))
    second = overview_asked(bare)
    assert second.points == (POINTS[3],)
    bare.studio.receive(made(first))  # a late answer
    assert bare.studio.lacking.overview.unfinished
    bare.studio.receive(made(second))
    assert told == [1, 2]
    assert not bare.studio.lacking.overview.unfinished
    bare.studio.lacking.want_overview()
    assert len(bare.asked) == 2


def test_the_overview_lets_everything_else_go_first(bare: Desk) -> None:
    bare.studio.lacking.want_overview()
    first = overview_asked(bare)
    bare.studio.lacking.want_layer(1)
    assert bare.cancelled[-1] == "overview"
    fetch = bare.last
    assert isinstance(fetch, TraceRequest)
    bare.studio.receive(made(first))  # it was on its way already
    assert not bare.studio.lacking.overview.patterns
    bare.studio.receive(attended("one two three", *POINTS[2:], request=fetch))
    again = overview_asked(bare)
    assert again.points == first.points
    bare.studio.type("four five six")
    assert bare.cancelled[-1] == "overview"
    bare.studio.receive(attended("four five six", POINTS[0]))
    assert not bare.studio.lacking.overview.patterns
    assert not bare.studio.lacking.overview.unfinished  # until somebody wants that of the new text


def test_a_text_that_fails_leaves_the_overview_going_on(bare: Desk) -> None:
    bare.studio.lacking.want_overview()
    bare.studio.type("four five six")
    bare.studio.receive(Failed(bare.last, StudioError("The text is not understood.")))
    assert overview_asked(bare).input.text == "one two three"


def test_an_overview_that_fails_or_is_stopped_is_not_tried_over_and_over(bare: Desk) -> None:
    bare.studio.lacking.want_overview()
    bare.studio.receive(Failed(overview_asked(bare), StudioError("There is not enough memory for this.")))
    assert len(bare.asked) == 1
    assert not bare.studio.lacking.overview.unfinished
    bare.studio.lacking.want_overview()
    assert len(bare.asked) == 2
    bare.studio.stop()
    assert "overview" in bare.cancelled
    bare.studio.cursor.move(layer=1)
    assert len(bare.asked) == 2
