"""What a model says after each token, and where several part: against numbers worked out by hand in float64."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from embstudio.stepper.alignment import Alignment
from embstudio.stepper.disagreement import Voter, comparable, partings, telling
from embstudio.stepper.knowledge import looks, states
from embstudio.stepper.reading import Reading
from embstudio.stepper.saying import CLASSES, GAPS, NOTHING, WORDS, Saying
from embstudio.trace.axes import NamedArray
from embstudio.trace.token import Token
from embstudio.trace.trace import Provenance, Trace

WORDS_ = ["it", "was", "good", "but", "dull"]
LABELS = ("negative", "positive")


def trace(words: Sequence[str] = WORDS_, **points: tuple[np.ndarray, tuple[str, ...]]) -> Trace:
    """A trace of some words; points: values and axes, "__" for a dot in a name."""
    text, tokens = " ".join(words), []
    for number, word in enumerate(words):
        start = len(" ".join([*words[:number], ""])) if number else 0
        tokens.append(Token(word, word, number, (start, start + len(word))))
    arrays = {name.replace("__", "."): NamedArray(*point) for name, point in points.items()}
    return Trace("m", text, tuple(tokens), arrays, dict.fromkeys(arrays, Provenance.OBSERVED))


def softmax(scores: np.ndarray) -> np.ndarray:
    powers = np.exp(scores.astype(np.longdouble))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True), dtype=float)


def scores(*positive: float) -> np.ndarray:
    """Scores of two classes whose second has these probabilities."""
    p = np.array(positive)
    return np.log(np.stack([1 - p, p], axis=1))


def saying_of(*positive: float, labels: tuple[str, ...] = LABELS) -> Saying:
    return Saying(trace(logits=(scores(*positive).astype(np.float32), ("pos", "class"))), None, labels)


def voter(name: str, *positive: float, labels: tuple[str, ...] = LABELS) -> Voter:
    reading = Reading.of(trace().tokens, trace().text)
    return Voter(name, saying_of(*positive, labels=labels), Alignment(reading, reading))


def test_classes_after_each_token() -> None:
    own = saying_of(0.6, 0.55, 0.9, 0.4, 0.1)
    assert (own.kind, own.whole, own.sees_all) == (CLASSES, False, False)
    assert own.shares is not None
    np.testing.assert_allclose(own.shares[:, 1], [0.6, 0.55, 0.9, 0.4, 0.1], atol=1e-6)
    assert own.verdicts == (1, 1, 1, 0, 0)
    assert [own.turned(token) for token in range(5)] == [False, False, False, True, False]


def test_one_verdict_is_the_last_and_beginnings_fill_the_rest() -> None:
    whole = trace(logits=(np.array([2.0, -1.0, 0.5], np.float32), ("class",)))
    own = Saying(whole)
    assert own.whole
    assert own.verdicts == (None, None, None, None, 0)
    rows = np.full((5, 3), np.nan, np.float32)
    rows[:2] = [[0, 1, 0], [0, 0, 3]]
    filled = Saying(whole, rows)
    assert filled.verdicts == (1, 2, None, None, 0)
    assert filled.shares is not None
    np.testing.assert_allclose(filled.shares[:2], softmax(rows[:2]), rtol=1e-9)
    np.testing.assert_allclose(filled.shares[-1], softmax(np.array([2.0, -1.0, 0.5])), rtol=1e-9)
    assert filled.label(1) == "class 1"
    assert not filled.turned(2)  # nothing is known of it yet


def test_next_words_and_what_follows() -> None:
    values = np.random.default_rng(0).normal(size=(5, 40)).astype(np.float32)
    own = Saying(trace(logits=(values, ("pos", "vocab"))))
    assert own.kind == WORDS
    for token in range(4):
        following = own.following(token)
        assert following is not None
        assert following.id == token + 1
        assert following.probability == pytest.approx(softmax(values[token])[token + 1])
    assert own.following(4) is None
    assert own.best(2, 1)[0].id == int(values[2].argmax())


def test_only_the_last_words_scores_need_beginnings_for_the_others() -> None:
    values = np.random.default_rng(1).normal(size=(5, 40)).astype(np.float32)
    last = trace(logits=(values[-1], ("vocab",)))
    assert [Saying(last).scores(token) is None for token in range(5)] == [True] * 4 + [False]
    own = Saying(last, values)
    assert own.kind == WORDS
    following = own.following(1)
    assert following is not None
    assert following.probability == pytest.approx(softmax(values[1])[2])


def test_a_model_that_sees_both_sides_fills_gaps() -> None:
    pattern = np.full((2, 5, 5), 0.2, np.float32)
    values = np.random.default_rng(2).normal(size=(5, 40)).astype(np.float32)
    both = trace(
        logits=(values, ("pos", "vocab")), blocks__0__attn__pattern=(pattern, ("head", "query", "key"))
    )  # fmt: skip
    own = Saying(both)
    assert (own.kind, own.sees_all) == (GAPS, True)
    standing = own.following(3)
    assert standing is not None
    assert standing.id == 3


def test_a_model_without_scores_says_nothing() -> None:
    assert Saying(trace(embed=(np.zeros((5, 4), np.float32), ("pos", "d_model")))).kind == NOTHING


def test_states_change_in_the_order_of_reading() -> None:
    draw = np.random.default_rng(3)
    forward, reverse = (draw.normal(size=(5, 6)).astype(np.float32) for _ in range(2))
    both = trace(
        lstm__0__forward__h=(draw.normal(size=(5, 6)).astype(np.float32), ("pos", "unit")),
        lstm__1__forward__h=(forward, ("pos", "unit")),
        lstm__1__reverse__h=(reverse, ("pos", "unit")),
    )
    found = states(both)
    assert found is not None
    assert (found.layer, found.split) == (1, 6)
    for token in range(5):
        left = forward[token].astype(float) - (forward[token - 1] if token else 0)
        right = reverse[token].astype(float) - (reverse[token + 1] if token < 4 else 0)
        assert found.changes[token] == pytest.approx(np.sqrt((left**2).sum() + (right**2).sum()))
        assert found.sizes[token] == pytest.approx(np.linalg.norm([*forward[token], *reverse[token]]), rel=1e-6)
    assert states(trace()) is None


def test_tokens_that_share_a_step_hold_the_same() -> None:
    h = np.random.default_rng(5).normal(size=(2, 3)).astype(np.float32)
    found = states(trace(WORDS_[:4], lstm__0__forward__h=(h, ("pos", "unit"))))
    assert found is not None
    np.testing.assert_array_equal(found.values, h.astype(float)[[0, 0, 1, 1]])
    moved = np.linalg.norm(h[1].astype(float) - h[0])
    np.testing.assert_allclose(found.changes, [np.linalg.norm(h[0].astype(float))] * 2 + [moved] * 2)
    assert states(trace(WORDS_, lstm__0__forward__h=(h, ("pos", "unit")))) is None  # five tokens, two steps


def test_looks_are_the_mean_of_the_heads_of_the_last_layer() -> None:
    draw = np.random.default_rng(4).random((2, 3, 5, 7)).astype(np.float32)
    found = looks(trace(
        blocks__0__attn__pattern=(draw[0], ("head", "query", "key")),
        blocks__3__attn__pattern=(draw[1], ("head", "query", "key")),
    ))  # fmt: skip
    assert found is not None
    assert (found.layer, found.heads) == (3, 3)
    expected = draw[1, :, 2, 2:].astype(float).mean(axis=0)  # two keys are in the cache
    np.testing.assert_allclose(found.row(2), expected, rtol=1e-6)
    assert found.most(2, 1) == [(int(expected.argmax()), pytest.approx(expected.max()))]


# Where they part -----------------------------------------------------------------------------------------------------


def test_partings_are_where_they_begin_to_differ() -> None:
    voters = [voter("A", 0.6, 0.6, 0.9, 0.4, 0.1), voter("B", 0.4, 0.6, 0.9, 0.8, 0.7)]
    assert partings(voters) == (0, 3)
    assert partings([]) == ()
    assert partings([voters[0], voters[0]]) == ()


def test_the_names_of_classes_count_not_their_order() -> None:
    turned = voter("B", 0.4, 0.4, 0.1, 0.6, 0.9, labels=("Positive", "Negative"))
    voters = [voter("A", 0.6, 0.6, 0.9, 0.4, 0.1), turned]
    assert comparable(voters) == voters
    assert partings(voters) == ()
    other = voter("C", 0.6, 0.6, 0.9, 0.4, 0.1, labels=("spam", "ham"))
    assert comparable([voters[0], other]) == []
    assert comparable([voters[0], other, turned]) == voters


def test_the_telling_names_who_turns_first() -> None:
    voters = [voter("the RNN", 0.6, 0.6, 0.9, 0.83, 0.7), voter("the LSTM", 0.6, 0.6, 0.9, 0.29, 0.1)]
    assert telling(voters, 3, "but") == "After ‘but’ the LSTM turns to negative, the RNN stays positive."
    third = voter("the GRU", 0.6, 0.6, 0.9, 0.7, 0.6)
    assert telling([*voters, third], 3, "but") == (
        "After ‘but’ the LSTM turns to negative, the RNN and the GRU stay positive."
    )
    assert telling(voters, 2, "good") == "After ‘good’ all say positive (90 %)."
    assert telling(voters, 0, "it") == "After ‘it’ all say positive (60 %)."
    assert telling([], 0, "it") == ""


def test_what_is_not_there_yet_is_no_parting() -> None:
    reading = Reading.of(trace().tokens, trace().text)
    late = Saying(trace(logits=(np.array([0.0, 1.0], np.float32), ("class",))), None, LABELS)
    voters = [voter("A", 0.1, 0.1, 0.1, 0.1, 0.1), Voter("B", late, Alignment(reading, reading))]
    assert partings(voters) == (4,)
    assert "B" not in telling(voters, 2, "good")
