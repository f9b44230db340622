"""Where a word is expected: after a token, instead of one, at the end of a decoder's text."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from embstudio.stepper.gap import end_place, fills_gaps, gap_at
from embstudio.trace.axes import NamedArray
from embstudio.trace.token import Token
from embstudio.trace.trace import Provenance, Trace

MASK = 9
SCORES = np.random.default_rng(4).normal(size=(4, 12)).astype(np.float32)
CAUSAL = np.tril(np.ones((1, 4, 4), np.float32))


def trace_of(pattern: np.ndarray | None, ids: tuple[int, ...] = (3, 5, 7, 2)) -> Trace:
    arrays = {"logits": NamedArray(SCORES, ("pos", "vocab"))}
    if pattern is not None:
        arrays["blocks.0.attn.pattern"] = NamedArray(pattern, ("head", "query", "key"))
    tokens = tuple(Token(str(id_), str(id_), id_, special=id_ == 2) for id_ in ids)
    return Trace("m", "t", tokens, arrays, dict.fromkeys(arrays, Provenance.OBSERVED))


def test_a_causal_model_expects_what_follows() -> None:
    trace = trace_of(CAUSAL)
    gap = gap_at(trace, 1, None, {})
    assert gap is not None
    assert (gap.actual, gap.fills, gap.open) == (7, False, False)
    assert gap.rank == 1 + int((SCORES[1] > SCORES[1][7]).sum())
    last = gap_at(trace, 2, None, {})  # behind it stands only what the tokenizer adds
    assert last is not None
    assert last.open
    assert end_place(trace) == 2
    assert gap_at(trace, 3, None, {}).actual is None  # type: ignore[union-attr]


def test_a_model_that_looks_both_ways_expects_the_token_itself() -> None:
    trace = trace_of(np.ones_like(CAUSAL), (3, MASK, 7, 2))
    own, masked = gap_at(trace, 2, MASK, {}), gap_at(trace, 1, MASK, {1: 5})
    assert own is not None
    assert masked is not None
    assert (own.actual, own.fills, own.masked, own.open) == (7, True, False, True)
    assert (masked.actual, masked.masked) == (5, True)
    assert gap_at(trace, 1, MASK, {}).actual is None  # type: ignore[union-attr]  # typed by hand: nobody knows


def test_without_attention_a_mask_in_the_text_tells() -> None:
    assert fills_gaps(trace_of(None, (3, MASK, 7, 2)), MASK)
    assert not fills_gaps(trace_of(None), MASK)
    assert not fills_gaps(trace_of(CAUSAL, (3, MASK, 7, 2)), MASK)


def test_the_actual_word_is_listed_apart_where_it_ranks_low() -> None:
    trace = trace_of(CAUSAL)
    gap = gap_at(trace, 1, None, {})
    assert gap is not None
    assert gap.rank is not None
    everything, apart = gap.listed(12)
    assert not apart
    assert [word.id for _rank, word in everything] == np.argsort(-SCORES[1], kind="stable").tolist()
    few, apart = gap.listed(gap.rank - 1)
    assert apart
    assert few[-1][0] == gap.rank
    assert few[-1][1].id == 7
    assert len(few) == gap.rank


def test_a_decoder_ends_where_its_own_text_does() -> None:
    target = (Token("<s>", "<s>", 0, None, True), *trace_of(None).tokens[:3])
    trace = replace(trace_of(None), target=target)
    assert end_place(trace) == 3
    assert gap_at(trace, 3, None, {}).open  # type: ignore[union-attr]
    assert not gap_at(trace, 2, None, {}).open  # type: ignore[union-attr]
    assert gap_at(trace, 0, None, {}).actual == 3  # type: ignore[union-attr]


def test_no_scores_no_gap() -> None:
    trace = trace_of(CAUSAL)
    one = replace(trace, arrays={**trace.arrays, "logits": NamedArray(SCORES[:1], ("pos", "vocab"))})
    assert gap_at(one, 0, None, {}) is None
    assert gap_at(one, 3, None, {}) is not None
