"""Activations behind gates and candidates, whether one operator or written out, before or after the gates are cut
apart."""

from __future__ import annotations

from dataclasses import dataclass

from embstudio.anatomy.dataflow import Dataflow
from embstudio.anatomy.same_values import before_same_values, number_of
from embstudio.modelfile.graph import Node

_NAMED = frozenset({
    "Sigmoid", "Tanh", "Relu", "HardSigmoid", "LeakyRelu", "ThresholdedRelu", "Elu", "Softsign", "Softplus",
})  # fmt: skip
_UNNAMED = frozenset({"Selu", "Celu", "Gelu", "Mish", "HardSwish", "PRelu", "Clip", "Sin", "Sign"})
_CUTS = frozenset({"Split", "Slice", "Gather"})
_GATES = frozenset({"Sigmoid", "HardSigmoid"})
_ALPHA = {"HardSigmoid": 0.2, "LeakyRelu": 0.01, "ThresholdedRelu": 1.0, "Elu": 1.0}


@dataclass(frozen=True)
class Behind:
    """name: ONNX's, or "" for another. total: the tensor that went in, of the activation's own size. node: the last
    one of the activation."""

    name: str
    total: str
    node: Node
    alpha: float | None = None
    beta: float | None = None

    @property
    def is_gate(self) -> bool:
        """Does it lie between 0 and 1?"""
        return self.name in _GATES


def activation_behind(flow: Dataflow, tensor: str) -> Behind | None:
    """The activation that a tensor is, or is a piece of; None if it is no such thing."""
    for _ in range(8):
        tensor = before_same_values(flow, tensor)
        node = flow.graph.producer(tensor)
        if node is None:
            return None
        found = activation(flow, node)
        if found is not None:
            return found
        if node.op not in _CUTS or not flow.is_data(node.inputs[0]):
            return None
        tensor = node.inputs[0]
    return None


def activation(flow: Dataflow, node: Node) -> Behind | None:
    """What a node is the activation of; None if it is none."""
    if not node.inputs or not flow.is_data(node.inputs[0]):
        return None
    if node.op in _NAMED and not node.domain:
        alpha, beta = (node.attributes.get(name) for name in ("alpha", "beta"))
        return Behind(node.op, node.inputs[0], node,
                      float(alpha) if isinstance(alpha, float) else _ALPHA.get(node.op),
                      float(beta) if isinstance(beta, float) else None)  # fmt: skip
    hard = _hard_sigmoid(flow, node)
    if hard is not None:
        return hard
    return Behind("", node.inputs[0], node) if node.op in _UNNAMED and not node.domain else None


def _hard_sigmoid(flow: Dataflow, node: Node) -> Behind | None:
    """clip(α x + β, 0, 1), written out with Clip; or clip(x + 3, 0, 6) / 6."""
    scale, at = 1.0, node
    if node.op in ("Div", "Mul") and len(node.inputs) == 2:
        number = number_of(flow, node.inputs[1])
        inner = flow.graph.producer(before_same_values(flow, node.inputs[0]))
        if not number or inner is None or inner.op != "Clip":
            return None
        scale, at = (1 / number if node.op == "Div" else number), inner
    if at.op != "Clip" or _bounds(flow, at) != (0.0, round(1 / scale, 4)):
        return None
    alpha, beta, tensor = scale, 0.0, before_same_values(flow, at.inputs[0])
    for _ in range(2):
        step = flow.graph.producer(tensor)
        if step is None or step.op not in ("Add", "Mul", "Div") or len(step.inputs) != 2:
            break
        place = next((place for place in (1, 0) if number_of(flow, step.inputs[place]) is not None), None)
        if place is None or (step.op == "Div" and place == 0):
            break
        number = number_of(flow, step.inputs[place]) or 0.0
        if step.op == "Add":
            beta += alpha * number
        else:
            alpha *= 1 / number if step.op == "Div" and number else number
        tensor = before_same_values(flow, step.inputs[1 - place])
    return Behind("HardSigmoid", tensor, node, alpha, beta)


def _bounds(flow: Dataflow, clip: Node) -> tuple[float | None, float | None]:
    low, high = clip.attributes.get("min"), clip.attributes.get("max")
    low = number_of(flow, clip.input(1)) if clip.input(1) else low
    high = number_of(flow, clip.input(2)) if clip.input(2) else high
    return (
        float(low) if isinstance(low, float | int) else None,
        round(float(high), 4) if isinstance(high, float | int) else None,
    )
