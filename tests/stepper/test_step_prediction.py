"""What a model says before and after a step, against softmax written out."""

from __future__ import annotations

import math

import numpy as np
import pytest

from embstudio.stepper.probe import Probe
from embstudio.stepper.recurrent_flow import RecurrentCell
from embstudio.stepper.step_prediction import AT_END, BOTH_WAYS, NO_HEAD, prediction_stage, said
from embstudio.trace.axes import NamedArray
from embstudio.trace.token import Token
from embstudio.trace.trace import Provenance, Trace

LOGITS = np.array([[2.0, 1.0, -1.0], [0.5, 3.0, 0.0], [1.0, 0.0, 4.0]], np.float32)
CELL = RecurrentCell("lstm", 0, "forward", ("h",))


def trace_of(axes: tuple[str, ...], logits: np.ndarray = LOGITS, direction: str = "forward") -> Trace:
    arrays = {"logits": NamedArray(logits, axes), f"lstm.0.{direction}.h": NamedArray(np.ones((3, 2)), ("pos", "unit"))}
    tokens = tuple(Token(str(at), str(at), at) for at in range(3))
    return Trace("model", "", tokens, arrays, dict.fromkeys(arrays, Provenance.OBSERVED))


def probability(row: int, column: int) -> float:
    return math.exp(LOGITS[row, column]) / sum(map(math.exp, LOGITS[row]))


def word(id_: int) -> str:
    return "abc"[id_]


def test_classes_after_each_token() -> None:
    found = said(trace_of(("pos", "class")), 1, ("bad", "good", "dull"), word)
    assert [outcome.name for outcome in found.outcomes] == ["good", "bad", "dull"]
    for outcome, column in zip(found.outcomes, (1, 0, 2), strict=True):
        assert outcome.now == pytest.approx(probability(1, column))
        assert outcome.before == pytest.approx(probability(0, column))
    assert found.probe == Probe("logits", (1, 1))
    stage = prediction_stage(found, CELL, 0, 6)
    assert [(row.label, row.value) for row in stage.rows] == [
        ("good before", pytest.approx(probability(0, 1))),
        ("good now", pytest.approx(probability(1, 1))),
    ]
    assert stage.title == "6 prediction"
    assert not stage.note


def test_after_the_first_token_there_is_no_before() -> None:
    stage = prediction_stage(said(trace_of(("pos", "class")), 0, (), word), CELL, 2, 5)
    assert [row.label for row in stage.rows] == ["class 0"]
    assert stage.note == "h goes on to layer 1 first"


def test_words() -> None:
    found = said(trace_of(("pos", "vocab")), 2, (), word)
    assert [(outcome.name, outcome.now) for outcome in found.outcomes] == [
        ("c", pytest.approx(probability(2, 2))),
        ("a", pytest.approx(probability(2, 0))),
        ("b", pytest.approx(probability(2, 1))),
    ]
    assert found.outcomes[0].before == pytest.approx(probability(1, 2))
    assert prediction_stage(found, CELL, 0, 6).rows[0].label == "‘c’ before"


def test_a_model_that_reads_both_ways_says_nothing_because_of_a_step() -> None:
    found = said(trace_of(("pos", "class"), direction="reverse"), 1, (), word)
    assert {outcome.before for outcome in found.outcomes} == {None}
    assert found.note == BOTH_WAYS


def test_a_verdict_on_the_whole_text_comes_with_its_last_token() -> None:
    trace = trace_of(("class",), LOGITS[0])
    assert said(trace, 1, (), word).missing == AT_END
    found = said(trace, 2, (), word)
    assert found.outcomes[0].now == pytest.approx(probability(0, 0))
    assert found.probe == Probe("logits", (0,))
    last = trace_of(("vocab",), LOGITS[0])
    assert said(last, 0, (), word).missing == AT_END
    assert said(last, 2, (), word).probe == Probe("logits", (0,))


def test_a_model_without_a_head_predicts_nothing() -> None:
    trace = trace_of(("pos", "class"))
    bare = Trace("model", "", trace.tokens, {}, {})
    found = said(bare, 1, (), word)
    assert found.missing == NO_HEAD
    assert prediction_stage(found, CELL, 0, 6).missing == NO_HEAD
