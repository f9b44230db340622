"""Normalisations: one operator, or the arithmetic that older exports write out.

LayerNorm(x) = (x − mean x) / √(var x + ε) · γ + β (Ba et al. 2016), RMSNorm(x) = x / √(mean x² + ε) · γ (Zhang and
Sennrich 2019). Written out, both are arithmetic between x, means of it and vectors of weights: whatever the order
of the operators, every way back from the result ends at x, and passes a mean and a root.
"""

from __future__ import annotations

from collections.abc import Mapping

from embstudio.anatomy.dataflow import Dataflow
from embstudio.modelfile.graph import Node

_OPERATORS = frozenset({"LayerNormalization", "SimplifiedLayerNormalization", "RMSNormalization", "LpNormalization"})
_SKIP_OPERATORS = frozenset({"SkipLayerNormalization", "SkipSimplifiedLayerNormalization"})
# A GlobalAveragePool of [batch, pos, d_model] is the mean over the last axis, as tf2onnx writes it.
_MEANS = frozenset({"ReduceMean", "ReduceSum", "ReduceSumSquare", "ReduceL2", "GlobalAveragePool"})
_ROOTS = frozenset({"Sqrt", "Pow", "ReduceL2", "Reciprocal"})
_ARITHMETIC = frozenset({
    "Add", "Sub", "Mul", "Div", "Neg", "Max", "Min", "Clip", "Abs", "Exp", "Log", "Cast", "Identity", "Reshape",
    "Expand", "Transpose", "Squeeze", "Unsqueeze", "Shape", "Dropout", "QuantizeLinear", "DequantizeLinear",
    *_MEANS, *_ROOTS, *_OPERATORS,
})  # fmt: skip
_MOST_NODES = 64  # of one normalisation, casts and quantisation included; written out it takes about ten


def is_norm(flow: Dataflow, tensor: str, source: str) -> bool:
    """Is a tensor the normalisation of another, as they are in the graph?"""
    node = flow.graph.producer(tensor)
    if node is not None and node.op in _SKIP_OPERATORS:
        return tensor == node.outputs[0] and source in node.outputs[1:]
    return _made_of(flow, tensor, source)


def norms_of(flow: Dataflow, source: str) -> tuple[str, ...]:
    """The tensors that are normalisations of one, gain and bias included, in the order of the graph."""
    producer = flow.graph.producer(source)
    if producer is not None and producer.op in _SKIP_OPERATORS and source in producer.outputs[1:]:
        return (producer.outputs[0],)
    region = arithmetic_of(flow, source)
    whole = (node.outputs[0] for node in region.values() if _normalises(flow, node))
    norms = dict.fromkeys(_with_gain(flow, name, region) for name in whole if _made_of(flow, name, source))
    # What is made of a norm (another norm right after it) is not the source's own.
    return tuple(name for name in norms if not any(other != name and flow.is_ancestor(other, name) for other in norms))


def arithmetic_of(flow: Dataflow, source: str) -> dict[str, Node]:
    """Tensors made of the source and constants by arithmetic, with the nodes that make them, in the graph's order."""
    inside: dict[str, Node] = {}
    waiting = {node.index: node for node in flow.graph.consumers(source)}
    while waiting and len(inside) < _MOST_NODES:
        node = waiting.pop(min(waiting))
        if node.op not in _ARITHMETIC or not flow.is_data(node.outputs[0]):
            continue
        if all(name == source or name in inside for name in node.reads if flow.is_data(name)):
            inside[node.outputs[0]] = node
            waiting |= {user.index: user for user in flow.graph.consumers(node.outputs[0])}
    return inside


def _normalises(flow: Dataflow, node: Node) -> bool:
    """Is it a whole norm, or the step that brings x and its root mean square together?"""
    return node.op in _OPERATORS or (node.op in ("Mul", "Div") and all(flow.is_data(name) for name in node.inputs))


def _with_gain(flow: Dataflow, tensor: str, region: Mapping[str, Node]) -> str:
    """The tensor after gain and bias, where they are written out: vectors of constants, or, as TensorFlow orders it,
    the bias and what the mean makes of it."""
    while True:
        users = [node for node in flow.graph.consumers(tensor) if node.op not in ("Shape", "Size")]
        if len(users) != 1 or users[0].outputs[0] not in region:
            return tensor
        (node,) = users
        others = [name for name in node.inputs if name != tensor]
        affine = node.op in ("Mul", "Add", "Sub") and len(others) == 1
        if not (node.op == "Cast" or (affine and (others[0] in region or _is_long(flow, others[0])))):
            return tensor
        tensor = node.outputs[0]


def _is_long(flow: Dataflow, tensor: str) -> bool:
    """Is a constant one number for each feature, not one for all of them?"""
    shape = flow.graph.shape(tensor)
    return not flow.is_data(tensor) and (shape is None or any(length != 1 for length in shape))


def _made_of(flow: Dataflow, tensor: str, source: str) -> bool:
    waiting, seen = [tensor], {tensor}
    means = roots = False
    while waiting:
        name = waiting.pop()
        if name == source:
            continue
        node = flow.graph.producer(name)
        if node is None or node.op not in _ARITHMETIC or len(seen) > _MOST_NODES:
            return False
        means |= node.op in _MEANS or node.op in _OPERATORS
        roots |= node.op in _ROOTS or node.op in _OPERATORS
        for read in node.reads:
            if flow.is_data(read):
                if read not in seen:
                    seen.add(read)
                    waiting.append(read)
            elif not _is_vector(flow, node, read):
                return False
    return means and roots and tensor != source


def _is_vector(flow: Dataflow, node: Node, tensor: str) -> bool:
    """Gain, bias and ε: numbers for each feature or one for all. Shapes and axes may be what they like."""
    if node.op not in ("Add", "Sub", "Mul", "Div"):
        return True
    shape = flow.graph.shape(tensor)
    return shape is None or sum(length != 1 for length in shape) <= 1
