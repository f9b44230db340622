"""The softmaxes of a graph: the operator, and the same written out as Exp, ReduceSum and Div."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from embstudio.anatomy.dataflow import Dataflow
from embstudio.modelfile.graph import Graph, Node


@dataclass(frozen=True)
class FoundSoftmax:
    """result = softmax(entering) over one axis. node: the one that makes the result; axis None where not known."""

    node: Node
    entering: str
    result: str
    axis: int | None


def find_softmaxes(flow: Dataflow) -> Iterator[FoundSoftmax]:
    """Every softmax of data, in the order of the graph."""
    for node in flow.graph.nodes:
        if node.op not in ("Softmax", "Div", "Mul", "Exp") or not flow.is_data(node.outputs[0]):
            continue
        found = _of_operator(flow.graph, node) if node.op == "Softmax" else _written_out(flow.graph, node)
        if found is not None:
            yield found


def _of_operator(graph: Graph, node: Node) -> FoundSoftmax:
    return FoundSoftmax(node, node.inputs[0], node.outputs[0], _axis(graph, node))


def _axis(graph: Graph, node: Node) -> int | None:
    """The axis counted from the end, or from the front where the rank is not known.

    Before opset 13 all axes from the given one on were flattened into one, and 1 was the default.
    """
    rank = graph.rank(node.inputs[0])
    flattens = node.domain == "" and graph.opset.get("", 13) < 13
    axis = node.attributes.get("axis", 1 if flattens else -1)
    if not isinstance(axis, int):
        return None
    if rank is not None and axis >= 0:
        axis -= rank
    return None if flattens and axis != -1 else axis


def _written_out(graph: Graph, node: Node) -> FoundSoftmax | None:
    """Exp(x) / ReduceSum(Exp(x)), with Div or a Reciprocal; Exp(LogSoftmax(x)); Exp(x − ReduceLogSumExp(x))."""
    if node.op == "Exp":
        inner = graph.producer(node.inputs[0])
        if inner is not None and inner.op == "LogSoftmax":
            return FoundSoftmax(node, inner.inputs[0], node.outputs[0], _axis(graph, inner))
        total = graph.producer(inner.inputs[1]) if inner is not None and inner.op == "Sub" else None
        if inner is None or total is None or total.op != "ReduceLogSumExp" or total.inputs[0] != inner.inputs[0]:
            return None
        return FoundSoftmax(node, inner.inputs[0], node.outputs[0], _axes(graph, total))
    for over, under in ((node.input(0), node.input(1)), (node.input(1), node.input(0))):
        exponential = graph.producer(over)
        if exponential is None or exponential.op != "Exp" or (node.op == "Div" and over != node.inputs[0]):
            continue
        total = graph.producer(under)
        if node.op == "Mul":
            total = graph.producer(total.inputs[0]) if total is not None and total.op == "Reciprocal" else None
        for _ in range(3):  # a sum that is kept from zero, or has a sink's share added
            if total is None or total.op not in ("Add", "Max", "Clip", "Cast"):
                break
            sums = [graph.producer(name) for name in total.inputs if name]
            total = next((each for each in sums if each is not None and each.op in ("ReduceSum", "Cast")), None)
        if total is None or total.op != "ReduceSum" or over not in total.inputs[:1]:
            continue
        return FoundSoftmax(node, _before_maximum(graph, exponential.inputs[0]), node.outputs[0], _axes(graph, total))
    return None


def _axes(graph: Graph, reduction: Node) -> int | None:
    axes = reduction.attributes.get("axes")
    if axes is None and reduction.input(1):
        weight = graph.weight(reduction.inputs[1])
        axes = weight.values.reshape(-1).tolist() if weight is not None else None
    if not isinstance(axes, list) or len(axes) != 1:
        return None
    rank = graph.rank(reduction.inputs[0])
    axis = int(axes[0])
    return axis - rank if rank is not None and axis >= 0 else axis


def _before_maximum(graph: Graph, tensor: str) -> str:
    """x of x − max x, which is subtracted so that the exponential does not overflow."""
    node = graph.producer(tensor)
    if node is None or node.op != "Sub":
        return tensor
    top = graph.producer(node.inputs[1])
    return node.inputs[0] if top is not None and top.op == "ReduceMax" and top.inputs[0] == node.inputs[0] else tensor
