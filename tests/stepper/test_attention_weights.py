"""Weights as pictures and lists want them, against the same worked out plainly from the arrays of a trace."""

from __future__ import annotations

import numpy as np
import pytest

from embstudio.formulas.attention import causal_mask, softmax
from embstudio.stepper.attention_weights import AttentionWeights
from embstudio.trace.attention_stacks import AttentionStack, attention_stacks
from embstudio.trace.axes import NamedArray
from embstudio.trace.head_measures import head_measures
from embstudio.trace.pattern_overview import overviews
from embstudio.trace.token import Token
from embstudio.trace.trace import Provenance, Trace

HEADS, COUNT, PAST = 4, 6, 3
RNG = np.random.default_rng(11)
AXES = ("head", "query", "key")


def tokens(count: int, special: tuple[int, ...] = ()) -> tuple[Token, ...]:
    return tuple(Token(f"w{n}", f"w{n}", n, special=n in special) for n in range(count))


def patterns(layers: int, queries: int = COUNT, keys: int = COUNT, mask: np.ndarray | None = None) -> list[np.ndarray]:
    scores = RNG.standard_normal((layers, HEADS, queries, keys)) * 2 + (0 if mask is None else mask)
    return [softmax(layer).astype(np.float32) for layer in scores]


def trace(
    held: dict[str, np.ndarray], special: tuple[int, ...] = (), past: tuple[Token, ...] = (),
    target: tuple[Token, ...] = (),
) -> Trace:  # fmt: skip
    arrays = {name: NamedArray(values, AXES if name.endswith(("pattern", "scores")) else ("kv_head", "key", "d_head"))
              for name, values in held.items()}  # fmt: skip
    return Trace("m", "t", tokens(COUNT, special), arrays, dict.fromkeys(arrays, Provenance.OBSERVED), past=past,
                 target=target)  # fmt: skip


def plain(layers: int, **more: object) -> AttentionWeights:
    held = {f"blocks.{n}.attn.pattern": each for n, each in enumerate(patterns(layers, mask=causal_mask(COUNT)))}
    made = trace(held, **more)  # type: ignore[arg-type]
    return AttentionWeights(made, attention_stacks(made)[0])


def test_layers_that_the_trace_lacks_are_known_from_the_names_of_the_model() -> None:
    names = [f"blocks.{n}.attn.{part}" for n in range(5) for part in ("q", "pattern")]
    made = trace({"blocks.3.attn.pattern": patterns(1)[0]})
    (stack,) = attention_stacks(made, names)
    assert stack.layers == (0, 1, 2, 3, 4)
    weights = AttentionWeights(made, stack, {0: 2})
    assert weights.held == (3,)
    assert [weights.heads(n) for n in range(5)] == [2, HEADS, HEADS, HEADS, HEADS]
    assert [weights.shape(n) for n in (0, 3)] == [(COUNT, COUNT), (COUNT, COUNT)]


def test_nothing_captured_at_all_still_knows_its_tokens() -> None:
    made = trace({})
    (stack,) = attention_stacks(made, ["blocks.0.attn.pattern"])
    weights = AttentionWeights(made, stack, {0: 8})
    assert (weights.shape(0), weights.heads(0), weights.captured(0)) == ((COUNT, COUNT), 8, False)


def test_a_causal_head_is_empty_where_it_cannot_look() -> None:
    weights = plain(2)
    for head in range(HEADS):
        shown = weights.head(1, head)
        later = np.triu(np.ones((COUNT, COUNT), bool), 1)
        assert np.isnan(shown[later]).all()
        np.testing.assert_array_equal(shown[~later], weights.trace["blocks.1.attn.pattern"].values[head][~later])


@pytest.mark.parametrize("special", [(), (0, COUNT - 1), (2,)])
def test_set_aside_each_row_is_its_shares_of_the_rest(special: tuple[int, ...]) -> None:
    weights = plain(1, special=special)
    away = sorted({0, *special})  # a causal model rests on the first token whatever it is
    assert np.flatnonzero(weights.aside(0)).tolist() == away
    pattern = weights.trace["blocks.0.attn.pattern"].values
    layer, hidden = weights.layer(0, aside=True)
    for head in range(HEADS):
        shown = weights.head(0, head, aside=True)
        for query in range(COUNT):
            rest = {key: float(pattern[head, query, key]) for key in range(query + 1) if key not in away}
            for key in range(COUNT):
                if key in rest:
                    assert shown[query, key] == pytest.approx(rest[key] / sum(rest.values()), rel=1e-5)
                    assert layer[head, query, key] == pytest.approx(shown[query, key], rel=1e-5)
                else:
                    assert np.isnan(shown[query, key])
                    assert hidden[query, key]
    np.testing.assert_array_equal(weights.head(0, 1), plain_head(weights, 1))  # the model's own are untouched


def plain_head(weights: AttentionWeights, head: int) -> np.ndarray:
    values = weights.trace["blocks.0.attn.pattern"].values[head].copy()
    values[np.triu_indices(COUNT, 1)] = np.nan
    return values


def test_a_model_that_looks_both_ways_rests_on_its_special_tokens_only() -> None:
    made = trace({"blocks.0.attn.pattern": patterns(1)[0]}, special=(COUNT - 1,))
    weights = AttentionWeights(made, attention_stacks(made)[0])
    assert np.flatnonzero(weights.aside(0)).tolist() == [COUNT - 1]


def test_cached_tokens_stand_first_on_the_key_axis() -> None:
    mask = np.triu(np.full((COUNT, PAST + COUNT), -np.inf), 1 + PAST)
    pattern = patterns(1, COUNT, PAST + COUNT, mask)[0]
    made = trace({"blocks.0.attn.pattern": pattern}, past=tokens(PAST))
    weights = AttentionWeights(made, attention_stacks(made)[0])
    assert len(weights.keys(0)) == PAST + COUNT
    np.testing.assert_array_equal(weights.hidden(0), np.isinf(mask))
    assert weights.measures(0, 1) == head_measures(pattern[1], np.isinf(mask), offset=PAST)


def test_what_goes_to_no_token() -> None:
    pattern = patterns(1)[0]
    pattern[2] *= np.float32(0.75)
    made = trace({"blocks.0.attn.pattern": pattern})
    weights = AttentionWeights(made, attention_stacks(made)[0])
    assert weights.unassigned(0, 2, 3) == pytest.approx(0.25, abs=1e-6)
    assert weights.unassigned(0, 1, 3) == 0


def test_heads_that_share_a_key_value_head() -> None:
    k = RNG.random((2, COUNT, 5)).astype(np.float32)
    made = trace({"blocks.0.attn.pattern": patterns(1)[0], "blocks.0.attn.k": k})
    weights = AttentionWeights(made, attention_stacks(made)[0])
    assert [weights.kv_head(0, head) for head in range(HEADS)] == [(0, 2), (0, 2), (1, 2), (1, 2)]


def test_cross_attention_is_between_two_sentences() -> None:
    pattern = patterns(1, 2, COUNT)[0]
    made = trace({"decoder.blocks.0.cross_attn.pattern": pattern}, target=tokens(2))
    stack = AttentionStack("decoder", "cross_attn", (0,))
    weights = AttentionWeights(made, stack)
    assert (len(weights.queries(0)), len(weights.keys(0))) == (2, COUNT)
    assert not weights.hidden(0).any()
    assert np.isnan(weights.measures(0, 0).itself)


def test_an_overview_stands_for_a_layer_that_is_not_held() -> None:
    whole = plain(3, special=(COUNT - 1,))
    there = overviews(whole.trace, ["blocks.1.attn.pattern"], 4, lambda: None)
    arrays = {name: array for name, array in whole.trace.arrays.items() if ".0." in name}
    made = Trace("m", "t", tokens(COUNT, (COUNT - 1,)), arrays, whole.trace.provenance)
    weights = AttentionWeights(made, whole.stack, overviews=there)
    assert (weights.heads(1), weights.shape(1)) == (HEADS, (COUNT, COUNT))
    assert not weights.captured(1)
    assert [weights.measured(layer, 0) for layer in range(3)] == [False, True, False]
    assert weights.measures(1, 2) == whole.measures(1, 2)
    assert weights.overview(0) is None
    assert weights.overview(2) is None


def test_layers_of_several_tokens_together_are_counted_for_themselves() -> None:
    held = {"blocks.0.attn.pattern": patterns(1)[0], "blocks.1.attn.pattern": patterns(1, 3, COUNT)[0],
            "blocks.2.attn.pattern": patterns(1, 3, 3)[0]}  # fmt: skip
    made = trace(held, special=(0, COUNT - 1))
    weights = AttentionWeights(made, attention_stacks(made)[0])
    assert [weights.shape(n) for n in range(3)] == [(COUNT, COUNT), (3, COUNT), (3, 3)]
    assert [(len(weights.queries(n)), len(weights.keys(n))) for n in range(3)] == [(COUNT, COUNT), (0, COUNT), (0, 0)]
    assert [np.flatnonzero(weights.aside(n)).tolist() for n in range(3)] == [[0, COUNT - 1], [0, COUNT - 1], [0]]
    assert weights.head(1, 0, aside=True).shape == (3, COUNT)
    for layer, known in ((0, True), (1, False), (2, True)):
        assert np.isnan(weights.measures(layer, 1).distance) == (not known)
