"""What is offered while an expression is typed, and that every example can be worked out."""

from __future__ import annotations

import pytest

from embstudio.stepper.probe import Probe
from embstudio.stepper.watch.completion import completions, examples
from embstudio.stepper.watch.evaluate import evaluate
from embstudio.stepper.watch.of_probe import break_of, watch_of
from embstudio.stepper.watch.parser import parse
from tests.stepper.watch.conftest import scope_of

POINTS = ("embed", "lstm.0.forward.f", "lstm.0.forward.c", "logits")


def offered(text: str) -> list[str]:
    """The whole texts that come of taking each completion at the end."""
    return [text[: each.start] + each.text for each in completions(text, len(text), POINTS)]


def test_points_by_their_beginning_and_by_any_part() -> None:
    assert offered("lst") == ["lstm.0.forward.f", "lstm.0.forward.c"]
    assert offered("1 + forward") == ["1 + lstm.0.forward.f", "1 + lstm.0.forward.c"]
    assert "log(" in offered("log")
    assert "logits" in offered("log")


def test_what_can_be_made_of_a_point_behind_its_dot() -> None:
    assert offered("lstm.0.forward.f.me") == ["lstm.0.forward.f.mean"]
    assert "lstm.0.forward.f.norm" in offered("lstm.0.forward.f.")
    assert offered("lstm.0.forward.f[0:8].ma") == ["lstm.0.forward.f[0:8].max"]
    assert offered("change(embed).no") == ["change(embed).norm"]


@pytest.mark.parametrize("text", ["", "1 +", 'token == "lst', "2", "position"])
def test_nothing_where_nothing_is_begun(text: str) -> None:
    assert offered(text) == []


def test_in_the_middle_of_a_text() -> None:
    found = completions("lst + 1", 3, POINTS)
    assert next((each.start, each.text) for each in found) == (0, "lstm.0.forward.f")


@pytest.mark.parametrize("model", ["sentiment-lstm", "toy-lstm", "sentiment-rnn", "next-word", "words"])
def test_every_example_can_be_worked_out(model: str) -> None:
    scope = scope_of(model)
    found = examples(scope.points, scope.labels)
    assert len(found) >= 2
    for text, meaning in found:
        assert len(evaluate(parse(text, scope.points), scope)) == scope.steps
        assert meaning


def test_the_value_that_is_pointed_at_is_the_one_that_is_watched() -> None:
    lstm, words = scope_of("sentiment-lstm"), scope_of("next-word")
    for scope, probe in (
        (lstm, Probe("lstm.0.forward.c", (3, 17))),
        (lstm, Probe("lstm.0.forward.f", (3, 17))),
        (lstm, Probe("logits", (3, 1))),
        (words, Probe("blocks.1.attn.pattern", (2, 5, 4))),
        (words, Probe("blocks.1.attn.q", (2, 5, 7))),
        (words, Probe("blocks.1.attn.k", (2, 5, 7))),
        (words, Probe("blocks.2.resid_post", (5, 7))),
    ):
        token = probe.index[-2]
        series = evaluate(parse(watch_of(probe)), scope)
        assert series.values[token] == probe.value(scope.trace)
        assert evaluate(parse(break_of(probe)), scope).values.dtype == bool
    assert "changes_sign" in break_of(Probe("lstm.0.forward.c", (3, 17)))
    assert "> 0.5" in break_of(Probe("lstm.0.forward.f", (3, 17)))
