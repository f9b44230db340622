"""The cells that an open model's recurrent layers are said to have, against what the file was made of."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from embstudio.base.errors import UnsupportedModelError
from embstudio.formulas import cells
from embstudio.session.messages import ModelRef, TraceRequest
from embstudio.session.runner import Runner

WIDTH, UNITS = 3, 4
Node = helper.make_node


def saved(
    path: Path,
    nodes: list[onnx.NodeProto],
    weights: dict[str, np.ndarray],
    *,
    extra: dict[str, np.ndarray] | None = None,
) -> Runner:
    """A model of ids → embedding → `nodes` → y, opened. extra: further inputs by name."""
    table = np.random.default_rng(1).normal(size=(9, WIDTH)).astype(np.float32)
    look_up = [Node("Gather", ["E", "ids"], ["e"]), Node("Transpose", ["e"], ["x"], perm=[1, 0, 2])]
    inputs = [helper.make_tensor_value_info("ids", TensorProto.INT64, ["batch", "pos"])]
    inputs += [helper.make_tensor_value_info(n, TensorProto.FLOAT, v.shape) for n, v in (extra or {}).items()]
    graph = helper.make_graph(
        [*look_up, *nodes],
        "one",
        inputs,
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
        [numpy_helper.from_array(value, name) for name, value in ({"E": table} | weights).items()],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)
    return Runner.open(ModelRef(path))


def random(*shape: int) -> np.ndarray:
    return np.random.default_rng(sum(shape)).normal(size=shape).astype(np.float32)


def test_each_direction_has_its_own_and_a_missing_bias_is_zero(tmp_path: Path) -> None:
    W, R = random(2, 4 * UNITS, WIDTH), random(2, 4 * UNITS, UNITS)
    node = Node("LSTM", ["x", "W", "R"], ["y"], hidden_size=UNITS, direction="bidirectional")
    runner = saved(tmp_path / "model.onnx", [node], {"W": W, "R": R})
    found = runner.cell_weights(runner.opened.anatomy.recurrent[0])
    assert list(found) == ["forward", "reverse"]
    np.testing.assert_array_equal(found["reverse"].W, W[1])
    np.testing.assert_array_equal(found["forward"].R, R[0])
    assert found["forward"].B.shape == (8 * UNITS,)
    assert not found["forward"].B.any()
    assert found["forward"].peepholes is None


def test_weights_made_of_others_are_worked_out(tmp_path: Path) -> None:
    W, R, B = random(3 * UNITS, WIDTH), random(UNITS, 3 * UNITS), random(6 * UNITS)
    nodes = [
        Node("Unsqueeze", ["W0", "first"], ["W"]),
        Node("Transpose", ["R0"], ["R1"], perm=[1, 0]),
        Node("Unsqueeze", ["R1", "first"], ["R"]),
        Node("Unsqueeze", ["B0", "first"], ["B1"]),
        Node("Concat", ["B1"], ["B"], axis=0),
        Node("GRU", ["x", "W", "R", "B"], ["y"], hidden_size=UNITS, linear_before_reset=1, clip=2.0),
    ]
    weights = {"W0": W, "R0": R, "B0": B, "first": np.array([0])}
    runner = saved(tmp_path / "model.onnx", nodes, weights)
    cell = runner.cell_weights(runner.opened.anatomy.recurrent[0])["forward"]
    np.testing.assert_array_equal(cell.W, W)
    np.testing.assert_array_equal(cell.R, R.T)
    np.testing.assert_array_equal(cell.B, B)
    assert cell.linear_before_reset
    assert cell.clip == 2.0


def test_the_numbers_of_activations_are_used_up_in_order(tmp_path: Path) -> None:
    node = Node(
        "LSTM", ["x", "W", "R"], ["y"], hidden_size=UNITS, activations=["HardSigmoid", "Tanh", "ScaledTanh"],
        activation_alpha=[0.25, 1.5], activation_beta=[0.4, 0.75],
    )  # fmt: skip
    weights = {"W": random(1, 4 * UNITS, WIDTH), "R": random(1, 4 * UNITS, UNITS)}
    runner = saved(tmp_path / "model.onnx", [node], weights)
    gates, candidate, memory = runner.cell_weights(runner.opened.anatomy.recurrent[0])["forward"].activations
    assert (gates.name, gates.alpha, gates.beta) == ("HardSigmoid", 0.25, pytest.approx(0.4))
    assert candidate.name == "Tanh"
    assert (memory.name, memory.alpha, memory.beta) == ("ScaledTanh", 1.5, 0.75)


@pytest.mark.zoo
@pytest.mark.parametrize("name", ["rnn-LSTM-2-tf-ts", "rnn-GRU-2-tf-dyn", "rnn-RNNtanh-1-ts"])
def test_a_cell_with_these_weights_makes_the_states_of_the_trace(zoo: Path, name: str) -> None:
    model = ModelRef(zoo / name / "model.onnx")
    runner = Runner.open(model)
    trace = runner.trace(TraceRequest(model, ids=(3, 1, 4, 1, 5)))
    x = trace.arrays["embed"].values.astype(np.float64)
    for layer in runner.opened.anatomy.recurrent:
        cell = runner.cell_weights(layer)["forward"]
        options = {"linear_before_reset": cell.linear_before_reset} if cell.kind == "gru" else {}
        made = getattr(cells, cell.kind)(x, *(w.astype(np.float64) for w in (cell.W, cell.R, cell.B)), **options)
        for state, value in made.items():
            seen = trace.arrays[f"{layer.kind}.{layer.layer}.forward.{state}"].values
            np.testing.assert_allclose(seen, value, atol=1e-5)
        x = made["h"]


def test_a_layer_that_is_no_operator_says_so(tmp_path: Path) -> None:
    from dataclasses import replace

    node = Node("RNN", ["x", "W", "R"], ["y"], hidden_size=UNITS)
    runner = saved(tmp_path / "model.onnx", [node], {"W": random(1, UNITS, WIDTH), "R": random(1, UNITS, UNITS)})
    with pytest.raises(UnsupportedModelError, match=r"rnn\.0"):
        runner.cell_weights(replace(runner.opened.anatomy.recurrent[0], node=0))
