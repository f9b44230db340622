"""Softmax attention, recognised by what is multiplied with what and never by a name.

For each Softmax: back through elementwise and shape operators to a matrix product of two tensors that are *both* data
(q kᵀ), and forward through masks and casts to a product with another tensor of data (pattern v). Both are required:
that leaves out the routers of mixtures of experts, classifiers, attention pooling and kernels made by a softmax.
The probabilities are what enters the second product, which is not always the Softmax's own output: some exports put
zeros for rows that are all masked, and attention sinks cut a column off.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from embstudio.anatomy.dataflow import Dataflow
from embstudio.anatomy.head_axes import (
    UNKNOWN,
    Reading,
    count_heads,
    key_source,
    product_layouts,
    scores_layout,
    without_scale,
)
from embstudio.modelfile.graph import Node

_PRODUCTS = frozenset({"MatMul", "Einsum", "FusedMatMul"})
# Back from the Softmax to q kᵀ: scale, mask, bias, cap, and the shape operators between.
_BACK = frozenset({
    "Add", "Sub", "Mul", "Div", "Where", "Cast", "Identity", "Reshape", "Transpose", "Squeeze", "Unsqueeze", "Expand",
    "Tanh", "Concat", "Max", "Min", "Clip", "Gather", "GatherElements", "Slice", "ReduceMax", "Sum", "Flatten", "Neg",
    "QuantizeLinear", "DequantizeLinear",
})  # fmt: skip
# Forward from the Softmax to pattern v.
_FORWARD = frozenset({
    "Cast", "Where", "IsNaN", "Slice", "Mul", "Dropout", "Identity", "Reshape", "Transpose", "Squeeze", "Unsqueeze",
    "Expand", "Flatten", "QuantizeLinear", "DequantizeLinear",
})  # fmt: skip
FUSED = frozenset({
    ("", "Attention"), ("com.microsoft", "Attention"), ("com.microsoft", "MultiHeadAttention"),
    ("com.microsoft", "GroupQueryAttention"), ("com.microsoft", "QAttention"), ("com.microsoft", "PackedAttention"),
    ("com.microsoft", "DecoderMaskedMultiHeadAttention"), ("com.microsoft", "PackedMultiHeadAttention"),
    ("com.microsoft", "SparseAttention"), ("com.microsoft", "LongformerAttention"),
    ("com.microsoft", "DecoderAttention"), ("com.microsoft", "PagedAttention"),
})  # fmt: skip


@dataclass(frozen=True)
class FoundAttention:
    """One attention as tensors of the graph. q, k, v, scores, pattern and z come with their axes as the graph has
    them (`Reading`); None where the graph does not say enough to name the axes.

    q and k are those that are multiplied, after rotation and before a scale; k and v before they are repeated for
    grouped queries; heads, kv_heads and d_head None where no shape in the graph tells.
    """

    softmax: Node
    scores_product: Node
    values_product: Node
    q_tensor: str
    k_tensor: str
    q: Reading | None
    k: Reading | None
    v: Reading | None
    scores: Reading | None
    pattern: Reading | None
    z: Reading | None
    heads: int | None
    kv_heads: int | None
    d_head: int | None


def find_attention(flow: Dataflow) -> tuple[list[FoundAttention], list[Node]]:
    """The attentions in the order of the graph, and the softmaxes of data that are none."""
    found, others = [], []
    for node in flow.graph.nodes:
        if node.op != "Softmax" or not flow.is_data(node.outputs[0]):
            continue
        back = _back_to_product(flow, node)
        forward = _forward_to_product(flow, node.outputs[0]) if back else None
        if back is None or forward is None:
            others.append(node)
        else:
            found.append(_attention(flow, node, back, forward))
    return found, others


def fused_operators(flow: Dataflow) -> list[Node]:
    """Operators that hold a whole attention inside."""
    return [node for node in flow.graph.nodes if (node.domain, node.op) in FUSED]


def _back_to_product(flow: Dataflow, softmax: Node) -> tuple[Node, str] | None:
    """The nearest q kᵀ, reached without a Gather if it can be (DeBERTa gathers its relative positions' products),
    and the scores: the Softmax's input, before columns for attention sinks are appended to it."""
    start = softmax.inputs[0]
    for allow_gather in (False, True):
        waiting: deque[tuple[str, str]] = deque([(start, start)])
        seen = {start}
        while waiting:
            tensor, scores = waiting.popleft()
            node = flow.graph.producer(tensor)
            if node is None or not flow.is_data(tensor):
                continue
            if node.op in _PRODUCTS:
                if len(node.inputs) >= 2 and all(flow.is_data(name) for name in node.inputs[:2]):
                    return node, scores
                continue
            if node.op not in _BACK or (node.op.startswith("Gather") and not allow_gather):
                continue
            for name in node.inputs:
                if name and name not in seen:
                    seen.add(name)
                    waiting.append((name, name if node.op == "Concat" else scores))
    return None


def _forward_to_product(flow: Dataflow, tensor: str) -> tuple[Node, str] | None:
    """The product with the values, and the tensor that enters it."""
    waiting, seen = deque([tensor]), {tensor}
    while waiting:
        name = waiting.popleft()
        for node in flow.graph.consumers(name):
            if node.op in _PRODUCTS:
                others = [other for other in node.inputs[:2] if other != name]
                if len(others) == 1 and flow.is_data(others[0]):
                    return node, name
            elif node.op in _FORWARD:
                for made in filter(None, node.outputs[:1]):
                    if made not in seen:
                        seen.add(made)
                        waiting.append(made)
    return None


def _attention(flow: Dataflow, softmax: Node, back: tuple[Node, str], forward: tuple[Node, str]) -> FoundAttention:
    scores_product, scores = back
    values_product, pattern = forward
    first = product_layouts(flow.graph, scores_product, ("query", "d_head", "key"))
    pattern_place = values_product.inputs.index(pattern)
    # pattern v, or its transpose vᵀ patternᵀ.
    names = ("query", "key", "d_head") if pattern_place == 0 else ("d_head", "key", "query")
    second = product_layouts(flow.graph, values_product, names)
    if not _over_last_axis(flow, softmax):
        first = second = UNKNOWN
    q_tensor, k_tensor = (without_scale(flow, name) for name in scores_product.inputs[:2])
    v_tensor = values_product.inputs[1 - pattern_place]
    k = key_source(flow, k_tensor, first.right)
    v = key_source(flow, v_tensor, second.left if pattern_place else second.right)
    readings = {
        "q": Reading.maybe(q_tensor, first.left),
        "scores": Reading.maybe(scores, scores_layout(flow.graph, scores, first)),
        "pattern": Reading.maybe(pattern, second.right if pattern_place else second.left),
        "z": Reading.maybe(values_product.outputs[0], second.result),
    }
    heads, d_head = count_heads(flow, readings.values())
    kv_heads = next((count for count in (k.heads, v.heads) if count), None)
    if kv_heads is None and k.reading and "batch kv_head" in k.reading.layout:
        kv_heads = heads  # where batch and heads are one axis, a product cannot spread a key over several queries
    return FoundAttention(
        softmax, scores_product, values_product, q_tensor, k_tensor, k=k.reading, v=v.reading,
        heads=heads, kv_heads=kv_heads, d_head=d_head, **readings,
    )  # fmt: skip


def _over_last_axis(flow: Dataflow, softmax: Node) -> bool:
    rank = flow.graph.rank(softmax.inputs[0])
    default = -1 if flow.graph.opset.get("", 13) >= 13 else 1
    return softmax.attributes.get("axis", default) in (-1, (rank or 0) - 1)
