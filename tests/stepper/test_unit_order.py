"""Orders of units against numpy's own statistics in float64."""

from __future__ import annotations

import numpy as np

from embstudio.stepper.output_score import TOP, OutputScore, output_scores
from embstudio.stepper.unit_order import UnitOrder, activity, correlation, openness, together
from embstudio.trace.axes import NamedArray
from embstudio.trace.trace import Provenance, Trace

RNG = np.random.default_rng(4)
STATE = RNG.normal(size=(40, 9)).astype(np.float32)


def trace_of(logits: np.ndarray, axes: tuple[str, ...]) -> Trace:
    return Trace("m", "t", (), {"logits": NamedArray(logits, axes)}, {"logits": Provenance.OBSERVED})


def test_rows_are_the_way_back_from_units() -> None:
    order = UnitOrder.ranked(np.array([0.1, 3.0, np.nan, 3.0, -2.0]))
    assert order.units.tolist() == [1, 3, 0, 4, 2]
    assert order.rows[order.units].tolist() == list(range(5))
    assert UnitOrder.of_model(3).units.tolist() == [0, 1, 2]


def test_activity_and_openness_are_means() -> None:
    np.testing.assert_allclose(activity(STATE), [np.mean([abs(float(x)) for x in column]) for column in STATE.T])
    np.testing.assert_allclose(openness(STATE), [np.mean([float(x) for x in column]) for column in STATE.T])


def test_correlation_is_pearsons() -> None:
    score = RNG.normal(size=40)
    expected = [np.corrcoef(column.astype(np.float64), score)[0, 1] for column in STATE.T]
    np.testing.assert_allclose(correlation(STATE, score), expected, atol=1e-12)
    still = STATE.copy()
    still[:, 3] = 0.7
    assert correlation(still, score)[3] == 0
    assert not correlation(STATE, np.full(40, 2.0)).any()
    assert np.isnan(correlation(STATE[:2], score[:2])).all()


def test_units_that_move_together_stand_together() -> None:
    waves = np.stack([np.sin(np.arange(60) / 3), np.cos(np.arange(60) / 3), np.linspace(-1, 1, 60)])
    group = RNG.integers(0, 3, 24)
    state = (RNG.uniform(0.5, 2, 24) * waves[group].T + RNG.normal(scale=0.05, size=(60, 24))).astype(np.float32)
    ordered = group[together(state).units]
    assert (np.diff(ordered) != 0).sum() == 2  # three runs
    assert sorted(together(state[:2]).units.tolist()) == list(range(24))
    assert together(np.zeros((5, 4))).units.size == 4


def test_scores_that_can_be_followed() -> None:
    logits = RNG.normal(size=(7, 3)).astype(np.float32)
    trace = trace_of(logits, ("pos", "class"))
    best = int(logits[-1].argmax())
    found = output_scores(trace)
    assert found[0] == OutputScore(best, "class", predicted=True)
    assert {each.entry for each in found} == {0, 1, 2}
    for each in found:
        np.testing.assert_array_equal(each.along(trace), logits[:, each.entry])
    words = trace_of(logits, ("pos", "vocab"))
    np.testing.assert_array_equal(OutputScore(TOP, "vocab").along(words), logits.max(axis=1))
    assert [each.entry for each in output_scores(words)] == [best, TOP]
    assert output_scores(trace_of(logits[0], ("class",))) == []
