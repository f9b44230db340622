"""The cells against an unrolling written from the equations gate by gate, and against a hand-worked number."""

from __future__ import annotations

import numpy as np
import pytest

from embstudio.formulas import cells

UNITS, INPUT, LENGTH = 3, 2, 4


def weights(gates: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """X [pos, input], W, R, B of one direction."""
    rng = np.random.default_rng(7)
    return (
        rng.normal(size=(LENGTH, INPUT)),
        rng.normal(size=(gates * UNITS, INPUT)),
        rng.normal(size=(gates * UNITS, UNITS)),
        rng.normal(size=2 * gates * UNITS),
    )


def logistic(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def affine(gate: int, gates: int, x: np.ndarray, h: np.ndarray, W: np.ndarray, R: np.ndarray, B: np.ndarray):
    """W_gate x + Wb_gate and R_gate h + Rb_gate, by plain indexing."""
    rows = slice(gate * UNITS, (gate + 1) * UNITS)
    return W[rows] @ x + B[rows], R[rows] @ h + B[gates * UNITS :][rows]


def test_one_lstm_unit_by_hand() -> None:
    # One unit, weights 0: every gate is σ(0) = 1/2 and the candidate is tanh(bias).
    B = np.array([0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0])
    step = cells.lstm_step(np.zeros(1), np.zeros(1), np.full(1, 2.0), np.zeros((4, 1)), np.zeros((4, 1)), B)
    assert step.g[0] == pytest.approx(0.7615941559557649)
    assert step.c[0] == pytest.approx(0.5 * 2 + 0.5 * 0.7615941559557649)
    assert step.h[0] == pytest.approx(0.5 * np.tanh(1.3807970779778824))


def test_lstm_takes_the_gates_in_onnx_order() -> None:
    X, W, R, B = weights(4)
    got = cells.lstm(X, W, R, B)
    h = c = np.zeros(UNITS)
    for pos, x in enumerate(X):
        i, o, f, g = (sum(affine(gate, 4, x, h, W, R, B)) for gate in range(4))
        c = logistic(f) * c + logistic(i) * np.tanh(g)
        h = logistic(o) * np.tanh(c)
        for name, value in {"i": logistic(i), "o": logistic(o), "f": logistic(f), "g": np.tanh(g), "c": c}.items():
            np.testing.assert_allclose(got[name][pos], value, atol=1e-12)
        np.testing.assert_allclose(got["h"][pos], h, atol=1e-12)


@pytest.mark.parametrize("linear_before_reset", [False, True])
def test_gru_in_both_forms(linear_before_reset: bool) -> None:
    X, W, R, B = weights(3)
    got = cells.gru(X, W, R, B, linear_before_reset=linear_before_reset)
    h = np.zeros(UNITS)
    for pos, x in enumerate(X):
        z, r = (logistic(sum(affine(gate, 3, x, h, W, R, B))) for gate in range(2))
        own, recurrent = affine(2, 3, x, h, W, R, B)
        if not linear_before_reset:
            recurrent = affine(2, 3, x, r * h, W, R, B)[1]
        n = np.tanh(own + (r * recurrent if linear_before_reset else recurrent))
        h = (1 - z) * n + z * h
        for name, value in {"z": z, "r": r, "n": n, "h": h}.items():
            np.testing.assert_allclose(got[name][pos], value, atol=1e-12)


def test_rnn_with_another_activation() -> None:
    X, W, R, B = weights(1)
    got = cells.rnn(X, W, R, B, activation=cells.relu)
    h = np.zeros(UNITS)
    for pos, x in enumerate(X):
        a = sum(affine(0, 1, x, h, W, R, B))
        h = np.where(a > 0, a, 0)
        np.testing.assert_allclose(got["a"][pos], a, atol=1e-12)
        np.testing.assert_allclose(got["h"][pos], h, atol=1e-12)


def test_reverse_reads_the_last_token_first_and_keeps_the_order_of_the_tokens() -> None:
    X, W, R, B = weights(4)
    backwards, turned = cells.lstm(X, W, R, B, reverse=True), cells.lstm(X[::-1], W, R, B)
    np.testing.assert_array_equal(backwards["h"], turned["h"][::-1])


def test_a_batch_is_its_sequences_one_by_one() -> None:
    X, W, R, B = weights(3)
    batch = np.stack([X, X[::-1]], axis=1)
    together = cells.gru(batch, W, R, B)
    for at in range(2):
        np.testing.assert_allclose(together["h"][:, at], cells.gru(batch[:, at], W, R, B)["h"], atol=1e-12)


def test_sigmoid_does_not_overflow() -> None:
    assert cells.sigmoid(np.array([-1e4, 0.0, 1e4])).tolist() == [0.0, 0.5, 1.0]
