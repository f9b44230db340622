"""How scores of classes are read, against float64 numpy and against what the models themselves give out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import onnxruntime as ort
import pytest

from embstudio.session.messages import ModelRef, TraceRequest
from embstudio.session.runner import Runner
from embstudio.stepper.class_readout import class_readout
from embstudio.stepper.explanation import explain
from embstudio.stepper.output_score import output_scores
from embstudio.stepper.prediction import class_probabilities
from embstudio.stepper.probe import Probe
from embstudio.stepper.saying import Saying
from embstudio.stepper.step_prediction import said
from embstudio.stepper.watch.evaluate import evaluate
from embstudio.stepper.watch.expression_error import UnfittingError
from embstudio.stepper.watch.parser import parse
from embstudio.stepper.watch.scope import Scope
from embstudio.trace.axes import NamedArray
from embstudio.trace.readout import Readout
from embstudio.trace.token import Token
from embstudio.trace.trace import Provenance, Trace, load_trace, save_trace
from tests.score_models import make_scores

IDS = (3, 7, 1, 1, 10)
rng = np.random.default_rng(11)


def trace_of(scores: np.ndarray, *axes: str, readout: Readout | None = None) -> Trace:
    tokens = tuple(Token(str(id_), str(id_), id_) for id_ in IDS)
    point = {"logits": NamedArray(scores, axes or ("pos", "class"))}
    return Trace("", "", tokens, point, {"logits": Provenance.OBSERVED}, readout=readout)


def run(path: Path) -> Trace:
    model = ModelRef(path)
    return Runner.open(model).trace(TraceRequest(model, ids=IDS))


def given_out(path: Path) -> np.ndarray:
    """What onnxruntime gives for the unchanged file, [pos, class] in float64."""
    session = ort.InferenceSession(path, providers=["CPUExecutionProvider"])
    return session.run(None, {"ids": np.array([IDS], np.int64)})[0][0].astype(np.float64)


def plain_sigmoid(x: np.ndarray) -> np.ndarray:
    wide = x.astype(np.longdouble)
    return np.asarray(1 / (1 + np.exp(-wide)), np.float64)


def test_several_scores_exclude_one_another_until_somebody_says_otherwise() -> None:
    scores = (rng.normal(size=(5, 3)) * 4).astype(np.float32)
    trace = trace_of(scores)
    powers = np.exp(scores.astype(np.longdouble))
    np.testing.assert_allclose(
        class_probabilities(trace), (powers / powers.sum(axis=1, keepdims=True)).astype(float), rtol=1e-12
    )
    each = replace(trace, readout=Readout.EACH)
    np.testing.assert_allclose(class_probabilities(each), plain_sigmoid(scores), rtol=1e-12)
    assert class_readout(trace).open
    assert class_readout(each).open


def test_sigmoid_of_large_scores_in_half_precision() -> None:
    trace = trace_of(np.array([[6e4, -6e4]] * 5, np.float16), readout=Readout.EACH)
    np.testing.assert_array_equal(class_probabilities(trace)[0], [1, 0])


def test_one_score_takes_no_softmax() -> None:
    scores = rng.normal(size=(5, 1)).astype(np.float32)
    readout = class_readout(trace_of(scores))
    assert readout.bare
    assert not readout.open
    np.testing.assert_allclose(readout.of(scores), plain_sigmoid(scores), rtol=1e-12)


def test_one_score_within_0_and_1_is_no_probability_unless_the_graph_says_so() -> None:
    scores = rng.uniform(0.1, 0.9, size=(5, 1)).astype(np.float32)
    assert class_readout(trace_of(scores)).bare
    given = trace_of(scores, readout=Readout.GIVEN)
    assert not class_readout(given).bare
    np.testing.assert_array_equal(class_probabilities(given), scores.astype(np.float64))


def test_rows_that_sum_to_one_are_taken_as_they_are() -> None:
    shares = rng.dirichlet(np.ones(4), size=5).astype(np.float32)
    readout = class_readout(trace_of(shares, readout=Readout.EACH))
    assert readout.given
    assert not readout.apart
    np.testing.assert_allclose(readout.of(shares), shares, rtol=1e-5)


@pytest.mark.parametrize("classes", [1, 3])
@pytest.mark.parametrize("reshaped", [False, True])
def test_a_sigmoid_at_the_end_of_a_graph_is_found(tmp_path: Path, classes: int, reshaped: bool) -> None:
    path = make_scores(tmp_path, classes, end="Sigmoid", reshaped=reshaped)
    trace = run(path)
    assert trace.readout is (Readout.GIVEN if reshaped else Readout.EACH)
    readout = class_readout(trace)
    assert readout.apart
    assert not readout.bare
    np.testing.assert_allclose(class_probabilities(trace), given_out(path), atol=2e-7)


@pytest.mark.parametrize("reshaped", [False, True])
def test_a_softmax_at_the_end_of_a_graph_is_found(tmp_path: Path, reshaped: bool) -> None:
    path = make_scores(tmp_path, 3, end="Softmax", reshaped=reshaped)
    trace = run(path)
    assert trace.readout is Readout.ONE_OF
    np.testing.assert_allclose(class_probabilities(trace), given_out(path), atol=2e-7)


@pytest.mark.parametrize("classes", [1, 2])
def test_of_raw_scores_nothing_is_claimed(tmp_path: Path, classes: int) -> None:
    trace = run(make_scores(tmp_path, classes))
    assert trace.readout is None
    assert class_readout(trace).bare is (classes == 1)


def test_all_views_of_a_trace_follow(tmp_path: Path) -> None:
    trace = replace(run(make_scores(tmp_path, 3)), readout=Readout.EACH)
    raw = trace["logits"].values
    expected = plain_sigmoid(raw)
    saying = Saying(trace, labels=("a", "b", "c"))
    np.testing.assert_allclose(saying.shares, expected, rtol=1e-12)
    assert saying.verdicts == (None,) * 5  # none wins
    scope = Scope(trace, ("a", "b", "c"), (), ("logits",))
    np.testing.assert_allclose(evaluate(parse('p("b")', ("logits",)), scope).values, expected[:, 1], rtol=1e-12)
    for text in ("class", "entropy", "flips(class)"):
        with pytest.raises(UnfittingError, match="judged by itself"):
            evaluate(parse(text, ("logits",)), scope)
    (working,) = explain(trace, Probe("logits", (2, 1))).workings
    assert working.result == pytest.approx(expected[2, 1], rel=1e-12)
    assert "Σ" not in "".join(piece.text for piece in working.formula)
    assert not any(score.predicted for score in output_scores(trace))
    assert [score.predicted for score in output_scores(replace(trace, readout=None))] == [True, False, False]
    found = said(trace, 2, ("a", "b", "c"), str)
    assert {each.name: each.now for each in found.outcomes} == pytest.approx(dict(zip("abc", expected[2], strict=True)))
    assert {each.name: each.before for each in found.outcomes} == pytest.approx(
        dict(zip("abc", expected[1], strict=True))
    )


def test_a_saved_trace_keeps_how_it_is_read(tmp_path: Path) -> None:
    trace = trace_of(np.zeros((5, 2), np.float32), readout=Readout.EACH)
    save_trace(trace, tmp_path / "trace.npz")
    assert load_trace(tmp_path / "trace.npz").readout is Readout.EACH
    save_trace(replace(trace, readout=None), tmp_path / "other.npz")
    assert load_trace(tmp_path / "other.npz").readout is None
