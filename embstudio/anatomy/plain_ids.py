"""Are ids that were computed still the ids that came in? Frameworks wrap negative ones round before they look them up.

TensorFlow and PyTorch write `id < 0 ? id + rows : id` as sums, products and comparisons, element by element. Rather
than know each way of writing it, a few ids are put through it: what comes out as it went in are the same ids.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from embstudio.anatomy.dataflow import Dataflow

_SAMPLE = np.array([0, 1, 2, 3, 5, 8, 13])
_OPERATORS: dict[str, Callable[..., np.ndarray]] = {
    "Add": np.add, "Sub": np.subtract, "Mul": np.multiply, "Less": np.less, "LessOrEqual": np.less_equal,
    "Greater": np.greater, "GreaterOrEqual": np.greater_equal, "Equal": np.equal, "Not": np.logical_not,
    "And": np.logical_and, "Or": np.logical_or, "Where": np.where, "Max": np.maximum, "Min": np.minimum,
    "Mod": np.mod,
}  # fmt: skip
_SAME = frozenset({"Cast", "Identity", "Reshape", "Squeeze", "Unsqueeze", "Transpose", "Expand"})
_UNKNOWN = (10_000.0, 20_000.0)  # stand for numbers that are not stored, such as the count of a table's rows
_MOST_NODES = 32


def unchanged_source(flow: Dataflow, tensor: str) -> str | None:
    """The one tensor of integers that a tensor equals although it is computed from it; None if it does not."""
    sources: set[str] = set()
    if not _leads_back(flow, tensor, sources, set()) or len(sources) != 1:
        return None
    (source,) = sources
    same = all(np.array_equal(_value(flow, tensor, source, unknown), _SAMPLE) for unknown in _UNKNOWN)
    return source if same else None


def _leads_back(flow: Dataflow, tensor: str, sources: set[str], seen: set[str]) -> bool:
    """Collect the graph's inputs that a tensor is computed from; False if other operators are among those it takes."""
    if tensor in seen or not flow.is_data(tensor):
        return True
    seen.add(tensor)
    node = flow.graph.producer(tensor)
    if node is None:
        sources.add(tensor)
        return True
    known = node.op in _OPERATORS or node.op in _SAME
    return known and len(seen) < _MOST_NODES and all(_leads_back(flow, name, sources, seen) for name in node.inputs)


def _value(flow: Dataflow, tensor: str, source: str, unknown: float) -> np.ndarray:
    if tensor == source:
        return _SAMPLE.astype(np.float64)
    weight, node = flow.graph.weight(tensor), flow.graph.producer(tensor)
    if weight is not None and weight.size == 1:
        return np.float64(weight.values.reshape(-1)[0]) + np.zeros(())
    if node is None or not flow.is_data(tensor):
        return np.array(unknown)
    values = [_value(flow, name, source, unknown) for name in (node.inputs[:1] if node.op in _SAME else node.inputs)]
    return values[0] if node.op in _SAME else np.asarray(_OPERATORS[node.op](*values), np.float64)
