"""Thousands of random expressions: whatever is typed, an answer or an error with its place comes of it; and where it is
sound, the answer is that of Python's own arithmetic on the same numbers."""

from __future__ import annotations

import math

import numpy as np
import pytest

from embstudio.stepper.watch.evaluate import evaluate
from embstudio.stepper.watch.expression_error import ExpressionError
from embstudio.stepper.watch.names import FUNCTIONS, REDUCERS, VARIABLES
from embstudio.stepper.watch.parser import parse
from embstudio.stepper.watch.scope import Scope
from embstudio.stepper.watch.series import Series
from embstudio.stepper.watch.telling import value_at, why
from tests.stepper.watch.conftest import scope_of

ATOMS = (
    "0", "1", "2.5", "1e300", "-3", "true", "false", '"but"', "'positive'", "token", "position", "class", "entropy",
    "lstm.0.forward.f", "lstm.0.forward.c", "lstm.0.forward.c[17]", "lstm.0.forward.h[0:4]", "lstm.0.forward.q",
    "embed", "logits", "blocks.0.attn.pattern", "blocks.1.attn.pattern[1]", 'blocks.1.attn.pattern[1, "to"]',
    "blocks.2.attn.q[0]", "blocks.2.attn.k[3, 5]", "blocks.2.resid_post", 'p("positive")', "p(1)", "p(99999)", "pooled",
)  # fmt: skip
OPERATORS = ("+", "-", "*", "/", "**", "<", "<=", ">", ">=", "==", "!=", "and", "or")
SCRAPS = (*ATOMS, *OPERATORS, *FUNCTIONS, *REDUCERS, "(", ")", "[", "]", ",", ":", ".", ".mean", "not", "-", "é",
          "\x00", "🙂", '"', "=", "if", "lambda", "__class__", "\n", "  ", "1.", "..")  # fmt: skip


def sensible(rng: np.random.Generator, depth: int = 0) -> str:
    """An expression that is well formed, though seldom well typed."""
    choice = rng.integers(0, 4 if depth > 4 else 10)
    below = lambda: sensible(rng, depth + 1)  # noqa: E731
    match choice:
        case 0 | 1 | 2 | 3:
            return str(rng.choice(ATOMS))
        case 4 | 5:
            return f"({below()} {rng.choice(OPERATORS)} {below()})"
        case 6:
            return f"{below()}.{rng.choice(list(REDUCERS))}"
        case 7:
            function = str(rng.choice(list(FUNCTIONS)))
            return f"{function}({', '.join(below() for _ in range(FUNCTIONS[function][0]))})"
        case 8:
            return f"{rng.choice(['not', '-'])} {below()}"
        case _:
            return f"{below()}[{below()}]"


def answer(text: str, scope: Scope) -> Series | None:
    """What comes of a text: values for each token, or an error that points into the text."""
    fault: ExpressionError | None = None
    try:
        expression = parse(text, scope.points)
        found = evaluate(expression, scope)
    except ExpressionError as error:
        fault = error
    if fault is not None:
        assert fault.what
        assert 0 <= fault.start <= len(text)
        assert fault.start < fault.end
        assert len(fault.caret.split("\n")[-1]) <= len(text) + 2
        return None
    assert len(found) == scope.steps
    for token in range(scope.steps):
        assert value_at(found, token)
    if found.values.dtype == bool:
        assert why(expression, scope, scope.steps - 1)
        assert not (found.holds & ~found.known).any()
    elif found.values.dtype == np.float64:
        assert not np.isnan(found.values[found.known]).any()
    return found


@pytest.mark.parametrize(("model", "count"), [("sentiment-lstm", 1500), ("next-word", 500)])
def test_a_well_formed_expression_has_a_value_or_an_error_with_its_place(model: str, count: int) -> None:
    rng = np.random.default_rng(3)
    scope = scope_of(model)
    found = [answer(sensible(rng), scope) for _ in range(count)]
    assert sum(each is not None for each in found) > count / 15  # it is not all refused


def test_any_heap_of_scraps_has_a_value_or_an_error_with_its_place() -> None:
    rng = np.random.default_rng(5)
    scope = scope_of("sentiment-lstm")
    for _ in range(3000):
        answer("".join(rng.choice(SCRAPS, size=rng.integers(0, 9))), scope)


def test_any_expression_with_a_letter_changed_has_a_value_or_an_error_with_its_place() -> None:
    rng = np.random.default_rng(7)
    scope = scope_of("sentiment-lstm")
    letters = [*"abcdef.()[]<>=!+-*/\"', 0123456789é", "\ud800"]
    for _ in range(1500):
        text = list(sensible(rng, 3))
        text[int(rng.integers(0, len(text)))] = str(rng.choice(letters[:-1])) if rng.random() < 0.95 else letters[-1]
        answer("".join(text), scope)


# Arithmetic, by Python's own ------------------------------------------------------------------------------------

NAMES = ("position", "lstm.0.forward.c[3]", "lstm.0.forward.f[9]", "lstm.0.forward.c.norm", "2.0", "0.5", "-3.0")


def arithmetic(rng: np.random.Generator, depth: int = 0) -> str:
    """A sound expression whose every atom is one of NAMES."""
    if depth > 4 or rng.random() < 0.2:
        return str(rng.choice(NAMES))
    left, right = arithmetic(rng, depth + 1), arithmetic(rng, depth + 1)
    match rng.integers(0, 5):
        case 0:
            return f"abs({left})"
        case 1:
            return f"max({left}, {right})"
        case _:
            return f"({left} {rng.choice(['+', '-', '*', '/', '**'])} {right})"


def by_python(text: str, numbers: dict[str, float]) -> float | None:
    """The value by Python's float arithmetic; None where Python has none."""
    for name, number in numbers.items():
        text = text.replace(name, f"({number!r})")
    try:
        found = eval(text, {"__builtins__": {}, "abs": abs, "max": max})
    except (ZeroDivisionError, OverflowError, TypeError):  # the last where a root is complex
        return None
    return None if isinstance(found, complex) or math.isnan(found) or math.isinf(found) else float(found)


def test_sound_arithmetic_is_that_of_python() -> None:
    rng = np.random.default_rng(11)
    scope = scope_of("sentiment-lstm")
    trace = scope.trace
    c, f = (trace[f"lstm.0.forward.{part}"].values.astype(np.float64) for part in "cf")
    known = 0
    for _ in range(1500):
        text = arithmetic(rng)
        if len(text) > 300:
            continue
        found = evaluate(parse(text), scope)
        for token in (0, 5):
            numbers = {
                "lstm.0.forward.c.norm": math.sqrt(sum(x * x for x in c[token])), "lstm.0.forward.c[3]": c[token, 3],
                "lstm.0.forward.f[9]": f[token, 9], "position": float(token),
            }  # fmt: skip
            expected = by_python(text, {name: float(number) for name, number in numbers.items()})
            if expected is None:
                assert not found.known[token] or not math.isfinite(found.values[token]), text
            elif found.known[token]:
                known += 1
                assert found.values[token] == pytest.approx(expected, rel=1e-9, abs=1e-300), text
            else:  # Python goes on where a part was infinite; a value that went through one is refused
                assert "**" in text or "/" in text, text
    assert known > 1000


def test_every_word_of_the_language_is_explained() -> None:
    for words in (REDUCERS, VARIABLES):
        assert all(words.values())
    assert all(meaning for _, _, meaning in FUNCTIONS.values())
