"""The number of sequences asked of an earlier tensor, so that a part of a graph does not hang on layers for it.

Exporters write `x.shape[0]` as Shape of x and Gather of its entry 0. If x is deep inside a model, whatever uses the
number needs all of what makes x; yet most operators leave the first axis as it is, so x's first inputs have it too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

import numpy as np
from onnx import GraphProto, NodeProto, numpy_helper

_ELEMENTWISE = frozenset({
    "Add", "Sub", "Mul", "Div", "Pow", "Cast", "Identity", "Sqrt", "Neg", "Abs", "Relu", "Gelu", "Erf", "Tanh",
    "Sigmoid", "Dropout", "LayerNormalization", "RMSNormalization", "SimplifiedLayerNormalization", "Softmax", "Clip",
    "Reciprocal", "ReduceMean", "MatMul",
})  # fmt: skip


def ask_early(body: GraphProto, constants: Collection[str]) -> None:
    """Rewire, in place, each Shape of which only entry 0 is read. constants: names that do not depend on any input."""
    producers = {name: node for node in body.node for name in node.output}
    readers: dict[str, list[NodeProto]] = defaultdict(list)
    for node in body.node:
        for name in node.input:
            readers[name].append(node)
    data = _depending(body, set(constants))
    depth = _depths(body)
    for shape in body.node:
        if shape.op_type != "Shape" or shape.attribute:
            continue
        users = readers[shape.output[0]]
        if users and all(_takes_first(node, producers) for node in users):
            tensor = shape.input[0]
            while (earlier := _same_first_axis(producers.get(tensor), data, depth)) is not None:
                tensor = earlier
            shape.input[0] = tensor


def _same_first_axis(node: NodeProto | None, data: set[str], depth: dict[str, int]) -> str | None:
    """The operand of a node that has the first axis of its result; the one nearest to the inputs, if there are two."""
    if node is None:
        return None
    operands = [name for name in node.input if name in data]
    if node.op_type == "Gather" and len(operands) == 1 and operands[0] == node.input[1]:
        return str(operands[0])
    if node.op_type not in _ELEMENTWISE or not operands or (node.op_type == "MatMul" and operands != [node.input[0]]):
        return None
    return str(min(operands, key=lambda name: depth.get(name, 0)))


def _takes_first(node: NodeProto, producers: dict[str, NodeProto]) -> bool:
    if node.op_type != "Gather" or any(given.name == "axis" and given.i for given in node.attribute):
        return False
    made = producers.get(node.input[1])
    value = next((given.t for given in made.attribute if given.name == "value"), None) if made else None
    return value is not None and not np.any(numpy_helper.to_array(value))


def _depending(body: GraphProto, constants: set[str]) -> set[str]:
    """The tensors of a body that depend on the values of an input; those that depend on its shape alone do not."""
    made = {name for node in body.node for name in node.output}
    data: set[str] = set()
    for node in body.node:
        captured = {name for name in node.input if name and name not in made and name not in constants}
        data |= captured
        if node.op_type not in ("Shape", "Size") and data.intersection(node.input):
            data.update(filter(None, node.output))
    return data


def _depths(body: GraphProto) -> dict[str, int]:
    depth: dict[str, int] = {}
    for node in body.node:
        deepest = 1 + max((depth.get(name, 0) for name in node.input), default=0)
        depth.update(dict.fromkeys(filter(None, node.output), deepest))
    return depth
