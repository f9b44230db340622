"""Shapes behind operators of onnxruntime's own, against the shapes that onnxruntime's kernels give."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from onnx import helper, numpy_helper

from embstudio.modelfile.onnx_graph import graph_of

X = np.random.default_rng(2).normal(size=(2, 5, 32)).astype(np.float32)
VECTOR = np.ones(32, np.float32)
QUANTISED = {"w": np.ones((32, 12), np.int8), "scale": np.array(0.1, np.float32)}


def model(node, weights: dict[str, np.ndarray], opset: int, feeds: dict[str, np.ndarray]):
    graph = helper.make_graph(
        [node],
        "one",
        [helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(x.dtype), x.shape)
         for name, x in feeds.items()],
        [helper.make_empty_tensor_value_info("y")],
        [numpy_helper.from_array(value, name) for name, value in weights.items()],
    )  # fmt: skip
    opsets = [helper.make_opsetid("", opset), helper.make_opsetid("com.microsoft", 1)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=8)


def four_bits() -> dict[str, np.ndarray]:
    return {"w": np.ones((12, 1, 16), np.uint8), "scales": np.ones((12, 1), np.float32)}


CASES = {
    "BiasGelu": ("com.microsoft", ["x", "v"], {"v": VECTOR}, {}),
    "FastGelu": ("com.microsoft", ["x"], {}, {}),
    "Gelu": ("com.microsoft", ["x"], {}, {}),
    "QuickGelu": ("com.microsoft", ["x"], {}, {}),
    "SimplifiedLayerNormalization": ("", ["x", "v"], {"v": VECTOR}, {}),
    "LayerNormalization": ("", ["x", "v"], {"v": VECTOR}, {}),
    "SkipLayerNormalization": ("com.microsoft", ["x", "x", "v"], {"v": VECTOR}, {}),
    "SkipSimplifiedLayerNormalization": ("com.microsoft", ["x", "x", "v"], {"v": VECTOR}, {}),
    "FusedMatMul": ("com.microsoft", ["x", "w"], {"w": np.ones((12, 32), np.float32)}, {"transB": 1}),
    "DynamicQuantizeMatMul": ("com.microsoft", ["x", "w", "scale"], QUANTISED, {}),
    "MatMulNBits": ("com.microsoft", ["x", "w", "scales"], four_bits(),
                    {"K": 32, "N": 12, "bits": 4, "block_size": 32}),
}  # fmt: skip


@pytest.mark.parametrize("opset", [13, 21])
@pytest.mark.parametrize("operator", CASES)
def test_the_shape_is_that_of_the_kernel(operator: str, opset: int) -> None:
    domain, inputs, weights, attributes = CASES[operator]
    proto = model(helper.make_node(operator, inputs, ["y"], domain=domain, **attributes), weights, opset, {"x": X})
    check(proto, {"x": X})


def test_integers_times_integers_are_floats() -> None:
    feeds = {"x": np.ones((2, 5, 32), np.uint8)}
    weights = QUANTISED | {"x_scale": np.array(0.2, np.float32)}
    node = helper.make_node("MatMulIntegerToFloat", ["x", "w", "x_scale", "scale"], ["y"], domain="com.microsoft")
    check(model(node, weights, 17, feeds), feeds)


def test_sixteen_bits_before_onnx_had_them() -> None:
    weights = {"scale": np.array(0.1, np.float32), "zero": np.array(3, np.int16)}
    node = helper.make_node("QuantizeLinear", ["x", "scale", "zero"], ["q"], domain="com.microsoft")
    proto = model(node, weights, 13, {"x": X})
    back = helper.make_node("DequantizeLinear", ["q", "scale", "zero"], ["y"], domain="com.microsoft")
    proto.graph.node.append(back)
    check(proto, {"x": X})
    assert graph_of(proto, Path()).dtype("q") == "int16"


def test_both_operands_turned() -> None:
    feeds = {"x": np.ones((3, 4, 5), np.float32), "z": np.ones((3, 6, 4), np.float32)}
    node = helper.make_node("FusedMatMul", ["x", "z"], ["y"], domain="com.microsoft", transA=1, transB=1)
    check(model(node, {}, 17, feeds), feeds)


def test_an_operator_whose_domain_the_file_does_not_declare() -> None:
    """onnxruntime takes its own operators without a declaration."""
    proto = model(helper.make_node("FastGelu", ["x"], ["y"], domain="com.microsoft"), {}, 17, {"x": X})
    del proto.opset_import[1]
    check(proto, {"x": X})


def check(proto, feeds: dict[str, np.ndarray]) -> None:
    """Whatever comes after the operator has a shape and a type too."""
    proto.graph.node.append(helper.make_node("Relu", ["y"], ["after"]))
    proto.graph.output.append(helper.make_empty_tensor_value_info("after"))
    session = onnxruntime.InferenceSession(proto.SerializeToString(), providers=["CPUExecutionProvider"])
    (value,) = session.run(["after"], feeds)
    before = proto.SerializeToString()
    graph = graph_of(proto, Path())
    assert graph.shape("after") == value.shape
    assert graph.dtype("after") == value.dtype.name
    assert proto.SerializeToString() == before
    assert graph.nodes[0].op == proto.graph.node[0].op_type


def test_what_cannot_be_stood_in_for_leaves_the_other_shapes_known() -> None:
    """A transposed product of operands with different numbers of axes, neither of them a weight."""
    feeds = {"x": X, "z": np.ones((12, 32), np.float32)}
    proto = model(helper.make_node("FusedMatMul", ["x", "z"], ["y"], domain="com.microsoft", transB=1), {}, 17, feeds)
    proto.graph.node.append(helper.make_node("Relu", ["x"], ["beside"]))
    assert graph_of(proto, Path()).shape("beside") == (2, 5, 32)
