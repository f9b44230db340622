"""Probabilities and ranks against a plain float64 softmax and a full sort."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from embstudio.stepper.prediction import (
    RankedWord,
    class_probabilities,
    looks_ahead,
    next_words,
    predicted_tokens,
    predicts_words,
    rank_of,
    scores_at,
)
from embstudio.trace.axes import NamedArray
from embstudio.trace.token import Token
from embstudio.trace.trace import Provenance, Trace

IDS = (3, 0, 7, 7)
rng = np.random.default_rng(5)


def following_word(trace: Trace, token: int) -> tuple[int, RankedWord] | None:
    """The rank and probability of the word that really follows a token."""
    scores, tokens = scores_at(trace, token), predicted_tokens(trace)
    return rank_of(scores, tokens[token + 1].id) if scores is not None and token + 1 < len(tokens) else None


def trace_of(logits: np.ndarray, *axes: str) -> Trace:
    tokens = tuple(Token(str(id_), str(id_), id_) for id_ in IDS)
    return Trace("", "", tokens, {"logits": NamedArray(logits, axes)}, {"logits": Provenance.OBSERVED})


def plain_softmax(row: np.ndarray) -> np.ndarray:
    powers = [float(np.exp(np.longdouble(x))) for x in row]
    return np.array(powers) / sum(powers)


def test_probabilities_in_float64_even_where_float32_overflows() -> None:
    row = np.array([100.0, 99.0, -5.0], dtype=np.float32)
    whole = class_probabilities(trace_of(row, "class"))
    assert whole is not None
    np.testing.assert_allclose(whole[0], plain_softmax(row), rtol=1e-12)
    whole = class_probabilities(trace_of(np.array([6e4, 0.0], dtype=np.float16), "class"))
    assert whole is not None
    assert whole.tolist() == [[1.0, 0.0]]


def test_classes_after_each_token_and_of_the_whole_sentence() -> None:
    logits = rng.normal(size=(4, 3)).astype(np.float32)
    each = class_probabilities(trace_of(logits, "pos", "class"))
    assert each is not None
    for pos in range(4):
        np.testing.assert_allclose(each[pos], plain_softmax(logits[pos]), rtol=1e-12)
    whole = class_probabilities(trace_of(logits[0], "class"))
    assert whole is not None
    assert whole.shape == (1, 3)
    assert class_probabilities(trace_of(logits, "pos", "vocab")) is None


def test_next_words_are_those_of_a_full_sort() -> None:
    logits = (rng.normal(size=(4, 50)) * 3).astype(np.float32)
    trace = trace_of(logits, "pos", "vocab")
    for pos in range(4):
        expected = plain_softmax(logits[pos])
        order = sorted(range(50), key=lambda id_: (-expected[id_], id_))
        best = next_words(trace, pos, 10)
        assert [word.id for word in best] == order[:10]
        np.testing.assert_allclose([word.probability for word in best], expected[order[:10]], rtol=1e-12)
        follows = following_word(trace, pos)
        if pos == 3:
            assert follows is None
        else:
            assert follows is not None
            assert follows[0] == order.index(IDS[pos + 1]) + 1
            assert follows[1].probability == pytest.approx(expected[IDS[pos + 1]], rel=1e-12)


def test_equals_are_listed_by_id_and_ranked_so() -> None:
    trace = trace_of(np.zeros((4, 9), np.float32), "pos", "vocab")
    assert [word.id for word in next_words(trace, 0, 9)] == list(range(9))
    follows = following_word(trace, 1)
    assert follows is not None
    assert follows[0] == 8  # id 7


@pytest.mark.parametrize("count", [0, 1, 4, 9, 20])
def test_equals_at_the_end_of_the_list_are_those_of_a_full_sort(count: int) -> None:
    row = np.array([0, 2, 1, 1, 3, 1, 1, 1, -9], np.float32)
    listed = next_words(trace_of(np.tile(row, (4, 1)), "pos", "vocab"), 2, count)
    assert [word.id for word in listed] == [4, 1, 2, 3, 5, 6, 7, 0, 8][:count]


def test_scores_too_small_for_a_probability_are_still_ranked_alike() -> None:
    row = np.array([-5000, -3000, 0, -4000, -6000, -1, -2, -2000], np.float32)
    trace = trace_of(np.tile(row, (4, 1)), "pos", "vocab")
    listed = [word.id for word in next_words(trace, 0, 8)]
    follows = following_word(trace, 0)
    assert listed == [2, 5, 6, 7, 1, 3, 0, 4]
    assert follows is not None
    assert listed.index(follows[1].id) + 1 == follows[0]


def test_a_model_without_a_vocabulary_head_predicts_no_words() -> None:
    trace = trace_of(np.zeros((4, 2), np.float32), "pos", "class")
    assert not predicts_words(trace)
    assert next_words(trace, 0, 5) == []
    assert following_word(trace, 0) is None


@pytest.mark.parametrize("rows", [np.zeros((1, 6)), np.zeros(6)])
def test_scores_for_the_last_token_only_belong_to_it(rows: np.ndarray) -> None:
    scores = rng.normal(size=rows.shape).astype(np.float32)
    trace = trace_of(scores, *(("pos",) if rows.ndim == 2 else ()), "vocab")
    assert predicts_words(trace)
    assert scores_at(trace, 0) is None
    assert next_words(trace, 2, 3) == []
    np.testing.assert_array_equal(scores_at(trace, 3), scores.reshape(-1))


def test_scores_of_an_encoder_decoder_belong_to_the_decoder_s_tokens() -> None:
    scores = rng.normal(size=(2, 9)).astype(np.float32)
    target = (Token("<s>", "<s>", 0, None, True), Token("la", "la", 6))
    trace = replace(trace_of(scores, "pos", "vocab"), target=target)
    assert predicted_tokens(trace) == target
    follows = following_word(trace, 0)
    assert follows is not None
    assert follows[1].id == 6
    assert following_word(trace, 1) is None
    np.testing.assert_array_equal(scores_at(trace, 1), scores[1])


def with_pattern(pattern: np.ndarray, name: str = "blocks.0.attn.pattern") -> Trace:
    array = NamedArray(pattern, ("head", "query", "key"))
    tokens = tuple(Token(str(id_), str(id_), id_) for id_ in IDS)
    return Trace("m", "t", tokens, {name: array}, {name: Provenance.OBSERVED})


def test_whether_tokens_see_those_after_them_is_told_by_the_weights() -> None:
    causal = np.tril(np.ones((2, 4, 4), np.float32)) / 4
    both = np.full((2, 4, 4), 0.25, np.float32)
    assert looks_ahead(with_pattern(causal)) is False
    assert looks_ahead(with_pattern(both)) is True
    assert looks_ahead(with_pattern(np.concatenate([np.ones((2, 4, 3), np.float32), causal], axis=2))) is False
    assert looks_ahead(with_pattern(np.ones((1, 1, 1), np.float32))) is None
    assert looks_ahead(with_pattern(both, "encoder.blocks.0.attn.pattern")) is None
    for name, ahead in (("lstm.0.forward.h", False), ("lstm.0.reverse.h", True)):
        array = NamedArray(np.zeros((4, 2), np.float32), ("pos", "unit"))
        assert looks_ahead(Trace("m", "t", (), {name: array}, {name: Provenance.OBSERVED})) is ahead


def test_a_model_that_ends_in_a_softmax_gives_probabilities_as_they_are() -> None:
    rows = np.stack([plain_softmax(rng.normal(size=6) * 3) for _ in range(4)]).astype(np.float32)
    whole = class_probabilities(trace_of(rows, "pos", "class"))
    np.testing.assert_allclose(whole, rows, rtol=1e-5)
    best = next_words(trace_of(rows, "pos", "vocab"), 1, 6)
    np.testing.assert_allclose([word.probability for word in best], -np.sort(-rows[1]), rtol=1e-5)
