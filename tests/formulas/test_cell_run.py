"""The cells of the operators: the plain cells where nothing unusual is asked, and what is unusual by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from embstudio.formulas import cell_run, cells
from embstudio.formulas.activations import Activation
from embstudio.formulas.cell_weights import CellWeights

UNITS, INPUT, LENGTH = 3, 2, 5
NAMES = {"lstm": ("Sigmoid", "Tanh", "Tanh"), "gru": ("Sigmoid", "Tanh"), "rnn": ("Tanh",)}
STATES = {"lstm": "iofgch", "gru": "zrnh", "rnn": "ah"}


def cell(kind: str) -> CellWeights:
    rng, rows = np.random.default_rng(3), len(cells.ORDER[kind]) * UNITS
    activations = tuple(Activation.named(name) for name in NAMES[kind])
    return CellWeights(kind, rng.normal(size=(rows, INPUT)), rng.normal(size=(rows, UNITS)),
                       rng.normal(size=2 * rows), activations)  # fmt: skip


X = np.random.default_rng(4).normal(size=(LENGTH, INPUT))


@pytest.mark.parametrize("kind", NAMES)
@pytest.mark.parametrize("reverse", [False, True])
def test_without_anything_unusual_it_is_the_plain_cell(kind: str, reverse: bool) -> None:
    plain = cell(kind)
    expected = getattr(cells, kind)(X, plain.W, plain.R, plain.B, reverse=reverse)
    got = cell_run.run(plain, X, reverse=reverse)
    assert "".join(got) == STATES[kind]
    for name, value in expected.items():
        np.testing.assert_allclose(got[name], value, atol=1e-12)


def test_an_lstm_unit_with_peepholes_by_hand() -> None:
    # One unit without weights: i and f see the memory 2 before, o sees what it has become.
    one = CellWeights("lstm", np.zeros((4, 1)), np.zeros((4, 1)), np.zeros(8), cell("lstm").activations,
                      peepholes=np.array([0.5, 1.0, -0.5]))  # fmt: skip
    got = cell_run.step(one, np.zeros(1), np.zeros(1), np.full(1, 2.0))
    assert got["i"][0] == pytest.approx(0.7310585786300049)  # σ(1)
    assert got["f"][0] == pytest.approx(0.2689414213699951)  # σ(−1)
    assert got["c"][0] == pytest.approx(0.5378828427399902)
    assert got["o"][0] == pytest.approx(1 / (1 + np.exp(-0.5378828427399902)))


def test_sums_are_cut_off_and_the_memory_is_not() -> None:
    bias = np.array([9.0, 9.0, 9.0, 9.0, 0, 0, 0, 0])
    one = CellWeights("lstm", np.zeros((4, 1)), np.zeros((4, 1)), bias, cell("lstm").activations, clip=0.5)
    got = cell_run.step(one, np.zeros(1), np.zeros(1), np.full(1, 2.0))
    gate = 1 / (1 + np.exp(-0.5))
    assert got["i"][0] == got["f"][0] == got["o"][0] == pytest.approx(gate)
    assert got["g"][0] == pytest.approx(np.tanh(0.5))
    assert got["h"][0] == pytest.approx(gate * np.tanh(gate * 2 + gate * np.tanh(0.5)))


def test_a_forget_gate_that_is_what_the_input_gate_leaves() -> None:
    got = cell_run.run(replace(cell("lstm"), input_forget=True), X)
    np.testing.assert_allclose(got["f"], 1 - got["i"], atol=1e-15)


@pytest.mark.parametrize("kind", NAMES)
@pytest.mark.parametrize("reverse", [False, True])
def test_each_sequence_of_a_batch_is_read_to_its_own_end(kind: str, reverse: bool) -> None:
    plain, lengths = cell(kind), np.array([5, 2, 0])
    batch = np.random.default_rng(5).normal(size=(LENGTH, 3, INPUT))
    got = cell_run.run(plain, batch, reverse=reverse, lengths=lengths)
    for at, length in enumerate(lengths):
        alone = cell_run.run(plain, batch[:length, at], reverse=reverse)
        for name, value in got.items():
            np.testing.assert_allclose(value[:length, at], alone[name], atol=1e-12)
            assert not value[length:, at].any()


@pytest.mark.parametrize("kind", NAMES)
def test_no_tokens_at_all(kind: str) -> None:
    got = cell_run.run(cell(kind), X[:0])
    assert {name: value.shape for name, value in got.items()} == dict.fromkeys(STATES[kind], (0, UNITS))
