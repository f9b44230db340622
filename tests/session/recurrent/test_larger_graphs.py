"""Recurrent operators within whole models: whatever stands around them, their gates are those of float64 cells."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from embstudio.anatomy.anatomy import RecurrentLayer
from embstudio.formulas import cell_run
from embstudio.session.messages import ModelRef, TraceRequest
from embstudio.session.runner import Runner
from embstudio.trace.trace import Trace

WORDS, WIDTH, UNITS, CLASSES = 11, 6, 5, 3
IDS = (3, 1, 4, 1, 5, 9, 2)
Node = helper.make_node
Nodes = list[onnx.NodeProto]
Weights = dict[str, np.ndarray]


def random(seed: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(scale=0.5, size=shape).astype(np.float32)


def lstm_weights(width: int, suffix: str = "", directions: int = 1, seed: int = 1) -> Weights:
    return {
        f"W{suffix}": random(seed, directions, 4 * UNITS, width),
        f"R{suffix}": random(seed + 1, directions, 4 * UNITS, UNITS),
        f"B{suffix}": random(seed + 2, directions, 8 * UNITS),
    }


LOOK_UP = [Node("Gather", ["E", "ids"], ["e"]), Node("Transpose", ["e"], ["x"], perm=[1, 0, 2])]
LSTM = Node("LSTM", ["x", "W", "R", "B"], ["Y", "Y_h"], hidden_size=UNITS)
HEAD = [Node("Squeeze", ["Y", "one"], ["h"]), Node("MatMul", ["h", "W_out"], ["y"])]
AROUND = {"E": random(0, WORDS, WIDTH), "W_out": random(9, UNITS, CLASSES), "one": np.array([1])}


def opened(path: Path, nodes: Nodes, weights: Weights, *, opset: int = 17, out: object = ("pos", "batch", CLASSES),
           extra: list[onnx.ValueInfoProto] | None = None) -> Runner:  # fmt: skip
    """A model of ids → nodes → y, in the runner."""
    graph = helper.make_graph(
        nodes,
        "model",
        [helper.make_tensor_value_info("ids", TensorProto.INT64, ["batch", "pos"]), *(extra or [])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, out)],
        [numpy_helper.from_array(value.copy(order="C"), name) for name, value in weights.items()],
    )
    opsets = [helper.make_opsetid("", opset), helper.make_opsetid("com.microsoft", 1)]
    onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=8), path)
    return Runner.open(ModelRef(path))


def traced(runner: Runner) -> Trace:
    return runner.trace(TraceRequest(runner.opened.model, ids=IDS))


def check(runner: Runner, trace: Trace, layer: RecurrentLayer, X: np.ndarray, atol: float = 1e-5) -> np.ndarray:
    """Every gate against float64 cells with the weights that the runner tells; returns h of all directions."""
    assert runner.opened.verified is not None
    assert runner.opened.verified < 1e-4
    states = []
    for direction, cell in runner.cell_weights(layer).items():
        expected = cell_run.run(cell.in_float64(), X.astype(np.float64), reverse=direction == "reverse")
        for gate, value in expected.items():
            seen = trace[f"{layer.kind}.{layer.layer}.{direction}.{gate}"].values
            np.testing.assert_allclose(seen, value, atol=atol)
        states.append(expected["h"])
    return np.concatenate(states, axis=-1)


def check_only_layer(runner: Runner, weights: Mapping[str, np.ndarray], atol: float = 1e-5) -> None:
    """The layer that reads the embeddings, whose weights are W, R, B in the file."""
    (layer,) = runner.opened.anatomy.recurrent
    cell = runner.cell_weights(layer)["forward"]
    np.testing.assert_allclose(cell.W, weights["W"][0], atol=1e-6)
    np.testing.assert_allclose(cell.R, weights["R"][0], atol=1e-6)
    np.testing.assert_allclose(cell.B, weights["B"][0], atol=1e-6)
    trace = traced(runner)
    h = check(runner, trace, layer, AROUND["E"][list(IDS)], atol)
    np.testing.assert_allclose(trace["logits"].values, h @ AROUND["W_out"], atol=10 * atol)


# How the weights come ------------------------------------------------------------------------------------------------


def test_weights_that_are_made_of_others(tmp_path: Path) -> None:
    weights = lstm_weights(WIDTH)
    nodes = [
        Node("Slice", ["W_tall", "zero", "rows", "one"], ["W"]),
        Node("Transpose", ["R_turned"], ["R"], perm=[0, 2, 1]),
        Node("Concat", ["Wb", "Rb"], ["b"], axis=0),
        Node("Unsqueeze", ["b", "zero"], ["B"]),
        *LOOK_UP, LSTM, *HEAD,
    ]  # fmt: skip
    stored = AROUND | {
        "W_tall": np.concatenate([weights["W"], random(5, 1, 3, WIDTH)], axis=1),
        "R_turned": weights["R"].transpose(0, 2, 1), "Wb": weights["B"][0, : 4 * UNITS],
        "Rb": weights["B"][0, 4 * UNITS :], "zero": np.array([0]), "rows": np.array([4 * UNITS]),
    }  # fmt: skip
    check_only_layer(opened(tmp_path / "model.onnx", nodes, stored), weights)


def test_weights_that_are_constant_nodes(tmp_path: Path) -> None:
    weights = lstm_weights(WIDTH)
    constants = [Node("Constant", [], [name], value=numpy_helper.from_array(value)) for name, value in weights.items()]
    check_only_layer(opened(tmp_path / "model.onnx", [*constants, *LOOK_UP, LSTM, *HEAD], AROUND), weights)


def test_weights_that_are_dequantised(tmp_path: Path) -> None:
    scale, plain = np.float32(0.01), lstm_weights(WIDTH)
    whole = {name: np.clip(np.round(value / scale), -127, 127).astype(np.int8) for name, value in plain.items()}
    nodes = [Node("DequantizeLinear", [f"{name}_q", "scale", "zero"], [name]) for name in whole]
    stored = AROUND | {f"{name}_q": value for name, value in whole.items()}
    stored |= {"scale": np.array(scale), "zero": np.array(0, np.int8)}
    runner = opened(tmp_path / "model.onnx", [*nodes, *LOOK_UP, LSTM, *HEAD], stored)
    check_only_layer(runner, {name: value.astype(np.float32) * scale for name, value in whole.items()})


def test_weights_in_a_data_file(tmp_path: Path) -> None:
    weights = lstm_weights(WIDTH)
    opened(tmp_path / "inside.onnx", [*LOOK_UP, LSTM, *HEAD], AROUND | weights)
    model = onnx.load(tmp_path / "inside.onnx")
    onnx.save(model, tmp_path / "model.onnx", save_as_external_data=True, location="weights.bin", size_threshold=64)
    check_only_layer(Runner.open(ModelRef(tmp_path / "model.onnx")), weights)


@pytest.mark.parametrize("kind", ["LSTM", "GRU", "RNN"])
def test_half_precision(tmp_path: Path, kind: str) -> None:
    rows = {"LSTM": 4, "GRU": 3, "RNN": 1}[kind] * UNITS
    stored = {"E": AROUND["E"].astype(np.float16), "W": random(1, 1, rows, WIDTH).astype(np.float16),
              "R": random(2, 1, rows, UNITS).astype(np.float16)}  # fmt: skip
    nodes = [*LOOK_UP, Node(kind, ["x", "W", "R"], ["Y"], hidden_size=UNITS), Node("Squeeze", ["Y", "one"], ["h"]),
             Node("Cast", ["h"], ["y"], to=TensorProto.FLOAT)]  # fmt: skip
    runner = opened(tmp_path / "model.onnx", nodes, stored | {"one": np.array([1])}, out=("pos", "batch", UNITS))
    (layer,) = runner.opened.anatomy.recurrent
    assert runner.opened.verified is not None
    assert runner.opened.verified < 1e-3
    trace, cell = traced(runner), runner.cell_weights(layer)["forward"]
    for gate, value in cell_run.run(cell.in_float64(), stored["E"][list(IDS)].astype(np.float64)).items():
        seen = trace[f"{layer.kind}.0.forward.{gate}"].values
        assert seen.dtype == np.float32
        np.testing.assert_allclose(seen, value, atol=1e-5)


@pytest.mark.parametrize("kind", ["LSTM", "GRU", "RNN"])
@pytest.mark.parametrize("layout", [0, 1])
def test_double_precision(tmp_path: Path, kind: str, layout: int) -> None:
    rows = {"LSTM": 4, "GRU": 3, "RNN": 1}[kind] * UNITS
    stored = {"E": AROUND["E"].astype(np.float64), "W": random(1, 1, rows, WIDTH).astype(np.float64),
              "R": random(2, 1, rows, UNITS).astype(np.float64)}  # fmt: skip
    nodes = [LOOK_UP[0], Node(kind, ["e", "W", "R"], ["Y"], hidden_size=UNITS, layout=1)]
    if not layout:
        nodes = [*LOOK_UP, Node(kind, ["x", "W", "R"], ["Y"], hidden_size=UNITS)]
    nodes += [Node("Squeeze", ["Y", "axis"], ["h"]), Node("Cast", ["h"], ["y"], to=TensorProto.FLOAT)]
    out = ("batch", "pos", UNITS) if layout else ("pos", "batch", UNITS)
    runner = opened(tmp_path / "model.onnx", nodes, stored | {"axis": np.array([1 + layout])}, out=out)
    assert "single precision" in " ".join(runner.opened.repairs)
    (layer,) = runner.opened.anatomy.recurrent
    check(runner, traced(runner), layer, stored["E"][list(IDS)])


def test_onnxruntimes_quantised_lstm(tmp_path: Path) -> None:
    stored: Weights = dict(AROUND)
    for name, columns in (("W", WIDTH), ("R", UNITS)):
        stored[name] = np.random.default_rng(3).integers(-90, 90, (1, columns, 4 * UNITS)).astype(np.int8)
    stored |= {"B": random(4, 1, 8 * UNITS), "s": np.array([0.01], np.float32), "z": np.array([3], np.int8)}
    names = ["x", "W", "R", "B", "", "", "", "", "s", "z", "s", "z"]
    lstm = Node("DynamicQuantizeLSTM", names, ["Y"], domain="com.microsoft", hidden_size=UNITS)
    runner = opened(tmp_path / "model.onnx", [*LOOK_UP, lstm, *HEAD], stored)
    assert runner.opened.verified is not None
    assert runner.opened.verified < 1e-5
    (layer,) = runner.opened.anatomy.recurrent
    cell, trace = runner.cell_weights(layer)["forward"], traced(runner)
    np.testing.assert_allclose(cell.W, 0.01 * (stored["W"][0].T.astype(float) - 3), atol=1e-6)
    # What is multiplied is quantised on the way: float64 without that is near, not equal.
    for gate, value in cell_run.run(cell.in_float64(), AROUND["E"][list(IDS)].astype(np.float64)).items():
        np.testing.assert_allclose(trace[f"lstm.0.forward.{gate}"].values, value, atol=0.05)


# What stands around them ----------------------------------------------------------------------------------------------


def test_a_convolution_before_and_attention_on_top(tmp_path: Path) -> None:
    weights = AROUND | lstm_weights(WIDTH, directions=2) | {
        "K": random(20, WIDTH, WIDTH, 3), "one": np.array([1]), "width": np.array([0, 0, -1]),
        "W_q": random(21, 2 * UNITS, 4), "W_k": random(22, 2 * UNITS, 4), "W_v": random(23, 2 * UNITS, CLASSES),
    }  # fmt: skip
    nodes = [
        LOOK_UP[0],
        Node("Transpose", ["e"], ["channels"], perm=[0, 2, 1]),
        Node("Conv", ["channels", "K"], ["mixed"], kernel_shape=[3], pads=[1, 1]),
        Node("Transpose", ["mixed"], ["x"], perm=[2, 0, 1]),
        Node("LSTM", ["x", "W", "R", "B"], ["Y"], hidden_size=UNITS, direction="bidirectional"),
        Node("Transpose", ["Y"], ["Y_t"], perm=[2, 0, 1, 3]),
        Node("Reshape", ["Y_t", "width"], ["h"]),
        Node("MatMul", ["h", "W_q"], ["q"]), Node("MatMul", ["h", "W_k"], ["k"]), Node("MatMul", ["h", "W_v"], ["v"]),
        Node("Transpose", ["k"], ["k_t"], perm=[0, 2, 1]),
        Node("MatMul", ["q", "k_t"], ["scores"]), Node("Softmax", ["scores"], ["pattern"], axis=-1),
        Node("MatMul", ["pattern", "v"], ["y"]),
    ]  # fmt: skip
    runner = opened(tmp_path / "model.onnx", nodes, weights, out=("batch", "pos", CLASSES))
    (layer,) = runner.opened.anatomy.recurrent
    e = np.pad(AROUND["E"][list(IDS)].astype(np.float64), ((1, 1), (0, 0)))
    X = np.stack([np.einsum("oik,ki->o", weights["K"].astype(np.float64), e[at : at + 3]) for at in range(len(IDS))])
    trace = traced(runner)
    h = check(runner, trace, layer, X)
    scores = (h @ weights["W_q"]) @ (h @ weights["W_k"]).T
    pattern = np.exp(scores) / np.exp(scores).sum(axis=-1, keepdims=True)
    np.testing.assert_allclose(trace["blocks.0.attn.pattern"].values[0], pattern, atol=1e-5)


def test_parallel_towers_and_layers_on_top_of_each_other(tmp_path: Path) -> None:
    weights = AROUND | lstm_weights(WIDTH) | lstm_weights(WIDTH, "2", seed=30) | lstm_weights(2 * UNITS, "3", seed=40)
    nodes = [
        *LOOK_UP,
        Node("LSTM", ["x", "W", "R", "B"], ["Y1"], hidden_size=UNITS),
        Node("LSTM", ["x", "W2", "R2", "B2"], ["Y2"], hidden_size=UNITS),
        Node("Squeeze", ["Y1", "one"], ["h1"]), Node("Squeeze", ["Y2", "one"], ["h2"]),
        Node("Concat", ["h1", "h2"], ["x3"], axis=2),
        Node("LSTM", ["x3", "W3", "R3", "B3"], ["Y"], hidden_size=UNITS), *HEAD,
    ]  # fmt: skip
    runner = opened(tmp_path / "model.onnx", nodes, weights)
    first, second, third = runner.opened.anatomy.recurrent
    trace, X = traced(runner), AROUND["E"][list(IDS)]
    both = np.concatenate([check(runner, trace, tower, X) for tower in (first, second)], axis=-1)
    h = check(runner, trace, third, both)
    np.testing.assert_allclose(trace["logits"].values, h @ AROUND["W_out"], atol=1e-5)


def test_two_nodes_that_are_the_directions_of_one_layer(tmp_path: Path) -> None:
    weights = AROUND | lstm_weights(WIDTH) | lstm_weights(WIDTH, "2", seed=30)
    nodes = [
        *LOOK_UP,
        Node("LSTM", ["x", "W", "R", "B"], ["Y1"], hidden_size=UNITS),
        Node("LSTM", ["x", "W2", "R2", "B2"], ["Y2"], hidden_size=UNITS, direction="reverse"),
        Node("Add", ["Y1", "Y2"], ["Y"]), *HEAD,
    ]  # fmt: skip
    runner = opened(tmp_path / "model.onnx", nodes, weights)
    trace, X = traced(runner), AROUND["E"][list(IDS)]
    h = sum(check(runner, trace, layer, X) for layer in runner.opened.anatomy.recurrent)
    assert {layer.layer for layer in runner.opened.anatomy.recurrent} == {0}
    np.testing.assert_allclose(trace["logits"].values, h @ AROUND["W_out"], atol=1e-5)


def inner(nodes: Nodes, output: str, inputs: tuple[onnx.ValueInfoProto, ...] = ()) -> onnx.GraphProto:
    return helper.make_graph(
        nodes, "inner", list(inputs), [helper.make_tensor_value_info(output, TensorProto.FLOAT, None)]
    )


def test_inside_an_if_that_asks_for_a_shape(tmp_path: Path) -> None:
    weights = lstm_weights(WIDTH)
    nodes = [
        *LOOK_UP,
        Node("Shape", ["E"], ["sizes"]), Node("Size", ["sizes"], ["axes"]),
        Node("Equal", ["axes", "two"], ["is_table"]),
        Node("If", ["is_table"], ["Y"],
             then_branch=inner([Node("LSTM", ["x", "W", "R", "B"], ["Y_in"], hidden_size=UNITS)], "Y_in"),
             else_branch=inner([Node("RNN", ["x", "W", "R", "B"], ["Y_no"], hidden_size=UNITS)], "Y_no")),
        *HEAD,
    ]  # fmt: skip
    check_only_layer(opened(tmp_path / "model.onnx", nodes, AROUND | weights | {"two": np.array(2)}), weights)


def test_inside_a_loop_over_the_layers(tmp_path: Path) -> None:
    layers = 2
    stacked = {"Ws": random(1, layers, 1, 4 * UNITS, UNITS), "Rs": random(2, layers, 1, 4 * UNITS, UNITS)}
    table = random(0, WORDS, UNITS)
    info = helper.make_tensor_value_info
    body = helper.make_graph(
        [
            Node("Gather", ["Ws", "at"], ["W"]), Node("Gather", ["Rs", "at"], ["R"]),
            Node("LSTM", ["state", "W", "R"], ["Y_in"], hidden_size=UNITS), Node("Squeeze", ["Y_in", "one"], ["next"]),
            Node("Identity", ["go"], ["go_on"]),
        ],
        "body",
        [info("at", TensorProto.INT64, []), info("go", TensorProto.BOOL, []), info("state", TensorProto.FLOAT, None)],
        [info("go_on", TensorProto.BOOL, []), info("next", TensorProto.FLOAT, None)],
    )  # fmt: skip
    nodes = [*LOOK_UP, Node("Loop", ["count", "yes", "x"], ["h"], body=body), Node("MatMul", ["h", "W_out"], ["y"])]
    weights = stacked | {"E": table, "W_out": AROUND["W_out"], "one": np.array([1]), "count": np.array(layers),
                         "yes": np.array(True)}  # fmt: skip
    runner = opened(tmp_path / "model.onnx", nodes, weights)
    assert [layer.layer for layer in runner.opened.anatomy.recurrent] == [0, 1]
    trace, X = traced(runner), table[list(IDS)]
    for layer in runner.opened.anatomy.recurrent:
        X = check(runner, trace, layer, X)
    np.testing.assert_allclose(trace["logits"].values, X @ AROUND["W_out"], atol=1e-5)


@pytest.mark.parametrize("opset", [7, 8, 9, 10])
def test_old_operator_sets(tmp_path: Path, opset: int) -> None:
    weights = lstm_weights(WIDTH)
    nodes = [*LOOK_UP, LSTM, Node("Squeeze", ["Y"], ["h"], axes=[1]), HEAD[1]]
    check_only_layer(opened(tmp_path / "model.onnx", nodes, AROUND | weights, opset=opset), weights)


def test_lengths_shorter_than_the_text(tmp_path: Path) -> None:
    weights = lstm_weights(WIDTH)
    lstm = Node("LSTM", ["x", "W", "R", "B", "lengths"], ["Y"], hidden_size=UNITS)
    lengths = helper.make_tensor_value_info("lengths", TensorProto.INT32, ["batch"])
    runner = opened(tmp_path / "model.onnx", [*LOOK_UP, lstm, *HEAD], AROUND | weights, extra=[lengths])
    (layer,) = runner.opened.anatomy.recurrent
    whole = traced(runner)  # the length of the text is fed where nobody says
    check(runner, whole, layer, AROUND["E"][list(IDS)])
    feeds = {"ids": np.array([IDS]), "lengths": np.array([3], np.int32)}
    part = runner.trace(TraceRequest(runner.opened.model, feeds=feeds))
    for gate in "iofgch":
        name = f"lstm.0.forward.{gate}"
        np.testing.assert_array_equal(part[name].values[:3], whole[name].values[:3])
        assert not part[name].values[3:].any()
