"""Functions of a run: a text that a model reads. `expression`: in the language of the Watches panel, docs/guide.md."""

from __future__ import annotations

import numpy as np

from embstudio.lessons.facts import Facts, RunNeed
from embstudio.lessons.functions.function import Function
from embstudio.lessons.lesson import Run
from embstudio.lessons.value import Value, ValueFault
from embstudio.lessons.words_of_a_run import token_of
from embstudio.stepper.watch.evaluate import evaluate, find_word
from embstudio.stepper.watch.expression_error import ExpressionError
from embstudio.stepper.watch.parser import parse
from embstudio.stepper.watch.scope import NotHereError, Scope
from embstudio.stepper.watch.series import Series
from embstudio.stepper.watch.tree import Call, Variable
from embstudio.trace.points import parse as parse_point


def scope_of(facts: Facts, run: Run, *, everywhere: bool = False) -> Scope:
    """Raises MissingError, or LookupError where the run cannot be had."""
    return facts.run(RunNeed(run, everywhere)).scope


def place_of(scope: Scope, token: str) -> int:
    """Raises ValueFault for a word that is not in the text."""
    place = token_of(token, scope.trace.text, scope.trace.tokens)
    if place is None:
        texts = ", ".join(scope.texts[:30])
        raise ValueFault(f"there is no {token!r} among the tokens: {texts}.")
    return place


def series_of(facts: Facts, run: Run, text: str) -> Series:
    """An expression at every token. Raises ValueFault where it does not fit."""
    try:
        expression = parse(text)
        predicts = any(
            (isinstance(node, Variable) and node.name in ("class", "entropy"))
            or (isinstance(node, Call) and node.function == "p")
            for node in expression.root.walk()
        )
        return evaluate(expression, scope_of(facts, run, everywhere=predicts))
    except ExpressionError as error:
        raise ValueFault(f"{text!r}: {error.what} {error.advice}".rstrip()) from error


def _at(series: Series, place: int) -> Value:
    flaw = series.flaw(place)
    if flaw:
        raise ValueFault(f"there is no value: {flaw.words}.")
    value = series.values[place]
    if isinstance(value, str):
        return value
    if series.values.dtype == bool:
        return bool(value)
    if series.names is not None and 0 <= int(value) < len(series.names):
        return series.names[int(value)].strip()
    return float(value)


def _value(facts: Facts, run: Run, token: str, expression: str) -> Value:
    series = series_of(facts, run, expression)
    return _at(series, place_of(scope_of(facts, run), token))


def _values(facts: Facts, run: Run, expression: str) -> Value:
    return _numbers([_at(series, at) for series in [series_of(facts, run, expression)] for at in range(len(series))])


def _between(facts: Facts, run: Run, first: str, last: str, expression: str) -> Value:
    series = series_of(facts, run, expression)
    scope = scope_of(facts, run)
    places = range(place_of(scope, first) + 1, place_of(scope, last) + 1)
    if not places:
        raise ValueFault(f"{last!r} does not come after {first!r}.")
    return _numbers([_at(series, at) for at in places])


def _numbers(values: list[Value]) -> Value:
    if not all(isinstance(value, float | bool) for value in values):
        raise ValueFault("these are words, not numbers.")
    return np.array(values, np.float64)


def _row(facts: Facts, run: Run, token: str, point: str, head: float | None = None) -> Value:
    scope = scope_of(facts, run)
    try:
        parse_point(point)
        many = scope.rows(point, None if head is None else round(head))
    except ValueError:
        raise ValueFault(f"{point!r} is no point; `embstudio inspect` lists them.") from None
    except NotHereError:
        raise ValueFault(f"this model has no point {point}.") from None
    place = place_of(scope, token)
    values, flaws = many.block(place, place + 1)
    if flaws[0]:
        raise ValueFault(f"{point} has no value at {token!r}.")
    return np.asarray(values[0], np.float64)


def _probability(facts: Facts, run: Run, token: str, word: str) -> Value:
    quote = '"' if '"' not in word else "'"
    return _value(facts, run, token, f"p({quote}{word}{quote})")


def _ranked(facts: Facts, run: Run, token: str) -> tuple[Scope, np.ndarray]:
    """The probabilities of all words or classes after a token."""
    scope = scope_of(facts, run, everywhere=True)
    if scope.prediction is None:
        raise ValueFault("this model predicts neither classes nor words.")
    place = place_of(scope, token)
    values, flaws = scope.prediction.block(place, place + 1)
    if flaws[0]:
        raise ValueFault(f"there is no prediction at {token!r}.")
    return scope, values[0]


def _rank(facts: Facts, run: Run, token: str, word: str) -> Value:
    scope, values = _ranked(facts, run, token)
    names = scope.prediction.names() if scope.prediction is not None and scope.prediction.names else ()
    place = find_word(names, word)
    if place is None:
        raise ValueFault(f"neither a class nor a word of this model is called {word!r}.")
    return float(np.sum(values > values[place]) + 1)


def _likely(facts: Facts, run: Run, token: str, place: float = 1) -> Value:
    scope, values = _ranked(facts, run, token)
    names = scope.prediction.names() if scope.prediction is not None and scope.prediction.names else ()
    order = np.argsort(-values, kind="stable")
    if not 1 <= place <= len(order) or not names:
        raise ValueFault("there is no such place.")
    return str(names[int(order[round(place) - 1])]).strip()


def _token_count(facts: Facts, run: Run) -> Value:
    return float(len(scope_of(facts, run).trace))


def _token_place(facts: Facts, run: Run, token: str) -> Value:
    return float(place_of(scope_of(facts, run), token) + 1)


def _steps(facts: Facts, run: Run, first: str, last: str) -> Value:
    scope = scope_of(facts, run)
    return float(place_of(scope, last) - place_of(scope, first))


FUNCTIONS = (
    Function("value", ("run", "token", "expression"), "what an expression comes to at a token", _value),
    Function("values", ("run", "expression"), "the same at every token, as a vector", _values),
    Function("between", ("run", "token", "token", "expression"),
             "the same at the tokens after the first up to and with the second", _between),
    Function("row", ("run", "token", "point", "place?"),
             "all values of a point at a token (of a head, or the mean of all), as a vector", _row),
    Function("probability", ("run", "token", "word"), "of a class or next word after a token", _probability),
    Function("rank", ("run", "token", "word"), "of a class or next word among all, 1 is the likeliest", _rank),
    Function("likely", ("run", "token", "place?"), "the likeliest class or next word after a token, or the second …",
             _likely),
    Function("token_count", ("run",), "how many tokens the model reads, special ones counted", _token_count),
    Function("token_place", ("run", "token"), "the place of a token, counted from 1", _token_place),
    Function("steps_between", ("run", "token", "token"), "how many tokens one comes after another", _steps),
)  # fmt: skip
