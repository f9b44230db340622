"""Sums and products of tensors multiplied out, so that every way of writing the same update looks the same.

(1 − z) n + z h, n + z (h − n) and h − (1 − z) (h − n) all become n − z n + z h.
"""

from __future__ import annotations

import numpy as np

from embstudio.anatomy.dataflow import Dataflow
from embstudio.anatomy.same_values import before_same_values
from embstudio.base.errors import ModelFileError
from embstudio.modelfile.graph import Node

# The tensors that are multiplied, sorted; () stands for a plain number.
Monomial = tuple[str, ...]
Polynomial = dict[Monomial, float]
ZERO = "0"
"""The name of every tensor of zeros in a polynomial. They are kept, to show what they are multiplied with."""

_SUMS = frozenset({"Add", "Sub", "Sum", "Neg"})
_ARITHMETIC = _SUMS | {"Mul", "Where"}
_BESIDE = frozenset({"Less", "Greater", "Shape", "Size", "Abs"})  # of no consequence to the values
_MOST_TERMS, _HIGHEST = 8, 4


class Expander:
    """Multiplies out what makes a tensor, as far as the next state: a sum that something other than arithmetic reads.

    strictly: stop at every sum that is read twice.
    """

    def __init__(self, flow: Dataflow, *, strictly: bool) -> None:
        self._flow = flow
        self._strictly = strictly

    def of(self, tensor: str) -> Polynomial | None:
        """What a sum or product is made of; None where it is neither, or too much."""
        node = self._flow.graph.producer(tensor)
        return self._node(node, 0) if node is not None and node.op in _ARITHMETIC else None

    def _tensor(self, tensor: str, depth: int) -> Polynomial | None:
        flow = self._flow
        tensor = before_same_values(flow, tensor)
        if not flow.is_data(tensor):
            number = uniform(flow, tensor)
            if number == 0:
                return {(ZERO,): 1.0}  # a first state
            return {(tensor,): 1.0} if number is None else {(): number}
        node = flow.graph.producer(tensor)
        if node is None or node.op not in _ARITHMETIC or depth > _HIGHEST or self._stops(node):
            return {(tensor,): 1.0}
        return self._node(node, depth + 1)

    def _stops(self, node: Node) -> bool:
        """Is it a state, which the next step starts from?"""
        flow = self._flow
        if node.op == "Sub" and uniform(flow, node.inputs[0]):
            return False  # 1 − z, however often it is used
        users = [user for name in _same(flow, node.outputs[0]) for user in flow.graph.consumers(name)]
        users = [user for user in users if user.op not in _BESIDE and user.op not in _RESHAPES]
        if any(user.op not in _ARITHMETIC for user in users):
            return True
        return self._strictly and len({user.index for user in users}) > 1

    def _node(self, node: Node, depth: int) -> Polynomial | None:
        if node.op == "Where":
            parts = [self._tensor(name, depth) for name in node.inputs[1:]]
            return parts[0] if parts[0] == parts[1] else None  # two ways of rounding the same
        parts = [self._tensor(name, depth) for name in node.inputs]
        total: Polynomial = {}
        if node.op == "Mul":
            if parts[0] is None or parts[1] is None:
                return None
            for one, factor in parts[0].items():
                for other, times in parts[1].items():
                    key = tuple(sorted(one + other))
                    total[key] = total.get(key, 0.0) + factor * times
        else:
            for place, part in enumerate(parts):
                if part is None:
                    return None
                sign = -1.0 if node.op == "Neg" or (node.op == "Sub" and place == 1) else 1.0
                for key, factor in part.items():
                    total[key] = total.get(key, 0.0) + sign * factor
        total = {key: factor for key, factor in total.items() if factor != 0}
        return None if len(total) > _MOST_TERMS or any(len(key) > _HIGHEST for key in total) else total


_RESHAPES = frozenset({"Cast", "Identity", "Reshape", "Dropout", "Squeeze", "Unsqueeze", "Flatten"})


def _same(flow: Dataflow, tensor: str) -> list[str]:
    found = [tensor]
    for name in found:
        found += [node.outputs[0] for node in flow.graph.consumers(name) if node.op in _RESHAPES]
    return found


def uniform(flow: Dataflow, tensor: str) -> float | None:
    """The number that a tensor which is no data holds everywhere; None if it holds several, or is not known."""
    for _ in range(16):
        weight = flow.graph.weight(tensor)
        if weight is not None:
            if not weight.size or weight.dtype not in ("float32", "float16", "float64", "int64", "int32"):
                return None
            try:
                values = weight.values.reshape(-1)
            except ModelFileError:  # a data file that is missing: whoever loads the model says so
                return None
            return float(values[0]) if bool(np.all(values == values[0])) else None
        node = flow.graph.producer(tensor)
        if node is None:
            return None
        if node.op == "ConstantOfShape":
            value = node.attributes.get("value")
            return float(value.reshape(-1)[0]) if isinstance(value, np.ndarray) and value.size else 0.0
        if node.op not in _RESHAPES and node.op not in ("Expand", "Tile", "Slice", "Gather", "Split", "Transpose"):
            return None
        tensor = node.inputs[0]
    return None
