"""Whether a graph inside an operator holds what a person wants to look into: an attention, or a recurrent layer."""

from __future__ import annotations

from onnx import GraphProto, NodeProto

from embstudio.session.rewrite.tensor_names import nodes_within, subgraphs

_PRODUCTS = frozenset({"MatMul", "Einsum", "FusedMatMul", "MatMulInteger", "QLinearMatMul", "MatMulIntegerToFloat"})
_SOFTMAX = frozenset({"Softmax", "QLinearSoftmax"})
_RECURRENT = frozenset({"LSTM", "GRU", "RNN", "DynamicQuantizeLSTM"})


def holds_attention(graph: GraphProto) -> bool:
    """A Softmax between matrix products, or an operator that is one whole attention; further inside too."""
    product_before = softmax = False
    for node in nodes_within(graph):
        if "Attention" in node.op_type:  # every domain calls its fused ones so
            return True
        if node.op_type in _PRODUCTS:
            if softmax:
                return True
            product_before = True
        elif node.op_type in _SOFTMAX:
            softmax = softmax or product_before
    return False


def holds_layers(graph: GraphProto) -> bool:
    """Whether a graph holds attention or recurrent layers; further inside too."""
    return holds_attention(graph) or any(node.op_type in _RECURRENT for node in nodes_within(graph))


def layers_in_words(graph: GraphProto) -> str:
    """What layers a graph holds."""
    return "attention" if holds_attention(graph) else "a recurrent layer"


def hides_layers(node: NodeProto) -> bool:
    """Whether an operator holds attention or recurrent layers in graphs of its own."""
    return any(map(holds_layers, subgraphs(node)))
