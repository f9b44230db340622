"""Every operator that gradients can be taken through, and those through which none pass."""

from __future__ import annotations

from embstudio.modelfile.graph import Node
from embstudio.session.differentiate.rule import Rule
from embstudio.session.differentiate.rules import (
    activations,
    choice,
    convolution,
    einsum,
    elementwise,
    indexing,
    movement,
    normalisation,
    packed_weights,
    products,
    recurrent,
    reductions,
    softmax,
    spectrum,
    splitting,
)

_RULES: dict[str, Rule] = {
    **elementwise.RULES,
    **activations.RULES,
    **reductions.RULES,
    **products.RULES,
    **einsum.RULES,
    **convolution.RULES,
    **packed_weights.RULES,
    **movement.RULES,
    **splitting.RULES,
    **indexing.RULES,
    **normalisation.RULES,
    **softmax.RULES,
    **choice.RULES,
    **recurrent.RULES,
    **spectrum.RULES,
}

_FLAT = frozenset({
    "Shape", "Size", "Equal", "Greater", "Less", "GreaterOrEqual", "LessOrEqual", "Not", "And", "Or", "Xor", "IsNaN",
    "IsInf", "ArgMax", "ArgMin", "NonZero", "Floor", "Ceil", "Round", "Sign", "Hardmax", "ConstantOfShape", "EyeLike",
    "OneHot", "RandomNormalLike", "RandomUniformLike", "Bernoulli", "NonMaxSuppression", "Multinomial",
})  # fmt: skip


def rule_of(node: Node) -> Rule | None:
    """The rule of a node's operator; None where there is none. Shapes and floats only: see `flat_outputs`."""
    return _RULES.get(node.operator)


def flat_outputs(node: Node, floating: bool | None) -> frozenset[int]:
    """Places of the outputs that do not change with the inputs at all, or only in jumps: a gradient of exactly 0.

    floating: whether the first output holds floats; None where that is not known.
    """
    if not node.domain and (node.op in _FLAT or (node.op in ("Cast", "CastLike") and floating is False)):
        return frozenset(range(len(node.outputs)))
    rule = rule_of(node)
    return frozenset(rule.flat) if rule is not None else frozenset()
