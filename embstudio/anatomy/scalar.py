"""The value of a tensor that is one number known without running: what scores and queries are scaled by."""

from __future__ import annotations

import math
from collections.abc import Callable

from embstudio.anatomy.dataflow import Dataflow

_SAME = frozenset({"Cast", "CastLike", "Identity", "Squeeze", "Unsqueeze", "Reshape", "Expand"})
_ONE: dict[str, Callable[[float], float]] = {
    "Sqrt": math.sqrt, "Reciprocal": lambda x: 1 / x, "Neg": lambda x: -x, "Floor": math.floor,
}  # fmt: skip
_TWO: dict[str, Callable[[float, float], float]] = {
    "Mul": lambda x, y: x * y, "Div": lambda x, y: x / y, "Add": lambda x, y: x + y, "Sub": lambda x, y: x - y,
    "Pow": lambda x, y: x**y,
}  # fmt: skip
_DEEPEST = 24  # operators between a constant and its use; what is deeper is no scale


def number_of(flow: Dataflow, tensor: str, depth: int = 0) -> float | None:
    """The one number that a tensor holds, computed from constants and lengths of dimensions that the graph states.

    None where it holds several, depends on the input, or is made by other operators.
    """
    graph = flow.graph
    weight = graph.weight(tensor)
    if weight is not None:
        numeric = weight.size == 1 and weight.dtype not in ("string", "object", "unknown", "bool")
        return float(weight.values.reshape(-1)[0]) if numeric else None
    node = graph.producer(tensor)
    if node is None or depth > _DEEPEST or flow.is_data(tensor):
        return None
    if node.op in ("Slice", "Gather"):
        return _length(flow, tensor)
    if node.op in _SAME:
        return number_of(flow, node.inputs[0], depth + 1)
    try:
        if node.op in _ONE:
            value = number_of(flow, node.inputs[0], depth + 1)
            return None if value is None else float(_ONE[node.op](value))
        if node.op in _TWO:
            pair = [number_of(flow, name, depth + 1) for name in node.inputs[:2]]
            return None if None in pair else float(_TWO[node.op](*(each for each in pair if each is not None)))
    except (ArithmeticError, ValueError, TypeError):
        return None
    return None


def _length(flow: Dataflow, tensor: str) -> float | None:
    """One entry of a Shape: the length of a dimension, where the graph states it."""
    graph = flow.graph
    node = graph.producer(tensor)
    places: float | None = None
    if node is not None and node.op == "Gather":
        places = number_of(flow, node.inputs[1])
    elif node is not None and len(node.inputs) > 2:
        starts, ends = graph.weight(node.inputs[1]), graph.weight(node.inputs[2])
        if starts is not None and ends is not None and starts.size == ends.size == 1:
            places = float(starts.values.reshape(-1)[0])
            end = float(ends.values.reshape(-1)[0])
            if not (end == places + 1 or (places == -1 and end > 2**30)):
                return None
    source = graph.producer(node.inputs[0]) if node is not None else None
    if places is None or source is None or source.op != "Shape" or source.attributes.get("start"):
        return None
    shape = graph.shape(source.inputs[0])
    if shape is None or not -len(shape) <= places < len(shape):
        return None
    length = shape[int(places)]
    return float(length) if isinstance(length, int) else None
