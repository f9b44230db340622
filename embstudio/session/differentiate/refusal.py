"""Saying through which operator no gradient can be taken."""

from __future__ import annotations

from typing import NoReturn

from embstudio.base.errors import UnsupportedModelError
from embstudio.modelfile.graph import Node

# Operators that turn floats into whole numbers: their exact gradient is 0 everywhere, which says nothing.
_ROUNDING = frozenset({
    "QuantizeLinear", "DequantizeLinear", "DynamicQuantizeLinear", "DynamicQuantizeLSTM", "DynamicQuantizeMatMul",
    "MatMulInteger", "MatMulIntegerToFloat", "ConvInteger", "QLinearMatMul", "QLinearConv", "QLinearAdd", "QLinearMul",
    "QLinearSoftmax", "QLinearSigmoid", "QLinearLeakyRelu", "QLinearConcat", "QGemm", "QAttention", "QMoE",
    "QEmbedLayerNormalization",
})  # fmt: skip


def refuse(node: Node, because: str = "", *, rounds: bool = False) -> NoReturn:
    """Raises UnsupportedModelError with the operator and where it is. rounds: it turns its input into whole numbers."""
    where = f"{node.operator}, node {node.index}" + (f" ({node.name})" if node.name else "")
    if node.op in _ROUNDING or rounds:
        raise UnsupportedModelError(
            "The model rounds to whole numbers on the way, so it has no exact gradient.",
            where=where,
            advice="Use the model in full precision to see its gradients.",
            detail=because,
        )
    what = f"Gradients cannot be taken through the operator {node.operator}"
    raise UnsupportedModelError(f"{what}: {because}." if because else f"{what}.", where=where)
