"""Recurrent layers in graphs made by hand, and the heads that follow them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from onnx import TensorProto, helper

from embstudio.anatomy.reader import read
from embstudio.modelfile.graph import Graph
from embstudio.trace.points import parse

Build = Callable[..., Graph]
Node = helper.make_node
UNITS, WIDTH = 5, 3
GATES = {"RNN": 1, "GRU": 3, "LSTM": 4}
LOOKUP = [Node("Gather", ["E", "ids"], ["e"]), Node("Transpose", ["e"], ["x"], perm=[1, 0, 2])]
INPUTS = {"ids": ["batch", "pos"]}


def cell_weights(
    op: str, directions: int, width: int, suffix: str = "", dtype: type = np.float32
) -> dict[str, np.ndarray]:
    rows = GATES[op] * UNITS
    return {
        f"W{suffix}": np.ones((directions, rows, width), dtype),
        f"R{suffix}": np.ones((directions, rows, UNITS), dtype),
    }


TABLE = {"E": np.ones((20, WIDTH), np.float32)}


@pytest.mark.parametrize("op", ["RNN", "GRU", "LSTM"])
@pytest.mark.parametrize("direction", ["forward", "reverse", "bidirectional"])
def test_kind_directions_units_and_points(graph: Build, op: str, direction: str) -> None:
    directions = ("forward", "reverse") if direction == "bidirectional" else (direction,)
    nodes = [*LOOKUP, Node(op, ["x", "W", "R"], ["y"], hidden_size=UNITS, direction=direction)]
    built = graph(nodes, TABLE | cell_weights(op, len(directions), WIDTH), INPUTS, {"y": ["pos", None, "batch", UNITS]})
    anatomy = read(built)
    (layer,) = anatomy.recurrent
    assert (layer.kind, layer.layer, layer.directions) == (op.lower(), 0, directions)
    assert (layer.units, layer.input_width, layer.node) == (UNITS, WIDTH, 2)
    states = {"RNN": "ah", "GRU": "zrnh", "LSTM": "iofgch"}[op]
    recurrent = [name for name in anatomy.point_names if name.startswith(op.lower())]
    assert set(recurrent) == {f"{op.lower()}.0.{way}.{state}" for way in directions for state in states}
    assert all(anatomy.point(name).tensor == "" and parse(name).kind.axes == ("pos", "unit") for name in recurrent)
    assert anatomy.parameters["recurrent"] == len(directions) * GATES[op] * UNITS * (WIDTH + UNITS)


def test_depth_orders_layers_and_directions_may_be_two_nodes(graph: Build) -> None:
    nodes = [
        *LOOKUP,
        Node("LSTM", ["x", "W", "R"], ["y_r"], hidden_size=UNITS, direction="reverse"),
        Node("LSTM", ["x", "W", "R"], ["y_f"], hidden_size=UNITS),
        Node("Add", ["y_f", "y_r"], ["sum"]),
        Node("Squeeze", ["sum", "one"], ["x2"]),
        Node("GRU", ["x2", "W2", "R2"], ["y"], hidden_size=UNITS),
    ]
    weights = TABLE | cell_weights("LSTM", 1, WIDTH) | cell_weights("GRU", 1, UNITS, "2") | {"one": np.array([1])}
    anatomy = read(graph(nodes, weights, INPUTS, {"y": ["pos", 1, "batch", UNITS]}))
    found = [(layer.kind, layer.layer, layer.directions) for layer in anatomy.recurrent]
    assert found == [("lstm", 0, ("reverse",)), ("lstm", 0, ("forward",)), ("gru", 1, ("forward",))]
    assert len(anatomy.point_names) == len(set(anatomy.point_names))


def test_weights_may_be_cast_from_half_precision(graph: Build) -> None:
    nodes = [
        *LOOKUP,
        Node("Cast", ["W"], ["W32"], to=TensorProto.FLOAT),
        Node("Cast", ["R"], ["R32"], to=TensorProto.FLOAT),
        Node("RNN", ["x", "W32", "R32"], ["y"], hidden_size=UNITS, activations=["Relu"]),
    ]
    weights = TABLE | cell_weights("RNN", 1, WIDTH, dtype=np.float16)
    anatomy = read(graph(nodes, weights, INPUTS, {"y": ["pos", 1, "batch", UNITS]}))
    assert anatomy.recurrent[0].activations == ("Relu",)
    assert anatomy.parameters["recurrent"] == UNITS * (WIDTH + UNITS)


def test_weights_may_depend_on_the_input_as_long_as_their_sizes_are_known(graph: Build) -> None:
    nodes = [*LOOKUP, Node("Mul", ["W", "s"], ["W2"]), Node("RNN", ["x", "W2", "R"], ["y"], hidden_size=UNITS)]
    weights = TABLE | cell_weights("RNN", 1, WIDTH)
    anatomy = read(graph(nodes, weights, INPUTS | {"s": [1]}, {"y": ["pos", 1, "batch", UNITS]}))
    assert [(layer.kind, layer.units, layer.input_width) for layer in anatomy.recurrent] == [("rnn", UNITS, WIDTH)]


def test_weights_of_unknown_size_are_said_to_be_closed(graph: Build) -> None:
    nodes = [*LOOKUP, Node("RNN", ["x", "W", "R"], ["y"], hidden_size=UNITS)]
    inputs = INPUTS | {"W": [1, None, None], "R": [1, None, None]}
    anatomy = read(graph(nodes, TABLE, inputs, {"y": ["pos", 1, "batch", UNITS]}))
    assert anatomy.recurrent == ()
    assert any("RNN at node 2 is not opened: the sizes" in sentence for sentence in anatomy.unrecognised)


def test_an_activation_that_there_is_not_is_named(graph: Build) -> None:
    nodes = [*LOOKUP, Node("RNN", ["x", "W", "R"], ["y"], hidden_size=UNITS, activations=["Cube"])]
    anatomy = read(graph(nodes, TABLE | cell_weights("RNN", 1, WIDTH), INPUTS, {"y": ["pos", 1, "batch", UNITS]}))
    assert anatomy.recurrent == ()
    assert any("the activation Cube" in sentence for sentence in anatomy.unrecognised)


def test_a_quantised_lstm_is_a_layer_too(graph: Build) -> None:
    names = ["x", "W", "R", "", "", "", "", "", "s", "z", "s", "z"]
    nodes = [*LOOKUP, Node("DynamicQuantizeLSTM", names, ["y"], domain="com.microsoft", hidden_size=UNITS)]
    weights = TABLE | {"W": np.ones((1, WIDTH, 4 * UNITS), np.int8), "R": np.ones((1, UNITS, 4 * UNITS), np.int8)}
    weights |= {"s": np.ones(1, np.float32), "z": np.zeros(1, np.int8)}
    anatomy = read(graph(nodes, weights, INPUTS, {"y": ["pos", 1, "batch", UNITS]}))
    assert [(layer.kind, layer.units, layer.input_width) for layer in anatomy.recurrent] == [("lstm", UNITS, WIDTH)]


@pytest.mark.parametrize(
    ("tail", "shape", "kind", "axes", "layout"),
    [
        ([Node("Transpose", ["h"], ["t"], perm=[1, 0, 2]), Node("MatMul", ["t", "W_out"], ["y"])],
         ["batch", "pos", 2], "classes per token", ("pos", "class"), ("batch", "pos", "class")),
        ([Node("MatMul", ["h", "W_out"], ["y"])],
         ["pos", "batch", 2], "classes per token", ("pos", "class"), ("pos", "batch", "class")),
        ([Node("Gather", ["h", "last"], ["t"], axis=0), Node("Gemm", ["t", "W_out", "b_out"], ["y"])],
         ["batch", 2], "classes", ("class",), ("batch", "class")),
        ([Node("ReduceMean", ["h"], ["y"], axes=[0], keepdims=0)],
         ["batch", UNITS], "vector", ("d_model",), ("batch", "d_model")),
    ],
)  # fmt: skip
def test_what_the_output_means(
    graph: Build,
    tail: list[helper.NodeProto],
    shape: list[object],
    kind: str,
    axes: tuple[str, ...],
    layout: tuple[str, ...],
) -> None:
    nodes = [*LOOKUP, Node("RNN", ["x", "W", "R"], ["h4"], hidden_size=UNITS), Node("Squeeze", ["h4", "one"], ["h"])]
    weights = TABLE | cell_weights("RNN", 1, WIDTH)
    weights |= {"one": np.array([1]), "last": np.array(-1), "W_out": np.ones((UNITS, 2), np.float32)}
    weights |= {"b_out": np.zeros(2, np.float32)}
    anatomy = read(graph([*nodes, *tail], weights, INPUTS, {"y": shape}))
    assert anatomy.head is not None
    assert (anatomy.head.kind, anatomy.head.output, anatomy.head.width) == (kind, "y", shape[-1])
    point = anatomy.point("pooled" if kind == "vector" else "logits")
    assert (point.axes, point.layout) == (axes, layout)
