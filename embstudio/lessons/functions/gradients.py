"""Functions of gradients: how much of a change at one token arrives at a later one, as the Gradient panel has it."""

from __future__ import annotations

import numpy as np

from embstudio.lessons.facts import Facts, Gradient, GradientNeed
from embstudio.lessons.functions.function import Function
from embstudio.lessons.functions.runs import place_of, scope_of
from embstudio.lessons.lesson import Run
from embstudio.lessons.value import Value, ValueFault

WORDS = "words"


def _found(facts: Facts, run: Run, last: str) -> tuple[Gradient, int]:
    place = place_of(scope_of(facts, run), last)
    return facts.gradient(GradientNeed(run, place)), place


def _row(table: dict[str, np.ndarray], state: str) -> np.ndarray:
    if state not in table:
        raise ValueFault(f"there is no gradient of {state!r}; there are {', '.join((*table, WORDS))}.")
    return table[state]


def _arrives(facts: Facts, run: Run, first: str, last: str, state: str) -> Value:
    """‖∂s_T / ∂s_t‖ / ‖∂s_T / ∂s_T‖ in the Frobenius norm: of a change in any direction, the share that arrives."""
    gradient, place = _found(facts, run, last)
    if state == WORDS:
        if gradient.words is None:
            raise ValueFault(" ".join(gradient.notes) or "the words' gradients could not be had.")
        logs = gradient.words
    else:
        logs = _row(gradient.states, state)
    start = place_of(scope_of(facts, run), first)
    return float(10.0 ** (logs[start] - logs[place]))


def _most_arrives(facts: Facts, run: Run, first: str, last: str, state: str) -> Value:
    """The largest singular value of ∂s_T / ∂s_t."""
    gradient, _ = _found(facts, run, last)
    return float(10.0 ** _row(gradient.largest, state)[place_of(scope_of(facts, run), first)])


def _stretches(facts: Facts, run: Run, token: str, state: str) -> Value:
    """The largest singular value of ∂s_t / ∂s_t₋₁."""
    gradient, place = _found(facts, run, token)
    value = float(_row(gradient.steps, state)[place])
    if not np.isfinite(value):
        raise ValueFault(f"no step leads to {token!r}.")
    return value


FUNCTIONS = (
    Function("arrives", ("run", "token", "token", "state"),
             'share of a change at the first token that arrives at the second, on the average over directions; '
             'state: "lstm.0.forward.c" or "words"', _arrives),
    Function("most_arrives", ("run", "token", "token", "state"), "the same in the direction that arrives best",
             _most_arrives),
    Function("stretches", ("run", "token", "state"), "the largest singular value of the step to a token", _stretches),
)  # fmt: skip
