"""Operators on quantised numbers (QOperator files) as dequantise, compute, quantise, so that floats can be read.

Source: the ONNX and onnxruntime specifications of the operators. Results are those of the fused kernels but for the
last step of a rounding: those multiply integers and round once.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import onnx
from onnx import TensorProto

from embstudio.session.graph_writer import GraphWriter
from embstudio.session.rewrite.dequantize import Dequantized, quantized
from embstudio.session.rewrite.fused_node import FusedNode, NotCovered
from embstudio.session.rewrite.replace_nodes import Writer, operator_of, replace_nodes

# Writes one operator; its floats come from the last argument.
_Computes = Callable[[FusedNode, GraphWriter, Dequantized], None]


def open_quantised_operators(model: onnx.ModelProto) -> tuple[str, ...]:
    """Write out every covered operator on quantised numbers; says how many, in one sentence."""
    if not any(operator_of(node) in _OPERATORS for node in model.graph.node):
        return ()
    floats = Dequantized()
    writers = {key: _writer(computes, floats) for key, computes in _OPERATORS.items()}
    writers["", "DequantizeLinear"] = _noting(floats)
    done = replace_nodes(model, writers)
    if not done:
        return ()
    kinds = ", ".join(operator.removeprefix("com.microsoft.") for operator in sorted(done))
    return (
        f"{sum(done.values())} operators on quantised numbers ({kinds}) written out as dequantise, compute, quantise, "
        "to look inside: a result may differ by one step of the quantisation.",
    )


def _writer(computes: _Computes, floats: Dequantized) -> Writer:
    def write(node: FusedNode, out: GraphWriter) -> None:
        computes(node, out, floats)

    return write


def _noting(floats: Dequantized) -> Writer:
    """A DequantizeLinear that is there stays, and what it makes is used."""

    def note(node: FusedNode, out: GraphWriter) -> None:
        floats.note(node)
        raise NotCovered("a primitive operator")

    return note


def _two(operator: str) -> _Computes:
    """A, its scale and zero point, B with its, and those of the result."""

    def write(node: FusedNode, out: GraphWriter, floats: Dequantized) -> None:
        a = floats.of(out, node, 0)
        b = floats.of(out, node, 3)
        quantized(out, node, out.add(operator, [a, b]), 6)

    return write


def _one(operator: str, *kept: str) -> _Computes:
    """X, its scale and zero point, and those of the result. kept: attributes that the plain operator has too."""

    def write(node: FusedNode, out: GraphWriter, floats: Dequantized) -> None:
        node.needs_none_of(flags=["channels_last"])
        attributes = {name: value for name, value in node.attributes.items() if name in kept}
        quantized(out, node, out.add(operator, [floats.of(out, node, 0)], **attributes), 3)

    return write


def _matmul(node: FusedNode, out: GraphWriter, floats: Dequantized) -> None:
    a = floats.of(out, node, 0)
    rank = node.around.rank(node.input(3))
    b = floats.of(out, node, 3, axis=rank - 1 if rank else None)
    quantized(out, node, out.add("MatMul", [a, b]), 6)


def _gemm(node: FusedNode, out: GraphWriter, floats: Dequantized) -> None:
    """alpha A B + C, where C counts in steps of alpha · scale of A · scale of B. Without a scale, Y stays a float."""
    a = floats.of(out, node, 0)
    b = floats.of(out, node, 3, axis=0 if node.integer("transB") else 1)
    given = [a, b]
    if node.input(6):
        step = out.add("Mul", [node.input(1), node.input(4)])
        if (alpha := node.number("alpha", 1.0)) != 1.0:
            step = out.add("Mul", [step, out.constant(np.array(alpha, np.float32))])
        given.append(out.add("Mul", [out.add("Cast", [node.input(6)], to=TensorProto.FLOAT), step]))
    attributes = {name: value for name, value in node.attributes.items() if name in ("transA", "transB", "alpha")}
    if not node.input(7):
        out.add("Gemm", given, node.output(0), **attributes)
        return
    quantized(out, node, out.add("Gemm", given, **attributes), 7)


def _conv(node: FusedNode, out: GraphWriter, floats: Dequantized) -> None:
    """Its bias counts in steps of scale of x · scale of w."""
    node.needs_none_of(flags=["channels_last"])
    given = [floats.of(out, node, 0), floats.of(out, node, 3, axis=0)]
    if node.input(8):
        step = out.add("Mul", [node.input(1), node.input(4)])
        given.append(out.add("Mul", [out.add("Cast", [node.input(8)], to=TensorProto.FLOAT), step]))
    attributes = {name: value for name, value in node.attributes.items() if name != "channels_last"}
    quantized(out, node, out.add("Conv", given, **attributes), 6)


def _softmax(node: FusedNode, out: GraphWriter, floats: Dequantized) -> None:
    """Its attribute opset says which Softmax is meant: over one axis, or over all from that one on."""
    flat = node.integer("opset") < 13
    axis = node.integer("axis", 1 if flat else -1)
    rank = node.around.rank(node.input(0))
    if flat != (out.opset < 13) and axis != -1 and (rank is None or axis != rank - 1):
        raise NotCovered("a softmax of another operator set")
    quantized(out, node, out.add("Softmax", [floats.of(out, node, 0)], axis=axis), 3)


def _where(node: FusedNode, out: GraphWriter, floats: Dequantized) -> None:
    chosen = out.add("Where", [node.input(0), floats.of(out, node, 1), floats.of(out, node, 4)])
    quantized(out, node, chosen, 7, like=1)


def _concat(node: FusedNode, out: GraphWriter, floats: Dequantized) -> None:
    parts = [floats.of(out, node, place) for place in range(2, len(node.inputs), 3)]
    quantized(out, node, out.add("Concat", parts, axis=node.integer("axis")), 0, like=2)


_POOL = ("auto_pad", "ceil_mode", "count_include_pad", "kernel_shape", "pads", "strides")
_OPERATORS: dict[tuple[str, str], _Computes] = {
    ("", "QLinearMatMul"): _matmul,
    ("", "QLinearConv"): _conv,
    ("com.microsoft", "QLinearConv"): _conv,
    ("com.microsoft", "QLinearAdd"): _two("Add"),
    ("com.microsoft", "QLinearMul"): _two("Mul"),
    ("com.microsoft", "QLinearSigmoid"): _one("Sigmoid"),
    ("com.microsoft", "QLinearLeakyRelu"): _one("LeakyRelu", "alpha"),
    ("com.microsoft", "QLinearAveragePool"): _one("AveragePool", *_POOL),
    ("com.microsoft", "QLinearGlobalAveragePool"): _one("GlobalAveragePool"),
    ("com.microsoft", "QLinearSoftmax"): _softmax,
    ("com.microsoft", "QLinearWhere"): _where,
    ("com.microsoft", "QLinearConcat"): _concat,
    ("com.microsoft", "QGemm"): _gemm,
}
