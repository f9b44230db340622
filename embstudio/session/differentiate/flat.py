"""Operators whose outputs do not change with their inputs, or only in jumps: a gradient of exactly 0."""

from __future__ import annotations

from collections.abc import Mapping

from embstudio.modelfile.graph import Graph, Node
from embstudio.session.differentiate.rule import Rule

_FLOATS = ("float", "bfloat")
_FLAT = frozenset({
    "Shape", "Size", "Equal", "Greater", "Less", "GreaterOrEqual", "LessOrEqual", "Not", "And", "Or", "Xor", "IsNaN",
    "IsInf", "ArgMax", "ArgMin", "NonZero", "Floor", "Ceil", "Round", "Sign", "Hardmax", "ConstantOfShape", "EyeLike",
    "OneHot", "RandomNormalLike", "RandomUniformLike", "Bernoulli", "NonMaxSuppression", "Multinomial",
})  # fmt: skip


def flat_outputs(graph: Graph, node: Node, rules: Mapping[str, Rule]) -> frozenset[int]:
    """Places of the outputs of a node that nothing is passed back from."""
    if not node.domain and (node.op in _FLAT or (node.op in ("Cast", "CastLike") and _floating(graph, node) is False)):
        return frozenset(range(len(node.outputs)))
    rule = rules.get(node.operator)
    return frozenset(rule.flat) if rule is not None else frozenset()


def _floating(graph: Graph, node: Node) -> bool | None:
    """Whether a node's first output holds floats; None where that is not known."""
    kind = graph.dtype(node.outputs[0]) if node.outputs else None
    return None if kind in (None, "unknown") else str(kind).startswith(_FLOATS)
