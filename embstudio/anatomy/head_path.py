"""The way back from an output to the last product with weights, through what leaves scores scores."""

from __future__ import annotations

from dataclasses import dataclass

from embstudio.anatomy.dataflow import Dataflow
from embstudio.modelfile.graph import Node
from embstudio.trace.readout import Readout

_STILL_SCORES = frozenset({
    "Add", "Cast", "Identity", "Reshape", "Transpose", "Squeeze", "Unsqueeze", "Softmax", "LogSoftmax", "Sigmoid",
    "Div", "Mul", "Tanh", "Slice", "Gather", "GatherND", "GatherElements", "Flatten", "Split", "QuantizeLinear",
    "DequantizeLinear", "Clip", "Where",
})  # fmt: skip
_PROBABILITIES = frozenset({"Softmax", "LogSoftmax", "Sigmoid"})
_SAME_NUMBERS = frozenset({"Cast", "Identity", "Reshape", "Transpose", "Squeeze", "Unsqueeze", "Flatten"})
_CHOOSING = frozenset({"Gather", "GatherND", "GatherElements", "Slice", "Split"})
_MOST_BACK = 24  # nodes from the head's operand back to where a position was chosen


@dataclass(frozen=True)
class HeadPath:
    """product: the last product with weights; None if the output is no product's. scores: the output's tensor before
    probabilities were made of it. per_token: scores [batch, pos, class] that the output takes one class of (the starts
    or ends of answers). is_pooler: ends in tanh, as poolers do. last_only: for the last position alone.
    readout: how the graph makes probabilities of `scores`, or that it has (GIVEN); None where it does not."""

    product: Node | None
    scores: str
    width: int | None = None
    per_token: str | None = None
    is_pooler: bool = False
    last_only: bool = False
    readout: Readout | None = None


def path_to_head(flow: Dataflow, output: str) -> HeadPath:
    passed: list[Node] = []
    tensor = scores = output
    while True:
        node = flow.graph.producer(tensor)
        if node is None or flow.multiplies_by_weight(node):
            break
        data = _onward(flow, node)
        if node.op not in _STILL_SCORES or len(data) != 1:
            node = None
            break
        passed.append(node)
        (tensor,) = data
        if node.op in _PROBABILITIES and all(each.op in (*_PROBABILITIES, "Cast", "Identity") for each in passed):
            scores = tensor
    if node is None:
        return HeadPath(None, output)
    operators = {each.op for each in passed}
    shape = flow.graph.shape(node.outputs[0])
    width = shape[-1] if shape and isinstance(shape[-1], int) else None
    # Capped scores end in tanh as well, but are multiplied by the cap again.
    pooler = "Tanh" in operators and "Mul" not in operators and not operators & _PROBABILITIES
    per_token = _before_choice(flow, output, passed) if width is not None and not pooler else None
    last_only = _is_last_only(flow, output, node, passed)
    readout = None if per_token is not None else _readout(passed, before=scores != output)
    return HeadPath(node, scores, width, per_token, pooler, last_only, readout)


def _readout(passed: list[Node], *, before: bool) -> Readout | None:
    """What the graph's last function over the scores says of them; passed: from the output back. before: whether the
    scores are read before that function."""
    last = next((node for node in passed if node.op not in _SAME_NUMBERS), None)
    if last is None or last.op not in _PROBABILITIES:
        return None
    if last.op == "Sigmoid":
        return Readout.EACH if before else Readout.GIVEN
    return Readout.ONE_OF


def _onward(flow: Dataflow, node: Node) -> list[str]:
    """The inputs that the values come from: not the places chosen, nor the scale of a quantised product."""
    data = list(dict.fromkeys(flow.data_inputs(node)))
    if node.op in _CHOOSING:
        return data[:1]
    if node.op == "Where":
        return [name for name in data if name != node.inputs[0]]
    return [name for name in data if not _is_scale(flow, name)] if len(data) > 1 else data


def _is_scale(flow: Dataflow, tensor: str) -> bool:
    node = flow.graph.producer(tensor)
    while node is not None and node.op in ("Mul", "Cast", "Identity") and flow.data_inputs(node):
        tensor = flow.data_inputs(node)[0]
        node = flow.graph.producer(tensor)
    return node is not None and node.op == "DynamicQuantizeLinear" and tensor != node.outputs[0]


def _before_choice(flow: Dataflow, output: str, passed: list[Node]) -> str | None:
    """The scores [batch, pos, class] of which an output [batch, pos] is one class; None if it is no such output."""
    shape = flow.graph.shape(output)
    if shape is None or len(shape) != 2 or isinstance(shape[1], int):
        return None
    for node in passed:
        before = flow.graph.shape(node.inputs[0])
        if node.op in ("Split", "Gather", "Squeeze", "Slice") and before and len(before) == 3 and before[2] != 1:
            return node.inputs[0]
    return next((node.inputs[0] for node in passed if flow.graph.rank(node.inputs[0]) == 3), None)


def _is_last_only(flow: Dataflow, output: str, product: Node, passed: list[Node]) -> bool:
    """Was the last position chosen, before the product or after it?"""
    shape = flow.graph.shape(output)
    if shape is not None and (len(shape) != 3 or shape[1] not in (1, None)) and not isinstance(shape[1], str):
        return False
    nodes = list(passed)
    data = flow.data_inputs(product)
    node = flow.graph.producer(data[0]) if data else None
    while node is not None and len(nodes) < _MOST_BACK and len(set(flow.data_inputs(node))) == 1:
        nodes.append(node)
        node = flow.graph.producer(flow.data_inputs(node)[0])
    return any(_takes_last(flow, each) for each in nodes)


def _takes_last(flow: Dataflow, node: Node) -> bool:
    """Is it x[:, -1:, :] or x[:, [-1], :]?"""
    if flow.graph.rank(node.inputs[0]) != 3:
        return False
    if node.op == "Gather":
        index = flow.graph.weight(node.input(1))
        if index is None or index.shape != (1,):
            return False
        return node.attributes.get("axis") in (1, -2) and int(index.values[0]) == -1
    if node.op != "Slice" or len(node.inputs) < 4:
        return False
    start, axes = flow.graph.weight(node.inputs[1]), flow.graph.weight(node.inputs[3])
    if start is None or axes is None or start.size != 1:
        return False
    return int(start.values.reshape(-1)[0]) == -1 and int(axes.values.reshape(-1)[0]) in (1, -2)
