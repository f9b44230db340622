"""How many parameters an initializer stands for: quantised weights are packed, and come with scales that are none."""

from __future__ import annotations

from embstudio.anatomy.dataflow import Dataflow
from embstudio.modelfile.graph import Node, Weight

_FLOATS = ("float", "bfloat")
_WHOLE = frozenset({"int8", "uint8", "int4", "uint4", "int2", "uint2"})
# Which inputs hold whole numbers that are weights, and which their scales and zero points, by the operators'
# specifications; a bias that comes as a further input is a parameter.
_WEIGHTS = {
    "DequantizeLinear": (0,), "MatMulNBits": (1,), "GatherBlockQuantized": (0,), "MatMulInteger": (1,),
    "MatMulIntegerToFloat": (1,), "DynamicQuantizeMatMul": (1,), "QLinearMatMul": (3,), "QGemm": (3,),
    "QAttention": (1,), "QLinearConv": (3,), "ConvInteger": (1,), "Gather": (0,), "QMoE": (2, 5, 8),
    "DynamicQuantizeLSTM": (1, 2), "Cast": (0,),
}  # fmt: skip
_SCALES = {
    "DequantizeLinear": (1, 2), "QuantizeLinear": (1, 2), "MatMulNBits": (2, 3, 4), "GatherBlockQuantized": (2, 3),
    "MatMulInteger": (2, 3), "MatMulIntegerToFloat": (2, 3, 4, 5), "DynamicQuantizeMatMul": (2, 3),
    "QLinearMatMul": (1, 2, 4, 5, 6, 7), "QGemm": (1, 2, 4, 5, 7, 8), "QAttention": (3, 4, 6, 7),
    "QLinearAdd": (1, 2, 4, 5, 6, 7), "QLinearConv": (1, 2, 4, 5, 6, 7), "ConvInteger": (2, 3), "QMoE": (3, 6, 9),
    "DynamicQuantizeLSTM": (8, 9, 10, 11),
}  # fmt: skip


def logical_size(flow: Dataflow, weight: Weight) -> int:
    """Numbers a training run could have set in an initializer; 0 for what is no parameter."""
    if not weight.is_initializer or weight.size <= 1:
        return 0
    users = flow.graph.consumers(weight.name)
    if users and all(node.op in ("Shape", "Size") for node in users):
        return 0  # it serves to give something its shape
    if _is_at(weight, users, _SCALES) or (users and all(_scales_a_product(flow, node) for node in users)):
        return 0
    if weight.dtype.startswith(_FLOATS):
        return 0 if _is_mask(weight) else weight.size
    bias = weight.dtype == "int32" and any(node.op == "DequantizeLinear" for node in users)
    if bias:
        return weight.size
    # The head's blocks may be given another shape before rows are looked up in them.
    uses = [(node, weight.name) for node in users] + list(flow.users(weight.name))
    if weight.dtype not in _WHOLE or not any(_is_weight(node, name) for node, name in uses):
        return 0
    return next((size for node, name in uses if (size := _unpacked(node, name, weight))), weight.size)


def _is_weight(node: Node, name: str) -> bool:
    return any(node.input(place) == name for place in _WEIGHTS.get(node.op, ()))


def _is_at(weight: Weight, users: tuple[Node, ...], places: dict[str, tuple[int, ...]]) -> bool:
    return any(node.input(place) == weight.name for node in users for place in places.get(node.op, ()))


def _scales_a_product(flow: Dataflow, node: Node) -> bool:
    """Is it the product of a weight's scale with that of a dynamically quantised operand?"""
    if node.op != "Mul":
        return False
    producers = (flow.graph.producer(name) for name in node.inputs)
    return any(made is not None and made.op == "DynamicQuantizeLinear" for made in producers)


def _is_mask(weight: Weight) -> bool:
    """[1, 1, pos, pos]: a causal mask that the file stores; nothing trained has this shape."""
    shape = weight.shape
    return len(shape) == 4 and shape[:2] == (1, 1) and shape[2] == shape[3] > 1


def _unpacked(node: Node, name: str, weight: Weight) -> int:
    """com.microsoft.MatMulNBits stores [N, blocks, bytes of a block] for a matrix of N × K; GatherBlockQuantized
    several numbers of `bits` in a byte."""
    if node.op == "MatMulNBits" and node.input(1) == name:
        rows, columns = node.attributes.get("N"), node.attributes.get("K")
        return rows * columns if isinstance(rows, int) and isinstance(columns, int) else 0
    if node.op == "GatherBlockQuantized" and node.input(0) == name and weight.dtype == "uint8":
        bits = node.attributes.get("bits", 4)
        return weight.size * (8 // bits if isinstance(bits, int) else 1)
    return 0
