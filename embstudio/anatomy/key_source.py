"""Keys and values before they are repeated for grouped queries, and queries and keys before they are scaled."""

from __future__ import annotations

from dataclasses import dataclass

from embstudio.anatomy.axis_trace import Axes, permutation, reshaped
from embstudio.anatomy.dataflow import Dataflow
from embstudio.anatomy.scalar import number_of
from embstudio.modelfile.graph import Node

_SAME_AXES = frozenset({"Cast", "Identity", "CastLike", "Dropout"})
_REPEATS = frozenset({"Expand", "Tile", "Concat"})
_FURTHEST = 16  # operators between the repetition and the product


@dataclass(frozen=True)
class Scaled:
    """What a product multiplies: tensor · factor. axes: the tensor's."""

    tensor: str
    factor: float
    axes: Axes | None


def before_scale(flow: Dataflow, tensor: str, axes: Axes | None) -> Scaled:
    """The tensor before it was multiplied by one number, as exports do with q, k or both; transposed back on the way.

    A number that the graph does not tell is not looked behind, so that tensor · factor is always what is multiplied.
    """
    start = Scaled(tensor, 1.0, axes)
    current, found = start, start
    while True:
        node = flow.graph.producer(current.tensor)
        if node is None or not node.inputs:
            return found
        if node.op == "Transpose" and current.axes is not None:
            current = Scaled(node.inputs[0], current.factor, _turned_back(node, current.axes))
            continue
        if node.op in _SAME_AXES or node.op == "DynamicQuantizeLinear":
            current = Scaled(node.inputs[0], current.factor, current.axes)
            if node.op == "DynamicQuantizeLinear":
                found = current
            continue
        scaled = _one_scale(flow, node, current)
        if scaled is None:
            return found
        current = found = scaled


def _turned_back(node: Node, axes: Axes) -> Axes:
    order = permutation(node, len(axes))
    return tuple(axes[order.index(place)] for place in range(len(axes)))


def _one_scale(flow: Dataflow, node: Node, current: Scaled) -> Scaled | None:
    if node.op not in ("Mul", "Div") or len(node.inputs) != 2:
        return None
    data = flow.data_inputs(node)
    if len(data) != 1 or (node.op == "Div" and data[0] != node.inputs[0]):
        return None
    other = node.inputs[1] if data[0] == node.inputs[0] else node.inputs[0]
    number = number_of(flow, other)
    if number is None or number == 0:
        return None
    return Scaled(data[0], current.factor * (number if node.op == "Mul" else 1 / number), current.axes)


def before_repetition(flow: Dataflow, found: Scaled, head: str | None) -> Scaled:
    """Keys or values before their heads are repeated for the queries that share them; the same where none are.

    Each head is repeated in place, [kv, 1] → [kv, group] → [kv · group]: Unsqueeze behind the heads, Expand, Reshape.
    Where all heads are repeated in turn instead, it is left as it is: neighbouring queries do not share a head then.
    head: the letter of the heads in the axes of `found`.
    """
    current = found
    for _ in range(_FURTHEST):
        node = flow.graph.producer(current.tensor)
        if node is None or not node.inputs or current.axes is None or head is None:
            break
        if (head,) in current.axes and (source := _repeated_by(flow, node, current.axes.index((head,)))) is not None:
            # Some exports repeat them once by themselves, and once, for nothing, inside of their attention operator.
            current = found = Scaled(source, current.factor, current.axes)
            continue
        back = _back(flow, node, current)
        if back is None:
            break
        current = back
    return found


def _back(flow: Dataflow, node: Node, current: Scaled) -> Scaled | None:
    """One operator back that keeps the values, or scales them, and turns the axes."""
    axes = current.axes or ()
    if node.op == "Transpose":
        return Scaled(node.inputs[0], current.factor, _turned_back(node, axes))
    if node.op in _SAME_AXES:
        return Scaled(node.inputs[0], current.factor, axes)
    if node.op == "Reshape":
        source = reshaped(axes, flow.graph.shape(node.outputs[0]), flow.graph.shape(node.inputs[0]))
        return Scaled(node.inputs[0], current.factor, source) if source is not None else None
    return _one_scale(flow, node, current)


def _repeated_by(flow: Dataflow, node: Node, head: int) -> str | None:
    return _spread_by(flow, node, head) if node.op == "Expand" else _repeated_in(flow, node, head)


def _spread_by(flow: Dataflow, expand: Node, head: int) -> str | None:
    """One head for all queries, spread by Expand alone."""
    before, now = flow.graph.shape(expand.inputs[0]), flow.graph.shape(expand.outputs[0])
    if before is None or (now is not None and len(now) != len(before)) or head >= len(before):
        return None
    same = now is None or all(a == b or place == head or a is None or b is None or isinstance(a, str)
                              for place, (a, b) in enumerate(zip(before, now, strict=True)))  # fmt: skip
    return expand.inputs[0] if before[head] == 1 and same else None


def _repeated_in(flow: Dataflow, reshape: Node, head: int) -> str | None:
    """The source of Reshape(Expand(Unsqueeze(source))), where the Unsqueeze is just behind the heads."""
    graph = flow.graph
    if reshape.op != "Reshape":
        return None
    node = graph.producer(reshape.inputs[0])
    while node is not None and node.op in _SAME_AXES:
        node = graph.producer(node.inputs[0])
    if node is None or node.op not in _REPEATS or (node.op == "Concat" and len(set(node.inputs)) != 1):
        return None
    added = graph.producer(node.inputs[0])
    if added is None:
        return None
    if added.op == "Unsqueeze":
        places = added.attributes.get("axes")
        if places is None and (weight := graph.weight(added.input(1))) is not None:
            places = weight.values.reshape(-1).tolist()
        if not isinstance(places, list) or len(places) != 1:
            return None
        rank = graph.rank(added.inputs[0])
        place = int(places[0]) if places[0] >= 0 else int(places[0]) + (rank or 4) + 1
        return added.inputs[0] if place == head + 1 else None
    before, now = graph.shape(added.inputs[0]), graph.shape(added.outputs[0])
    if added.op != "Reshape" or before is None or now is None or len(now) != len(before) + 1:
        return None
    inserted = now[head + 1] == 1 and now[head] == before[head]
    return added.inputs[0] if inserted else None
