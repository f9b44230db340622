"""Tensors that hold the same values in another form: another precision or shape, or all of them times one number."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from embstudio.anatomy.dataflow import Dataflow
from embstudio.modelfile.graph import Node

_SAME = frozenset({"Cast", "Identity", "Reshape", "Dropout", "Squeeze", "Unsqueeze", "Flatten"})
_QUANTISED = frozenset({"QuantizeLinear", "DequantizeLinear", "DynamicQuantizeLinear"})


@dataclass(frozen=True)
class Scaled:
    """A tensor as factor × another; factor None where the number is there but could not be read."""

    tensor: str
    factor: float | None = 1.0


def before_same_values(flow: Dataflow, tensor: str, *, quantised: bool = False) -> str:
    """The tensor before it was cast or reshaped; with `quantised`, before it was rounded to whole numbers too."""
    passed = _SAME | _QUANTISED if quantised else _SAME
    node = flow.graph.producer(tensor)
    while node is not None and node.op in passed and flow.is_data(node.inputs[0]):
        tensor = node.inputs[0]
        node = flow.graph.producer(tensor)
    return tensor


def with_same_values(flow: Dataflow, tensor: str) -> list[str]:
    """The tensor and what casts, reshapes and rounding to whole numbers make of it."""
    found = [tensor]
    for name in found:
        users = flow.graph.consumers(name)
        found += [node.outputs[0] for node in users if node.op in _SAME | _QUANTISED and node.inputs[0] == name]
    return found


def are_same(flow: Dataflow, one: str, other: str) -> bool:
    """Do two tensors hold the same values, up to precision and shape?"""
    return before_same_values(flow, one, quantised=True) == before_same_values(flow, other, quantised=True)


def without_factor(flow: Dataflow, tensor: str, *, until: Callable[[str], bool] | None = None) -> Scaled:
    """The tensor before it was multiplied or divided by single numbers, casts and reshapes between looked through.

    Where no number is found the tensor stays the very one that was given. until: stop at the first tensor for which it
    holds; one number for each feature (Doge) is then taken off too, and the factor is None.
    """
    factor: float | None = 1.0
    plain = tensor
    while until is None or not until(plain):
        inner = before_same_values(flow, tensor, quantised=True)
        node = flow.graph.producer(inner)
        scaled = _scaled(flow, node, vectors=until is not None) if node is not None else None
        if scaled is None:
            break
        tensor = plain = scaled.tensor
        factor = None if factor is None or scaled.factor is None else factor * scaled.factor
    return Scaled(plain, factor)


def _scaled(flow: Dataflow, node: Node, *, vectors: bool) -> Scaled | None:
    """x of x · number, number · x or x / number."""
    if node.op not in ("Mul", "Div") or len(node.inputs) != 2:
        return None
    first, second = node.inputs
    if not flow.is_data(first) and node.op == "Mul":
        first, second = second, first
    if not flow.is_data(first) or flow.is_data(second):
        return None
    shape = flow.graph.shape(second)
    if shape is None or sum(length != 1 for length in shape) > (1 if vectors else 0):
        return None
    if any(length != 1 for length in shape):
        return Scaled(first, None)
    number = number_of(flow, second)
    if node.op == "Div":
        return Scaled(first, 1 / number if number else None)
    return Scaled(first, number)


def number_of(flow: Dataflow, tensor: str) -> float | None:
    """The value of a constant of one number, casts looked through; None if it is computed."""
    weight = flow.graph.weight(tensor)
    node = flow.graph.producer(tensor)
    while weight is None and node is not None and node.op in ("Cast", "Identity", "Unsqueeze", "Reshape"):
        weight = flow.graph.weight(node.inputs[0])
        node = flow.graph.producer(node.inputs[0])
    return float(weight.values.reshape(-1)[0]) if weight is not None and weight.size == 1 else None
