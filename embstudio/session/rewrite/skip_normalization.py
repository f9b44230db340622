"""com.microsoft.SkipLayerNormalization and SkipSimplifiedLayerNormalization: the residual sum and its norm, apart.

Source: onnxruntime's specification of both operators and their CPU kernel (skip_layer_norm.cc).
"""

from __future__ import annotations

import onnx

from embstudio.session.graph_writer import GraphWriter
from embstudio.session.rewrite.fused_node import FusedNode
from embstudio.session.rewrite.normalization import layer_norm, root_mean_square_norm
from embstudio.session.rewrite.replace_nodes import replace_nodes, said


def open_skip_normalization(model: onnx.ModelProto) -> tuple[str, ...]:
    """Write out every SkipLayerNormalization and SkipSimplifiedLayerNormalization; says how many."""
    writers = {
        ("com.microsoft", "SkipLayerNormalization"): _centred,
        ("com.microsoft", "SkipSimplifiedLayerNormalization"): _simplified,
    }
    return said(replace_nodes(model, writers))


def _centred(node: FusedNode, out: GraphWriter) -> None:
    dtype = node.float_type()
    total = _sum(node, out, node.input(4))
    layer_norm(out, total, node.input(2), node.input(3), node.number("epsilon", 1e-12), dtype, node.output(0))


def _simplified(node: FusedNode, out: GraphWriter) -> None:
    dtype = node.float_type()
    total = _sum(node, out, node.input(3))
    root_mean_square_norm(out, total, node.input(2), node.number("epsilon", 1e-12), dtype, node.output(0))


def _sum(node: FusedNode, out: GraphWriter, bias: str) -> str:
    """The stream and what is added to it; a bias belongs to the projection that made the latter."""
    node.needs_none_of(outputs=[1, 2])
    first, second = node.input(0), node.input(1)
    if bias and not _made_by_product(node, first) and _made_by_product(node, second):
        second = out.add("Add", [second, bias])
    elif bias:
        first = out.add("Add", [first, bias])
    return out.add("Add", [first, second], node.output(3))


def _made_by_product(node: FusedNode, tensor: str) -> bool:
    return node.around.is_product_with_weights(tensor)
