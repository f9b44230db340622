"""Saying through which operator no gradient can be taken."""

from __future__ import annotations

from typing import NoReturn

from embstudio.base.errors import UnsupportedModelError
from embstudio.modelfile.graph import Node

# Operators that turn floats into whole numbers: their exact gradient is 0 everywhere, which says nothing.
_ROUNDING = frozenset({
    "QuantizeLinear", "DynamicQuantizeLinear", "DynamicQuantizeLSTM", "DynamicQuantizeMatMul", "QLinearMatMul",
    "QLinearAdd", "QLinearMul", "QLinearSoftmax", "QLinearSigmoid", "QLinearLeakyRelu", "QLinearConcat", "QGemm",
    "QLinearConv", "QAttention", "QEmbedLayerNormalization", "MatMulIntegerToFloat", "MatMulInteger", "QMoE",
})  # fmt: skip


def refuse(node: Node, because: str = "") -> NoReturn:
    """Raises UnsupportedModelError with the operator and where it is."""
    where = f"{node.operator}, node {node.index}" + (f" ({node.name})" if node.name else "")
    if node.op in _ROUNDING:
        raise UnsupportedModelError(
            "The model rounds to whole numbers on the way, so it has no exact gradient.",
            where=where,
            advice="Use the model in full precision to see its gradients.",
            detail=because,
        )
    what = f"Gradients cannot be taken through the operator {node.operator}"
    raise UnsupportedModelError(f"{what}: {because}." if because else f"{what}.", where=where)
