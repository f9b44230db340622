"""Shares of the memory against plain recursions in float64 in which only one token writes."""

from __future__ import annotations

import numpy as np
import pytest

from embstudio.formulas import cells
from embstudio.stepper.crowding import bands, constant, half_lives, left_of
from embstudio.stepper.memory_shares import MemoryShares
from embstudio.stepper.recurrent_flow import recurrent_cells
from embstudio.trace.axes import NamedArray
from embstudio.trace.token import Token
from embstudio.trace.trace import Provenance, Trace

LENGTH, UNITS = 30, 6


def recursion(keep: np.ndarray, written: np.ndarray, start: np.ndarray) -> np.ndarray:
    """s ← keep ⊙ s + written from s = start before the first gate: the state after each step."""
    states, state = [], start
    for gate, new in zip(keep, written, strict=True):
        state = gate * state + new
        states.append(state)
    return np.array(states)


def only(written: np.ndarray, source: int) -> np.ndarray:
    """The same with nothing written by any other token."""
    alone = np.zeros_like(written)
    alone[source] = written[source]
    return alone


@pytest.fixture(params=["forward", "backwards", "with zeros and negative gates"])
def case(request: pytest.FixtureRequest) -> tuple[MemoryShares, np.ndarray, np.ndarray, np.ndarray, int]:
    """Shares in the order of the text; gates, writings and start in the order of reading; the direction as ±1."""
    rng = np.random.default_rng(11)
    keep = rng.uniform(0.05, 1.0, (LENGTH, UNITS))
    written, start = rng.normal(size=(LENGTH, UNITS)), rng.normal(size=UNITS)
    way = -1 if request.param == "backwards" else 1
    if request.param.startswith("with"):
        keep[rng.uniform(size=keep.shape) < 0.1] = 0.0
        keep[rng.uniform(size=keep.shape) < 0.3] *= -1
    shares = MemoryShares(keep[::way], written[::way], keep[0] * start, backwards=way < 0)
    return shares, keep, written, start, way


def test_what_is_due_to_a_token_is_what_it_leaves_when_no_other_writes(case: tuple) -> None:
    shares, keep, written, start, way = case
    nothing = np.zeros(UNITS)
    alone = np.array([recursion(keep, only(written, source), nothing) for source in range(LENGTH)])
    for step in (0, 1, 13, LENGTH - 1):
        token = step if way > 0 else LENGTH - 1 - step
        due = shares.composition(token)[::way]
        np.testing.assert_allclose(due[: step + 1], alone[: step + 1, step], rtol=1e-11, atol=1e-300)
        assert np.isnan(due[step + 1 :]).all()
        for source in range(step + 1):
            place = source if way > 0 else LENGTH - 1 - source
            np.testing.assert_allclose(shares.due(place, token), alone[source, step], rtol=1e-11, atol=1e-300)
            mass = np.abs(alone[:, step]).sum(axis=0) + np.abs(recursion(keep, 0 * written, start)[step])
            np.testing.assert_allclose(shares.share(place, token), np.abs(alone[source, step]) / mass, rtol=1e-10)


def test_all_together_they_are_the_state(case: tuple) -> None:
    shares, keep, written, start, way = case
    states = recursion(keep, written, start)[::way]
    for token in range(LENGTH):
        total = np.nansum(shares.composition(token), axis=0) + shares.due_to_start(token)
        np.testing.assert_allclose(total, states[token], rtol=1e-10, atol=1e-12)


def test_the_picture_is_the_composition_in_single_precision(case: tuple) -> None:
    shares, *_rest = case
    for token in (0, 11, LENGTH - 1):
        exact = np.nan_to_num(shares.composition(token)).T
        np.testing.assert_allclose(shares.picture(token), exact, rtol=2e-5, atol=1e-30)


def test_bands_hold_what_is_as_old_as_they_say(case: tuple) -> None:
    shares, keep, written, start, way = case
    nothing = np.zeros(UNITS)
    sizes = np.abs([recursion(keep, only(written, source), nothing) for source in range(LENGTH)]).sum(axis=2)
    began = np.abs(recursion(keep, 0 * written, start)).sum(axis=1)
    found = bands(shares).shares[::way]
    for step in range(LENGTH):
        age = step - np.arange(LENGTH)  # 0: the token just read
        mine = [sizes[(age >= low) & (age < high), step].sum() for low, high in ((0, 1), (1, 5), (5, 20), (20, 99))]
        mine[-1] += began[step]
        np.testing.assert_allclose(found[step], np.array(mine) / sum(mine), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(found.sum(axis=1), 1.0)


def test_what_is_left_of_a_token_is_its_writing_that_still_stands(case: tuple) -> None:
    shares, keep, written, _start, way = case
    alone = recursion(keep, only(written, 4), np.zeros(UNITS))
    left = left_of(shares, 4 if way > 0 else LENGTH - 5)[::way]
    np.testing.assert_allclose(left[4:], np.abs(alone[4:]).sum(axis=1) / np.abs(written[4]).sum(), rtol=1e-11)
    assert np.isnan(left[:4]).all()


def test_nothing_underflows_in_a_long_text() -> None:
    length, keep = 2000, np.array([[0.3, 1e-30, 1.0]])
    shares = MemoryShares(np.repeat(keep, length, axis=0), np.ones((length, 3)), np.zeros(3))
    np.testing.assert_allclose(shares.log10_retained(0, length - 1), (length - 1) * np.log10(keep[0]), rtol=1e-12)
    assert shares.retained(0, length - 1).tolist() == [0.0, 0.0, 1.0]  # what float64 has no number for
    near = length - 500
    np.testing.assert_allclose(shares.retained(near, length - 1)[0], 0.3**499, rtol=1e-10)
    np.testing.assert_allclose(shares.mass[-1], [1 / 0.7, 1.0, length], rtol=1e-12)


def test_half_lives_of_gates_that_stay_the_same() -> None:
    keep = np.array([0.5, 0.8, 1.0, 0.0, 0.5**0.1])
    shares = MemoryShares(np.repeat(keep[None], 12, axis=0), np.ones((12, 5)), np.zeros(5))
    np.testing.assert_allclose(half_lives(shares), [1.0, np.log(0.5) / np.log(0.8), np.inf, 0.0, 10.0], rtol=1e-12)


def test_the_noted_gate() -> None:
    """0.80 a token leaves what the reading notes work out: 0.8⁵ = 0.33, 0.8¹⁰ = 0.107, 0.8¹³ = 0.055."""
    np.testing.assert_allclose(constant(0.8, 14)[[0, 5, 10, 13]], [1, 0.32768, 0.1073741824, 0.0549755813888])


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("kind", ["lstm", "gru"])
def test_of_a_layer(kind: str, reverse: bool) -> None:
    """The rows add up to the layer's own state, whatever it began with."""
    rng = np.random.default_rng(5)
    gates = len(cells.ORDER[kind])
    sizes = ((gates * UNITS, 5), (gates * UNITS, UNITS), 2 * gates * UNITS)
    given, began = [rng.normal(size=size) for size in sizes], rng.normal(size=UNITS)
    texts = rng.normal(size=(LENGTH, 5))
    if kind == "lstm":
        parts = cells.lstm(texts, *given, c=began, reverse=reverse)
    else:
        parts = cells.gru(texts, *given, h=began, reverse=reverse)
    prefix = f"{kind}.0.{'reverse' if reverse else 'forward'}"
    arrays = {f"{prefix}.{name}": NamedArray(values, ("pos", "unit")) for name, values in parts.items()}
    tokens = tuple(Token(str(at), str(at), at) for at in range(LENGTH))
    trace = Trace("cells", "", tokens, arrays, dict.fromkeys(arrays, Provenance.OBSERVED))
    (cell,) = recurrent_cells(trace)
    shares = MemoryShares.of(trace, cell)
    assert shares is not None
    assert shares.starts
    for token in (0, 7, LENGTH - 1):
        total = np.nansum(shares.composition(token), axis=0) + shares.due_to_start(token)
        np.testing.assert_allclose(total, parts[cell.state][token], atol=1e-12)


def test_a_plain_rnn_has_no_such_sum() -> None:
    rng = np.random.default_rng(5)
    parts = cells.rnn(rng.normal(size=(4, 3)), rng.normal(size=(2, 3)), rng.normal(size=(2, 2)), rng.normal(size=4))
    arrays = {f"rnn.0.forward.{name}": NamedArray(values, ("pos", "unit")) for name, values in parts.items()}
    tokens = tuple(Token(str(at), str(at), at) for at in range(4))
    trace = Trace("cells", "", tokens, arrays, dict.fromkeys(arrays, Provenance.OBSERVED))
    assert MemoryShares.of(trace, recurrent_cells(trace)[0]) is None
