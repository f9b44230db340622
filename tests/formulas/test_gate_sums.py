"""The parts of each gate's sum against the cells in float64, and against ONNX's own reference where a cell has more."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper
from onnx.reference import ReferenceEvaluator

from embstudio.formulas import cells
from embstudio.formulas.activations import Activation
from embstudio.formulas.cell_weights import CellWeights
from embstudio.formulas.gate_sums import GateSums

INPUT, UNITS = 5, 4
SIGMOID, TANH = Activation.named("Sigmoid"), Activation.named("Tanh")
DEFAULTS = {"lstm": (SIGMOID, TANH, TANH), "gru": (SIGMOID, TANH), "rnn": (TANH,)}
rng = np.random.default_rng(7)


def random_cell(kind: str, **settings: object) -> CellWeights:
    rows = len(cells.ORDER[kind]) * UNITS
    shapes = ((rows, INPUT), (rows, UNITS), (2 * rows,))
    given = {"activations": DEFAULTS[kind]} | settings
    return CellWeights(kind, *(rng.normal(size=shape) for shape in shapes), **given)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["lstm", "gru", "gru after the matrix", "rnn"])
def test_values_are_those_of_the_cell(kind: str) -> None:
    kind, _, after = kind.partition(" ")
    cell = random_cell(kind, linear_before_reset=bool(after))
    x, h, c = rng.normal(size=INPUT), rng.normal(size=UNITS), rng.normal(size=UNITS)
    given = (cell.W, cell.R, cell.B)
    step: Any
    if kind == "lstm":
        step = cells.lstm_step(x, h, c, *given)
    elif kind == "gru":
        step = cells.gru_step(x, h, *given, linear_before_reset=bool(after))
    else:
        step = cells.rnn_step(x, h, *given)
    sums = GateSums(cell)
    found = sums.of(x, h)
    assert set(found) == set(cells.ORDER[kind])
    for part, gate in found.items():
        expected = step.h if part == "a" else getattr(step, part)
        np.testing.assert_allclose(gate.value, expected, rtol=1e-12)
        np.testing.assert_allclose(gate.word, cell.W[sums.rows(part)] @ x, rtol=1e-12)
        assert (np.abs(gate.word) + np.abs(gate.memory) + np.abs(gate.bias) <= gate.size + 1e-12).all()
        r = step.r if kind == "gru" else None
        terms = np.array([sums.memory_terms(part, unit, h, r) for unit in range(UNITS)])
        np.testing.assert_allclose(terms.sum(axis=1), gate.memory, rtol=1e-9)


def test_peepholes_and_clipping_are_those_of_onnxs_reference() -> None:
    cell = random_cell("lstm", peepholes=rng.normal(size=3 * UNITS))
    x, h, c = rng.normal(size=INPUT), rng.normal(size=UNITS), rng.normal(size=UNITS)
    names = ["X", "W", "R", "B", "", "h0", "c0", "P"]
    node = helper.make_node("LSTM", names, ["Y", "Y_h", "Y_c"], hidden_size=UNITS)
    inputs = [helper.make_tensor_value_info(name, TensorProto.DOUBLE, None) for name in names if name]
    outputs = [helper.make_tensor_value_info(name, TensorProto.DOUBLE, None) for name in ("Y_h", "Y_c")]
    model = helper.make_model(helper.make_graph([node], "one", inputs, outputs), opset_imports=[
        helper.make_opsetid("", 17)
    ])  # fmt: skip
    fed = {"X": x[None, None], "W": cell.W[None], "R": cell.R[None], "B": cell.B[None], "h0": h[None, None],
           "c0": c[None, None], "P": cell.peepholes[None]}  # type: ignore[index]  # fmt: skip
    hidden, memory = (value.reshape(-1) for value in ReferenceEvaluator(onnx.ModelProto.FromString(
        model.SerializeToString())).run(None, fed))  # fmt: skip
    found = GateSums(cell).of(x, h, c_before=c, c=memory)
    i, o, f, g = (found[part].value for part in "iofg")
    np.testing.assert_allclose(f * c + i * g, memory, rtol=1e-10)
    np.testing.assert_allclose(o * np.tanh(memory), hidden, rtol=1e-10)


def test_sums_are_cut_off_where_the_cell_says_so() -> None:
    cell = random_cell("rnn", clip=0.25)
    gate = GateSums(cell).of(rng.normal(size=INPUT), rng.normal(size=UNITS))["a"]
    assert np.abs(gate.total).max() > 0.25
    np.testing.assert_allclose(gate.value, np.tanh(np.clip(gate.total, -0.25, 0.25)))


def test_a_forget_gate_tied_to_the_input_gate_is_no_sum() -> None:
    found = GateSums(random_cell("lstm", input_forget=True)).of(np.zeros(INPUT), np.zeros(UNITS))
    assert set(found) == {"i", "o", "g"}
