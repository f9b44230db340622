"""Operators that onnx has no shape inference for, as operators whose result has the same shape and type.

They stand in for the real ones only while shapes are inferred: one unknown operator in a graph leaves everything
behind it without a shape. Source: onnxruntime's specification of its own operators.
"""

from __future__ import annotations

from collections.abc import Mapping

from onnx import NodeProto, TensorProto, helper

# The result is shaped as the first input. LayerNormalization is onnxruntime's own before operator set 17.
_AS_FIRST_INPUT = frozenset({
    "BiasGelu", "FastGelu", "Gelu", "QuickGelu", "BiasAdd", "RotaryEmbedding", "SimplifiedLayerNormalization",
    "SkipLayerNormalization", "SkipSimplifiedLayerNormalization", "LayerNormalization",
})  # fmt: skip
# onnxruntime's own, for 16 and 4 bits, before ONNX had those: the same inputs in the same order.
_AS_IN_ONNX = frozenset({"QuantizeLinear", "DequantizeLinear"})
_SUM_OUTPUT = 3  # of a skip-normalisation: shaped as its input too


def stand_in(node: NodeProto, ranks: Mapping[str, int], *, is_known: bool) -> list[NodeProto]:
    """The nodes to infer shapes with: the node itself where there is nothing better.

    ranks: numbers of axes of the weights. is_known: whether onnx has inference for the node's operator.
    """
    if is_known or not node.input or not node.output or not node.output[0]:
        return [node]
    if node.op_type in _AS_FIRST_INPUT:
        same = [name for place, name in enumerate(node.output) if place in (0, _SUM_OUTPUT) and name]
        return [helper.make_node("Identity", [node.input[0]], [name]) for name in same]
    if node.op_type in _AS_IN_ONNX:
        return [helper.make_node(node.op_type, node.input, node.output)]
    make = _PRODUCTS.get(node.op_type)
    return make(node, ranks) if make else [node]


def _matmul(node: NodeProto, ranks: Mapping[str, int]) -> list[NodeProto]:
    return [helper.make_node("MatMul", node.input[:2], node.output[:1])]


def _fused_matmul(node: NodeProto, ranks: Mapping[str, int]) -> list[NodeProto]:
    """A product of operands that may be transposed. Only of a matrix is it known how to; two tensors of data, which
    have as many axes as each other, are an Einsum."""
    flags = {given.name: given.i for given in node.attribute}
    if flags.get("transBatchA") or flags.get("transBatchB"):
        return [node]
    left, right = node.input[:2]
    turned_left, turned_right = bool(flags.get("transA")), bool(flags.get("transB"))
    if not turned_left and (not turned_right or ranks.get(right) == 2):
        matrix = f"{node.output[0]}/matrix" if turned_right else right
        turn = [helper.make_node("Transpose", [right], [matrix], perm=[1, 0])] if turned_right else []
        return [*turn, helper.make_node("MatMul", [left, matrix], node.output[:1])]
    if left in ranks or right in ranks:
        return [node]
    axes = ("ji" if turned_left else "ij"), ("kj" if turned_right else "jk")
    return [helper.make_node("Einsum", [left, right], node.output[:1], equation="...{},...{}->...ik".format(*axes))]


def _of_integers(node: NodeProto, ranks: Mapping[str, int]) -> list[NodeProto]:
    whole = f"{node.output[0]}/whole"
    return [
        helper.make_node("MatMulInteger", node.input[:2], [whole]),
        helper.make_node("Cast", [whole], node.output[:1], to=TensorProto.FLOAT),
    ]


def _of_packed_weights(node: NodeProto, ranks: Mapping[str, int]) -> list[NodeProto]:
    """Weights packed in blocks stand for a matrix [K, N]."""
    sizes = {given.name: given.i for given in node.attribute}
    if not {"K", "N"} <= sizes.keys():
        return [node]
    shape, matrix = f"{node.output[0]}/shape", f"{node.output[0]}/matrix"
    return [
        helper.make_node("Constant", [], [shape], value_ints=[sizes["K"], sizes["N"]]),
        helper.make_node("ConstantOfShape", [shape], [matrix]),
        helper.make_node("MatMul", [node.input[0], matrix], node.output[:1]),
    ]


_PRODUCTS = {
    "DynamicQuantizeMatMul": _matmul,
    "FusedMatMul": _fused_matmul,
    "TransposeMatMul": _fused_matmul,
    "MatMulIntegerToFloat": _of_integers,
    "MatMulNBits": _of_packed_weights,
}
