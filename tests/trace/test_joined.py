"""Joining what came later to a trace: nothing is lost that fits, and what has to go is far away and heavy."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from embstudio.trace.axes import NamedArray
from embstudio.trace.joined import joined
from embstudio.trace.token import Token
from embstudio.trace.trace import Provenance, Trace

TOKENS = 10
HEADS = 3
PATTERN = HEADS * TOKENS * TOKENS * 4  # bytes


def pattern(seed: int) -> NamedArray:
    values = np.random.default_rng(seed).random((HEADS, TOKENS, TOKENS), dtype=np.float32)
    return NamedArray(values, ("head", "query", "key"))


def trace(*layers: int) -> Trace:
    tokens = tuple(Token(str(n), str(n), n) for n in range(TOKENS))
    arrays = {f"blocks.{layer}.attn.pattern": pattern(layer) for layer in layers}
    arrays["embed"] = NamedArray(np.zeros((TOKENS, 5000), np.float32), ("pos", "d_model"))
    return Trace("m.onnx", "text", tokens, arrays, dict.fromkeys(arrays, Provenance.OBSERVED))


def test_all_is_kept_that_fits() -> None:
    both = joined(trace(0, 1), trace(4), 4, 10**9)
    assert both.points("pattern") == [f"blocks.{layer}.attn.pattern" for layer in (0, 1, 4)]
    np.testing.assert_array_equal(both["blocks.4.attn.pattern"].values, pattern(4).values)
    assert both.provenance["blocks.4.attn.pattern"] is Provenance.OBSERVED


def test_the_farthest_patterns_make_room_and_nothing_else_does() -> None:
    room = trace(0, 3, 5).nbytes + 1
    both = joined(trace(0, 3, 9), trace(5), 5, room)
    assert "blocks.0.attn.pattern" not in both  # five layers away
    assert "blocks.9.attn.pattern" in both  # four
    assert "embed" in both


def test_scores_go_before_patterns() -> None:
    more = trace(0, 3)
    scores = {"blocks.3.attn.scores": pattern(9), "blocks.5.attn.scores": pattern(8)}
    arrays = {**more.arrays, **scores}
    more = replace(more, arrays=arrays, provenance=dict.fromkeys(arrays, Provenance.OBSERVED))
    both = joined(more, trace(5), 5, more.nbytes + 1)
    assert "blocks.3.attn.scores" not in both
    assert both.points("pattern") == [f"blocks.{layer}.attn.pattern" for layer in (0, 3, 5)]
    assert "blocks.5.attn.scores" in both  # of the layer that was asked for


def test_what_only_far_layers_need_goes_before_what_they_write() -> None:
    width = np.zeros((TOKENS, 5000), np.float32)
    parts = ("resid_post", "mlp.out", "mlp.hidden")
    own = {f"blocks.{n}.{part}": NamedArray(width, ("pos", "d_model" if part != "mlp.hidden" else "d_mlp"))
           for n in (0, 5) for part in parts}  # fmt: skip
    large = replace(trace(), arrays=own, provenance=dict.fromkeys(own, Provenance.OBSERVED))
    both = joined(large, trace(5), 5, large.nbytes + PATTERN)
    assert [name for name in own if name not in both] == ["blocks.0.mlp.hidden"]
    both = joined(large, trace(5), 5, 1)
    assert [name for name in own if name not in both] == ["blocks.0.mlp.out", "blocks.0.mlp.hidden"]
    assert set(both.omitted) == {"blocks.0.mlp.out", "blocks.0.mlp.hidden"}


def test_the_layer_that_was_asked_for_stays_even_where_it_is_too_large() -> None:
    both = joined(trace(0, 1), trace(4), 4, PATTERN // 2)
    assert both.points("pattern") == ["blocks.4.attn.pattern"]


def test_another_input_is_refused() -> None:
    other = replace(trace(4), tokens=trace(4).tokens[:-1])
    with pytest.raises(ValueError, match="same tokens"):
        joined(trace(0), other, 4, 10**9)
