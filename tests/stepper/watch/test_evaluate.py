"""What expressions come to, held against the same formula in plain numpy, in float64, on real traces."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from embstudio.stepper.watch.evaluate import evaluate
from embstudio.stepper.watch.expression_error import ExpressionError, UnfittingError
from embstudio.stepper.watch.flaws import Flaw
from embstudio.stepper.watch.parser import parse
from embstudio.stepper.watch.scope import Scope
from embstudio.stepper.watch.series import Series
from embstudio.trace.axes import NamedArray
from embstudio.trace.token import Token
from embstudio.trace.trace import Provenance, Trace
from tests.stepper.watch.conftest import scope_of

Formula = Callable[[Callable[[str], np.ndarray]], np.ndarray]


def value(text: str, scope: Scope) -> Series:
    return evaluate(parse(text, scope.points), scope)


def softmax(x: np.ndarray) -> np.ndarray:
    """Over the last axis."""
    powers = np.exp(x - x.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))


def entropy_of(p: np.ndarray) -> np.ndarray:
    """−Σ p log₂ p over the last axis, in bits, of shares that add up to 1; what is 0 adds nothing."""
    p = p / p.sum(axis=-1, keepdims=True)
    return np.asarray(-(p * np.log2(np.where(p > 0, p, 1))).sum(axis=-1))


def later(x: np.ndarray) -> np.ndarray:
    """x[t − 1] at t; NaN at the first."""
    return np.concatenate((np.full_like(x[:1], np.nan), x[:-1]))


F, C = "lstm.0.forward.f", "lstm.0.forward.c"
LSTM: dict[str, Formula] = {
    f"{F}.mean": lambda at: at(F).mean(1),
    f"{F}.mean < 0.7": lambda at: at(F).mean(1) < 0.7,
    f"{C}[17]": lambda at: at(C)[:, 17],
    f"{C}[-2]": lambda at: at(C)[:, -2],
    f"{C}[0:8].mean": lambda at: at(C)[:, :8].mean(1),
    f"{C}[8:].max": lambda at: at(C)[:, 8:].max(1),
    f"{C}[8:12].argmax": lambda at: 8.0 + at(C)[:, 8:12].argmax(1),
    f"{C}[8:12][1]": lambda at: at(C)[:, 9],
    f"{C}.norm": lambda at: np.linalg.norm(at(C), axis=1),
    f"{C}.std": lambda at: at(C).std(1),
    f"{C}.sum": lambda at: at(C).sum(1),
    f"{C}.min + {C}.max * 2": lambda at: at(C).min(1) + at(C).max(1) * 2,
    f"abs({C}[3]) ** 0.5": lambda at: np.abs(at(C)[:, 3]) ** 0.5,
    f"sqrt(abs({C})).mean": lambda at: np.sqrt(np.abs(at(C))).mean(1),
    f"({F} < 0.5).mean": lambda at: (at(F) < 0.5).mean(1),
    f"({F} < 0.5 and {C} > 0).count": lambda at: 1.0 * ((at(F) < 0.5) & (at(C) > 0)).sum(1),
    f"({C} > 2).any": lambda at: (at(C) > 2).any(1),
    f"({C} - lstm.0.forward.g).norm": lambda at: np.linalg.norm(at(C) - at("lstm.0.forward.g"), axis=1),
    f"change({C}).norm": lambda at: np.linalg.norm(at(C) - later(at(C)), axis=1),
    f"change({C}[5])": lambda at: at(C)[:, 5] - later(at(C)[:, 5]),
    f"before(before({C}[5]))": lambda at: later(later(at(C)[:, 5])),
    f"{C}[position]": lambda at: at(C)[np.arange(len(at(C))), np.arange(len(at(C)))],
    f"max({C}[1], {C}[2], 0)": lambda at: np.maximum(np.maximum(at(C)[:, 1], at(C)[:, 2]), 0),
    'p("positive")': lambda at: softmax(at("logits"))[:, 1],
    "p(0)": lambda at: softmax(at("logits"))[:, 0],
    "entropy": lambda at: entropy_of(softmax(at("logits"))),
    "class": lambda at: 1.0 * at("logits").argmax(1),
    'class == "positive"': lambda at: at("logits").argmax(1) == 1,
    "exp(position) / 2": lambda at: np.exp(np.arange(8)) / 2,
}


def held_against(text: str, formula: Formula, scope: Scope) -> None:
    expected = formula(lambda name: scope.trace[name].values.astype(np.float64))
    found = value(text, scope)
    assert len(found) == scope.steps
    if expected.dtype == bool:
        assert found.values.dtype == bool
        np.testing.assert_array_equal(found.values, expected)
        assert found.known.all()
        return
    np.testing.assert_array_equal(found.known, ~np.isnan(expected))
    np.testing.assert_allclose(found.values[found.known], expected[found.known], rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("text", LSTM)
def test_it_is_what_numpy_makes_of_the_same_formula(text: str, lstm: Scope) -> None:
    held_against(text, LSTM[text], lstm)


P, Q, K = "blocks.3.attn.pattern", "blocks.3.attn.q", "blocks.3.attn.k"
WORDS: dict[str, Formula] = {
    f"{P}[2].entropy": lambda at: entropy_of(at(P)[2]),
    f"{P}.entropy": lambda at: entropy_of(at(P).mean(0)),
    f"{P}.max": lambda at: at(P).mean(0).max(1),
    f"{P}[2, 4]": lambda at: at(P)[2, :, 4],
    f'{P}[2, "to"]': lambda at: at(P)[2, :, 2],
    f"{P}[2].argmax": lambda at: 1.0 * at(P)[2].argmax(1),
    f'{P}[2].argmax == "to"': lambda at: at(P)[2].argmax(1) == 2,
    f"position - {P}[1].argmax": lambda at: np.arange(9.0) - at(P)[1].argmax(1),
    f"{P}[1, position]": lambda at: np.diagonal(at(P)[1]),
    f"{Q}[1].norm": lambda at: np.linalg.norm(at(Q)[1], axis=1),
    f"{K}[1, 5]": lambda at: at(K)[1, :, 5],
    "blocks.2.resid_post.norm": lambda at: np.linalg.norm(at("blocks.2.resid_post"), axis=1),
    "entropy": lambda at: entropy_of(softmax(at("logits"))),
    "logits.max": lambda at: at("logits").max(1),
    "logits[300:320].argmax": lambda at: 300.0 + at("logits")[:, 300:320].argmax(1),
}


@pytest.mark.parametrize("text", WORDS)
def test_attention_and_words_are_what_numpy_makes_of_them(text: str, words: Scope) -> None:
    held_against(text, WORDS[text], words)


def test_a_word_is_the_one_that_begins_where_the_vocabulary_writes_spaces(words: Scope) -> None:
    place = list(words.vocabulary).index(" to")
    logits = words.trace["logits"].values.astype(np.float64)
    np.testing.assert_allclose(value('p("to")', words).values, softmax(logits)[:, place], rtol=1e-12)
    np.testing.assert_array_equal(value('logits["to"]', words).values, logits[:, place])
    np.testing.assert_allclose(value(f"p({place})", words).values, value('p("to")', words).values)


def test_the_text_of_the_token(lstm: Scope) -> None:
    texts = [token.text for token in lstm.trace.tokens]
    assert value('token == "but"', lstm).holds.tolist() == [text == "but" for text in texts]
    assert value("before(token)", lstm).values.tolist()[1:] == texts[:-1]
    assert value("token != before(token)", lstm).holds.tolist() == [False] + [True] * 7


def test_a_flip_is_a_change_of_class_sign_text_or_condition(lstm: Scope) -> None:
    classes = lstm.trace["logits"].values.argmax(1)
    flipped = [False, *(classes[1:] != classes[:-1])]
    assert value("flips(class)", lstm).holds.tolist() == flipped
    assert value('flips(class == "positive")', lstm).holds.tolist() == flipped
    below = lstm.trace[C].values[:, 17] < 0
    assert value(f"flips({C}[17])", lstm).holds.tolist() == [False, *(below[1:] != below[:-1])]
    assert value(f"changes_sign({C}).count", lstm).values[3] == (
        (lstm.trace[C].values[3] < 0) != (lstm.trace[C].values[2] < 0)
    ).sum()  # fmt: skip


def test_crossing_a_bound_is_to_be_beyond_it_now_and_not_before(lstm: Scope) -> None:
    p = softmax(lstm.trace["logits"].values.astype(np.float64))[:, 1]
    up = [False, *((p[1:] > 0.5) & (p[:-1] <= 0.5))]
    down = [False, *((p[1:] < 0.5) & (p[:-1] >= 0.5))]
    assert value('rises_above(p("positive"), 0.5)', lstm).holds.tolist() == up
    assert value('falls_below(p("positive"), 0.5)', lstm).holds.tolist() == down
    assert any(up)
    assert any(down)


@pytest.mark.parametrize(
    ("text", "at", "flaw"),
    [
        ("1 / position", 0, Flaw.DIVIDED_BY_ZERO),
        ("0 / position", 0, Flaw.DIVIDED_BY_ZERO),
        ("log(position)", 0, Flaw.BELOW_ZERO),
        ("sqrt(position - 4)", 3, Flaw.BELOW_ZERO),
        ("(position - 4) ** 0.5", 3, Flaw.BELOW_ZERO),
        ("position ** -1", 0, Flaw.DIVIDED_BY_ZERO),
        ("exp(position * 1000)", 7, Flaw.TOO_LARGE),
        ("2 ** 2 ** 2 ** 2 ** 2 ** 2", 0, Flaw.TOO_LARGE),
        ("before(position)", 0, Flaw.FIRST_STEP),
        ("change(position) > 0", 0, Flaw.FIRST_STEP),
        (f"{C}[position + 60]", 4, Flaw.NO_PLACE),
        (f"{C}[position / 2]", 1, Flaw.NO_PLACE),
        ("not (1 / position > 2)", 0, Flaw.DIVIDED_BY_ZERO),
        (f"({C} / 0).mean", 2, Flaw.DIVIDED_BY_ZERO),
        ("(1 / position) * 0", 0, Flaw.DIVIDED_BY_ZERO),
    ],
)
def test_where_there_is_no_value_the_reason_is_kept(lstm: Scope, text: str, at: int, flaw: Flaw) -> None:
    found = value(text, lstm)
    assert found.flaw(at) is flaw
    assert flaw.words
    if found.values.dtype == bool:
        assert not found.holds[at]


def test_what_one_side_decides_holds_whether_the_other_is_known_or_not(lstm: Scope) -> None:
    unknown = "change(position) > 0"
    for text, first in ((f"position > 0 and {unknown}", False), (f"{unknown} and position > 0", False),
                        (f"position == 0 or {unknown}", True), (f"{unknown} or position == 0", True)):  # fmt: skip
        found = value(text, lstm)
        assert found.flaw(0) is Flaw.NONE, text
        assert bool(found.values[0]) is first
    assert value(f"position == 0 and {unknown}", lstm).flaw(0) is Flaw.FIRST_STEP


@pytest.mark.parametrize(
    ("text", "said", "meant"),
    [
        ("blocks.0.attn.pattern.max", "no point blocks.0.attn.pattern", "embed, logits, lstm.0.forward"),
        ("lstm.1.forward.f.mean", "no point lstm.1.forward.f", "lstm.0.forward.f"),
        ("lstm.0.reverse.f.mean", "no point lstm.0.reverse.f", "lstm.0.forward.f"),
        (f"{C}[64]", "no place 64: there are 64, 0 to 63", ""),
        (f"{C}[-65]", "no place -65", ""),
        (f"{C}[90:99].mean", "Nothing is chosen", ""),
        ('p("postive")', "called 'postive'", "positive"),
        ("p(2)", "no number 2", ""),
        ("lstm.0.forward.c + embed", "", ""),
    ],
)
def test_what_the_model_does_not_have_is_said(lstm: Scope, text: str, said: str, meant: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        value(text, lstm)
    if said:
        assert isinstance(caught.value, UnfittingError)
        assert said in caught.value.what
        assert meant in caught.value.advice


def test_a_head_and_a_word_that_are_not_there_are_said(words: Scope) -> None:
    with pytest.raises(UnfittingError, match="There is no head 4: this layer has 4, 0 to 3"):
        value(f"{P}[4].max", words)
    with pytest.raises(UnfittingError, match="Nothing is called 'dog'"):
        value(f'{P}[1, "dog"]', words)


def test_a_model_that_predicts_nothing_says_so() -> None:
    with pytest.raises(UnfittingError, match="predicts neither"):
        value("class", scope_of("words"))


def test_a_point_that_was_left_out_is_said_with_its_layer(words: Scope) -> None:
    arrays = {name: array for name, array in words.trace.arrays.items() if name != P}
    scope = replace(words, trace=replace(words.trace, arrays=arrays, omitted={P: 1000}))
    with pytest.raises(UnfittingError, match="no room") as caught:
        value(f"{P}.max", scope)
    assert caught.value.layer == 3


def trace_of(tokens: int, **arrays: tuple[np.ndarray, tuple[str, ...]]) -> Trace:
    named = {name.replace("_", ".", 3): NamedArray(*array) for name, array in arrays.items()}
    made = tuple(Token(f"t{at}", f"t{at}", at) for at in range(tokens))
    return Trace("", "", made, named, dict.fromkeys(named, Provenance.OBSERVED))


def test_a_model_that_judges_the_whole_text_says_so_at_its_end_only() -> None:
    scope = Scope(trace_of(3, logits=(np.array([2.0, 1.0]), ("class",))), ("no", "yes"))
    found = value('p("no")', scope)
    assert [found.flaw(at) for at in range(3)] == [Flaw.WHOLE_TEXT, Flaw.WHOLE_TEXT, Flaw.NONE]
    assert found.values[2] == pytest.approx(softmax(np.array([2.0, 1.0]))[0])


def test_what_is_said_after_each_beginning_is_taken_as_it_comes() -> None:
    trace = trace_of(4, logits=(np.array([2.0, 1.0]), ("class",)))
    known = np.full((4, 2), np.nan, np.float32)
    known[:2] = [[0, 1], [3, 0]]
    found = value("class", Scope(trace, ("no", "yes"), prefixes=known, coming=3))
    assert [found.flaw(at) for at in range(4)] == [Flaw.NONE, Flaw.NONE, Flaw.PENDING, Flaw.NONE]
    assert found.values[[0, 1, 3]].tolist() == [1, 0, 0]


def test_tokens_that_share_a_step_have_its_values() -> None:
    rng = np.random.default_rng(3)
    states = rng.normal(size=(4, 5)).astype(np.float32)
    scope = Scope(trace_of(8, lstm_0_forward_c=(states, ("pos", "unit"))))
    np.testing.assert_array_equal(value("lstm.0.forward.c[2]", scope).values, np.repeat(states[:, 2], 2))


def test_probabilities_are_taken_for_what_they_are() -> None:
    ready = np.array([[0.25, 0.75], [1.0, 0.0]], np.float32)
    scope = Scope(trace_of(2, logits=(ready, ("pos", "class"))))
    assert value("p(1)", scope).values.tolist() == [0.75, 0.0]
    assert value("entropy", scope).values.tolist() == pytest.approx([0.8112781244591328, 0.0])


def test_masked_scores_are_infinite_by_right() -> None:
    scores = np.array([[[0.0, -np.inf], [1.0, 2.0]]], np.float32)
    scope = Scope(trace_of(2, blocks_0_attn_scores=(scores, ("head", "query", "key"))))
    found = value("blocks.0.attn.scores[0].min", scope)
    assert found.known.all()
    assert found.values.tolist() == [-np.inf, 1.0]


def test_what_is_no_number_in_the_model_is_said() -> None:
    states = np.array([[1.0, np.nan], [1.0, 2.0]], np.float32)
    scope = Scope(trace_of(2, lstm_0_forward_c=(states, ("pos", "unit"))))
    for text in ("lstm.0.forward.c.mean", "lstm.0.forward.c[1]", "(lstm.0.forward.c > 0).count",
                 "lstm.0.forward.c.argmax", "changes_sign(lstm.0.forward.c).any"):  # fmt: skip
        assert value(text, scope).flaw(0) is Flaw.NOT_A_NUMBER, text


@pytest.mark.parametrize("text", ["position", "lstm.0.forward.c.mean", "before(lstm.0.forward.c).sum", "p(0)"])
def test_a_text_of_one_token(text: str) -> None:
    assert len(value(text, scope_of("sentiment-lstm", "good"))) == 1


def test_a_trace_without_tokens_has_no_steps() -> None:
    scope = Scope(trace_of(0, lstm_0_forward_c=(np.zeros((3, 4)), ("pos", "unit"))))
    for text in ("lstm.0.forward.c.mean", "change(lstm.0.forward.c).norm < 1", "token", "lstm.0.forward.c[2]"):
        assert len(value(text, scope)) == 0


def test_more_numbers_than_fit_at_once_are_worked_out_in_parts(lstm: Scope) -> None:
    rng = np.random.default_rng(5)
    states = rng.normal(size=(5000, 300)).astype(np.float32)
    scope = Scope(trace_of(5000, lstm_0_forward_c=(states, ("pos", "unit"))))
    wide = states.astype(np.float64)
    expected = np.linalg.norm(wide[1:] - wide[:-1], axis=1)
    np.testing.assert_allclose(value("change(lstm.0.forward.c).norm", scope).values[1:], expected, rtol=1e-12)


def test_before_is_the_step_of_the_cursor_in_a_layer_that_reads_backwards_too() -> None:
    states = np.arange(6.0).reshape(3, 2)
    scope = Scope(trace_of(3, lstm_0_reverse_c=(states, ("pos", "unit"))))
    assert value("before(lstm.0.reverse.c[1])", scope).values[1:].tolist() == [1.0, 3.0]
    assert value("before(lstm.0.reverse.c[1])", scope).flaw(0) is Flaw.FIRST_STEP
