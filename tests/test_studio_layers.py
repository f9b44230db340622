"""A layer that the trace lacks: asked for once, joined when it comes, dropped when the sentence has changed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from embstudio.anatomy.anatomy import Block, PointSource
from embstudio.base.errors import StudioError
from embstudio.session.messages import Failed, Traced, TraceRequest
from embstudio.trace.axes import NamedArray
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
    half.studio.want_layer(1)
    half.studio.want_layer(1)
    ((request, _lane),) = half.asked
    assert isinstance(request, TraceRequest)
    assert (request.text, request.points, request.layer) == ("one two three", POINTS[2:], 1)
    assert half.studio.fetching == 1
    half.studio.receive(attended("one two three", *POINTS[2:], request=request))
    assert half.studio.fetching is None
    assert half.studio.trace is not None
    assert set(half.studio.trace.arrays) == set(POINTS)
    assert (half.studio.cursor.token, half.studio.cursor.layer) == (2, 1)
    assert len(changes) == 1
    half.studio.want_layer(1)
    assert len(half.asked) == 1


def test_a_layer_of_a_sentence_that_is_gone_is_not_joined(half: Desk) -> None:
    half.studio.want_layer(1)
    request = half.last
    assert isinstance(request, TraceRequest)
    late = attended("one two three", *POINTS[2:], request=request)
    half.studio.type("four five six")
    assert half.studio.fetching is None
    half.studio.receive(attended("four five six", *POINTS[:2]))
    half.studio.receive(late)
    assert half.studio.trace is not None
    assert set(half.studio.trace.arrays) == set(POINTS[:2])


def test_a_layer_that_fails_leaves_all_as_it_was(half: Desk) -> None:
    half.studio.want_layer(1)
    request = half.last
    half.studio.receive(Failed(request, StudioError("There is not enough memory for this.")))
    assert [notice.text for notice in half.said] == ["There is not enough memory for this."]
    assert half.studio.fetching is None
    assert not half.studio.busy
    half.studio.want_layer(1)
    assert len(half.asked) == 2
