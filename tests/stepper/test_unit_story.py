"""A unit's story against the same told step by step in float64, and by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from embstudio.formulas import cells
from embstudio.stepper.recurrent_flow import flow, recurrent_cells
from embstudio.stepper.unit_story import UnitStory, unit_story
from embstudio.trace.axes import NamedArray
from embstudio.trace.token import Token
from embstudio.trace.trace import Provenance, Trace

LENGTH, INPUT, UNITS = 30, 5, 6
rng = np.random.default_rng(8)


def told(prefix: str, parts: dict[str, np.ndarray], unit: int) -> UnitStory:
    arrays = {f"{prefix}.{name}": NamedArray(each.astype(np.float32), ("pos", "unit")) for name, each in parts.items()}
    length = len(next(iter(parts.values())))
    tokens = tuple(Token(str(at), str(at), at) for at in range(length))
    trace = Trace("m", "", tokens, arrays, dict.fromkeys(arrays, Provenance.OBSERVED))
    (cell,) = recurrent_cells(trace)
    found = flow(trace, cell)
    assert found is not None
    return unit_story(trace, cell, found, unit)


def weights(gates: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    R = rng.normal(size=(gates * UNITS, UNITS)) * 0.5
    B = rng.normal(size=2 * gates * UNITS)
    return rng.normal(size=(gates * UNITS, INPUT)), R, B


def steps_left(share: list[float], at: int) -> tuple[int, float]:
    """Walk on from `at` while at least half is left: how many steps, and what is left there."""
    left, steps = 1.0, 0
    for each in share[at + 1 :]:
        if left * each < 0.5:
            break
        left, steps = left * each, steps + 1
    return steps, left


@pytest.mark.parametrize("reverse", [False, True])
def test_lstm(reverse: bool) -> None:
    parts = cells.lstm(rng.normal(size=(LENGTH, INPUT)), *weights(4), reverse=reverse)
    order = list(range(LENGTH))[:: -1 if reverse else 1]
    for unit in range(UNITS):
        story = told(f"lstm.0.{'reverse' if reverse else 'forward'}", parts, unit)
        i, f, o, g, c, h = ([float(parts[name][pos, unit]) for pos in order] for name in "ifogch")
        new = [a * b for a, b in zip(i, g, strict=True)]
        at = max(range(LENGTH), key=lambda step: abs(new[step]))
        assert story.written is not None
        assert story.kept is not None
        assert (story.written.pos, story.written.amount) == (order[at], pytest.approx(new[at], abs=1e-6))
        steps, left = steps_left(f, at)
        assert story.kept.until == order[at + steps]
        assert story.kept.left == pytest.approx(left, abs=1e-5)
        assert story.kept.ended is (at + steps == LENGTH - 1)
        if steps:
            mean = math.exp(sum(map(math.log, f[at + 1 : at + steps + 1])) / steps)
            assert story.kept.a_step == pytest.approx(mean, abs=1e-5)
        else:
            assert math.isnan(story.kept.a_step)
        gone = [0.0] + [(f[step] - 1) * c[step - 1] for step in range(1, LENGTH)]
        worst = max(range(LENGTH), key=lambda step: abs(gone[step]))
        assert story.lost is not None
        assert (story.lost.pos, story.lost.amount) == (order[worst], pytest.approx(gone[worst], abs=1e-5))
        assert story.share == pytest.approx(f[worst], abs=1e-6)
        assert story.before == pytest.approx(c[worst - 1], abs=1e-5)
        most = max(range(LENGTH), key=lambda step: abs(h[step]))
        assert story.shown is not None
        assert (story.shown.pos, story.shown.amount) == (order[most], pytest.approx(h[most], abs=1e-6))
        assert story.gate == pytest.approx(o[most], abs=1e-6)


def test_gru() -> None:
    parts = cells.gru(rng.normal(size=(LENGTH, INPUT)), *weights(3))
    story = told("gru.0.forward", parts, 2)
    z, n, h = (parts[name][:, 2] for name in "znh")
    at = int(np.abs((1 - z) * n).argmax())
    assert story.written is not None
    assert story.written.pos == at
    assert story.kept is not None
    assert story.kept.left == pytest.approx(steps_left(z.tolist(), at)[1], abs=1e-5)
    assert story.shown is not None
    assert story.shown.pos == int(np.abs(h).argmax())
    assert math.isnan(story.gate)


def test_rnn_keeps_nothing_by_a_share() -> None:
    parts = cells.rnn(rng.normal(size=(LENGTH, INPUT)), *weights(1))
    story = told("rnn.0.forward", parts, 1)
    change = np.diff(parts["h"][:, 1], prepend=0)
    assert story.written is not None
    assert story.written.pos == int(np.abs(change).argmax())
    assert story.kept is None
    assert story.lost is None


def column(*values: float) -> np.ndarray:
    return np.array(values)[:, None]


def test_by_hand() -> None:
    """Written +0.6 at the second token, 0.9 of it kept twice, then nearly all forgotten."""
    f, i, g = column(1, 1, 0.9, 0.9, 0.1), column(0, 1, 0, 0, 0), column(0, 0.6, 0, 0, 0)
    c = column(0, 0.6, 0.54, 0.486, 0.0486)
    o = column(0, 0, 0, 1, 1)
    story = told("lstm.0.forward", {"i": i, "f": f, "g": g, "c": c, "o": o, "h": o * np.tanh(c)}, 0)
    assert story.written is not None
    assert story.kept is not None
    assert story.lost is not None
    assert story.shown is not None
    assert story.written.pos == 1
    assert (story.kept.until, story.kept.ended) == (3, False)
    assert story.kept.a_step == pytest.approx(0.9)
    assert story.kept.left == pytest.approx(0.81)
    assert story.lost.pos == 4
    assert story.lost.amount == pytest.approx(-0.9 * 0.486)
    assert story.shown.pos == 3


def test_a_unit_that_does_nothing_and_one_token() -> None:
    dead = {name: np.zeros((4, 2)) for name in "ifogch"}
    dead["c"][:, 1] = dead["h"][:, 1] = 0.5
    dead["f"][:] = 1
    assert told("lstm.0.forward", dead, 0) == UnitStory(0)
    one = {"i": column(1), "f": column(0.5), "o": column(1), "g": column(-0.4), "c": column(-0.4)}
    story = told("lstm.0.reverse", {**one, "h": np.tanh(one["c"])}, 0)
    assert story.written is not None
    assert story.written.pos == 0
    assert story.lost is None
    assert story.kept is not None
    assert story.kept.ended
