"""`embstudio watch`, held against the values that `embstudio trace` saves."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from embstudio.trace.trace import load_trace
from tests.cli.conftest import Command
from tests.judging_models import make_last_verdict

TURN = "I expected to hate it but loved it"


def test_the_numbers_are_those_of_the_trace(embstudio: Command, tmp_path: Path) -> None:
    out = tmp_path / "out.npz"
    assert embstudio("trace", "sentiment-lstm", "--text", TURN, "--out", out).status == 0
    trace = load_trace(out)
    c = trace["lstm.0.forward.c"].values.astype(np.float64)
    said = embstudio(
        "watch", "sentiment-lstm", "--text", TURN, "--json", "size: lstm.0.forward.c.norm", "change(position)",
        "class", 'token == "but"', 'p("positive")',
    )  # fmt: skip
    assert said.status == 0
    data = json.loads(said.out)
    assert (data["format"], data["version"], data["text"]) == ("embstudio watches", 1, TURN)
    assert data["tokens"] == [token.text for token in trace.tokens]
    size, change, class_, but, positive = data["watches"]
    assert size["name"] == "size"
    np.testing.assert_allclose(size["values"], np.linalg.norm(c, axis=1), rtol=1e-6)
    assert change["values"] == [None, *[1.0] * 7]
    assert change["reasons"] == ["there is no step before the first", *[None] * 7]
    best = trace["logits"].values.argmax(1)
    assert class_["labels"] == [("negative", "positive")[at] for at in best]
    assert but["values"] == [token == "but" for token in data["tokens"]]
    logits = trace["logits"].values.astype(np.float64)
    np.testing.assert_allclose(  # softmax of two is the sigmoid of their difference
        positive["values"], 1 / (1 + np.exp(logits[:, 0] - logits[:, 1])), rtol=1e-5
    )


def test_a_table_has_a_row_a_token_and_says_why_a_value_is_missing(embstudio: Command) -> None:
    said = embstudio("watch", "sentiment-lstm", "--text", "not good", "flips(class)", "position", "x: position * 1e6")
    assert said.status == 0
    assert [line.split() for line in said.out.splitlines()] == [
        ["token", "flips(class)", "position", "x"],
        ["0", "not", "—", "0", "0"],
        ["1", "good", "no", "1", "1e+06"],
    ]
    assert "flips(class): no value at token 0: there is no step before the first" in said.err


def test_a_long_expression_stands_above_the_table(embstudio: Command) -> None:
    long = "lstm.0.forward.c.norm + lstm.0.forward.h.norm"
    lines = embstudio("watch", "sentiment-lstm", "--text", "good", long).out.splitlines()
    assert lines[0] == f"(1) {long}"
    assert lines[1].split() == ["token", "(1)"]


@pytest.mark.parametrize(
    ("expression", "status", "told"),
    [
        ("position +", 2, "Something is missing at the end."),
        ("position and true", 2, "A condition is needed here"),
        ("lstm.0.forward.c", 2, "one for each unit"),
        ("blocks.0.attn.pattern.max", 1, "no point blocks.0.attn.pattern"),
        ('p("gorgeous")', 1, "is called 'gorgeous'"),
    ],
)
def test_what_cannot_be_worked_out_is_said_with_a_caret(
    embstudio: Command, expression: str, status: int, told: str
) -> None:
    said = embstudio("watch", "sentiment-lstm", "--text", "good", expression)
    assert said.status == status
    assert said.out == ""
    assert told in said.err
    lines = said.err.splitlines()
    assert lines[1] == f"  {expression}"
    assert set(lines[2]) == {" ", "^"}


def test_an_expression_that_begins_with_a_minus_stands_behind_two(embstudio: Command) -> None:
    said = embstudio("watch", "--text", "good", "--", "sentiment-lstm", "-position")
    assert said.out.split()[-2:] == ["good", "0"]


def test_a_model_that_judges_whole_texts_is_run_on_each_beginning(embstudio: Command, tmp_path: Path) -> None:
    last = make_last_verdict(tmp_path)
    values = [
        json.loads(embstudio("watch", model, "--text", TURN, "--json", "p(1)").out)["watches"][0]["values"]
        for model in (last, "sentiment-lstm")
    ]
    np.testing.assert_allclose(*values, rtol=1e-5)
    assert len(values[0]) == 8
