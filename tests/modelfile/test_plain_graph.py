"""The plain graph against onnx's own protobuf, on models made by hand and on real exports."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from embstudio.modelfile.model_file import ModelFile
from embstudio.modelfile.onnx_graph import graph_of


def made(nodes: list[onnx.NodeProto], weights: dict[str, np.ndarray], **outputs: list[int | str]) -> onnx.ModelProto:
    graph = helper.make_graph(
        nodes,
        "made",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 4])],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in outputs.items()],
        [numpy_helper.from_array(values, name) for name, values in weights.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def test_every_node_weight_and_tensor_of_a_real_export(data: Path) -> None:
    file = ModelFile(data / "bert-ts-sdpa" / "model.onnx")
    graph, source = file.graph, file.proto.graph
    assert [(node.op, node.inputs, node.outputs) for node in graph.nodes] == [
        (node.op_type, tuple(node.input), tuple(node.output)) for node in source.node
    ]
    for tensor in source.initializer:
        weight = graph.weights[tensor.name]
        assert weight.is_initializer
        assert weight.shape == tuple(tensor.dims)
        np.testing.assert_array_equal(weight.values, numpy_helper.to_array(tensor))
    for node in graph.nodes:
        assert all(graph.producer(name) is node for name in node.outputs)
        assert all(node in graph.consumers(name) for name in node.inputs if name)
        if node.op == "Constant":
            assert not graph.weights[node.outputs[0]].is_initializer


def test_shapes_are_those_of_onnx_on_the_whole_model(data: Path) -> None:
    file = ModelFile(data / "rnn-LSTM-1-ts" / "model.onnx")
    whole = onnx.shape_inference.infer_shapes(file.proto, data_prop=True)
    known = {value.name: value.type.tensor_type for value in whole.graph.value_info}
    assert len(known) > 10
    for name, kind in known.items():
        sizes = [dim.dim_value if dim.HasField("dim_value") else None for dim in kind.shape.dim]
        ours = file.graph.shape(name)
        assert ours is not None
        assert [length if isinstance(length, int) else None for length in ours] == sizes


def test_attributes_are_plain_values() -> None:
    nodes = [
        helper.make_node("Transpose", ["x"], ["t"], perm=[1, 0]),
        helper.make_node("LeakyRelu", ["t"], ["y"], alpha=0.5),
    ]
    graph = graph_of(made(nodes, {}, y=[4, "n"]), Path())
    assert graph.nodes[0].attributes == {"perm": [1, 0]}
    assert graph.nodes[1].attributes == {"alpha": 0.5}


@pytest.mark.parametrize(
    ("given", "values"),
    [({"value_int": 3}, 3), ({"value_floats": [1.0, 2.0]}, [1, 2]), ({"value_ints": [4, 5]}, [4, 5])],
)
def test_constant_nodes_are_weights(given: dict[str, object], values: object) -> None:
    nodes = [helper.make_node("Constant", [], ["c"], **given), helper.make_node("Identity", ["x"], ["y"])]
    graph = graph_of(made(nodes, {}, y=["n", 4]), Path())
    np.testing.assert_array_equal(graph.weights["c"].values, values)


def test_a_shape_that_contradicts_the_graph_does_not_stop_reading() -> None:
    model = made([helper.make_node("Relu", ["x"], ["h"]), helper.make_node("Relu", ["h"], ["y"])], {}, y=["n", 4])
    model.graph.value_info.append(helper.make_tensor_value_info("h", TensorProto.FLOAT, [7, 9, 11]))
    assert graph_of(model, Path()).shape("y") == ("n", 4)


def test_an_unknown_operator_leaves_shapes_unknown() -> None:
    nodes = [helper.make_node("Riddle", ["x"], ["h"], domain="own"), helper.make_node("Relu", ["h"], ["y"])]
    model = made(nodes, {}, y=["n", 4])
    model.opset_import.append(helper.make_opsetid("own", 1))
    graph = graph_of(model, Path())
    assert graph.shape("h") is None
    assert graph.nodes[0].operator == "own.Riddle"


def test_subgraphs_are_noted_with_what_they_capture() -> None:
    branch = helper.make_graph(
        [helper.make_node("Add", ["x", "bias"], ["sum"])], "then", [],
        [helper.make_tensor_value_info("sum", TensorProto.FLOAT, None)],
    )  # fmt: skip
    other = helper.make_graph(
        [helper.make_node("Identity", ["x"], ["same"])], "else", [],
        [helper.make_tensor_value_info("same", TensorProto.FLOAT, None)],
    )  # fmt: skip
    nodes = [helper.make_node("If", ["choose"], ["y"], then_branch=branch, else_branch=other)]
    weights = {"choose": np.array(True), "bias": np.ones(4, np.float32)}
    graph = graph_of(made(nodes, weights, y=["n", 4]), Path())
    assert set(graph.nodes[0].subgraphs) == {"then_branch", "else_branch"}
    assert set(graph.nodes[0].captured) == {"x", "bias"}
    assert graph.consumers("bias") == graph.nodes
    assert graph.producer("sum") is None


@pytest.mark.zoo
def test_every_file_of_the_zoo_becomes_a_graph(zoo: Path) -> None:
    paths = sorted(zoo.rglob("*.onnx"))
    assert len(paths) > 150
    for path in paths:
        file = ModelFile(path)
        assert len(file.graph.nodes) == len(file.proto.graph.node), path
