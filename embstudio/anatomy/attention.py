"""Softmax attention, recognised by what is multiplied with what and never by a name.

For each softmax: back through elementwise and shape operators to a product of two tensors that are *both* features
(q kᵀ), and forward through masks and casts to a product with another tensor of features (pattern v). Both are required:
that leaves out the routers of mixtures of experts, classifiers, attention pooling and kernels made by a softmax.
The probabilities are what enters the second product, which is not always the softmax's own output: some exports put
zeros for rows that are all masked, and attention sinks cut a column off.

The keys are on that side of the first product whose axis the softmax normalises over.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from embstudio.anatomy.dataflow import Dataflow
from embstudio.anatomy.found_attention import Core, Onward, Steps, Way
from embstudio.anatomy.found_attention import FoundAttention as FoundAttention
from embstudio.anatomy.piecewise import is_between_products, is_factor, put_together
from embstudio.anatomy.products import PRODUCTS, Product, product_of
from embstudio.anatomy.read_attention import read_attention
from embstudio.anatomy.softmaxes import FoundSoftmax, find_softmaxes
from embstudio.modelfile.graph import Node, Shape

# Back from the softmax to q kᵀ: scale, mask, bias, cap, and the shape operators between.
_BACK = frozenset({
    "Add", "Sub", "Mul", "Div", "Where", "Cast", "Identity", "Reshape", "Transpose", "Squeeze", "Unsqueeze", "Expand",
    "Tanh", "Concat", "Max", "Min", "Clip", "Gather", "GatherElements", "Slice", "ReduceMax", "Sum", "Flatten", "Neg",
    "QuantizeLinear", "DequantizeLinear", "CastLike", "ScatterND", "Pad", "Dropout",
})  # fmt: skip
# Forward from the softmax to pattern v.
_FORWARD = frozenset({
    "Cast", "Where", "IsNaN", "Slice", "Mul", "Dropout", "Identity", "Reshape", "Transpose", "Squeeze", "Unsqueeze",
    "Expand", "Flatten", "QuantizeLinear", "DequantizeLinear", "DynamicQuantizeLinear", "CastLike", "Div", "Split",
})  # fmt: skip
_CUTS = frozenset({"Slice", "Split", "Gather"})
FUSED = frozenset({
    ("", "Attention"), ("com.microsoft", "Attention"), ("com.microsoft", "MultiHeadAttention"),
    ("com.microsoft", "GroupQueryAttention"), ("com.microsoft", "QAttention"), ("com.microsoft", "PackedAttention"),
    ("com.microsoft", "DecoderMaskedMultiHeadAttention"), ("com.microsoft", "PackedMultiHeadAttention"),
    ("com.microsoft", "SparseAttention"), ("com.microsoft", "LongformerAttention"),
    ("com.microsoft", "DecoderAttention"), ("com.microsoft", "PagedAttention"),
})  # fmt: skip


@dataclass(frozen=True)
class FoundAttentions:
    """Attentions in the order of the graph, and the softmaxes of data that are none.

    partial: softmaxes over products that are put together from several, or cut into several: block-sparse and banded
    attention, which has no [query, key] anywhere in the graph; and heads that are computed each by itself.
    """

    attentions: list[FoundAttention]
    partial: list[Node]
    others: list[Node]


def find_attention(flow: Dataflow) -> FoundAttentions:
    """Every softmax attention, and the softmaxes of data that are none."""
    cores: list[Core] = []
    partial: list[Node] = []
    others: list[Node] = []
    for softmax in find_softmaxes(flow):
        way = _back_to_product(flow, softmax)
        products = list(_forward_to_products(flow, softmax.result)) if way else []
        if way is None or not products:
            (partial if is_between_products(flow, softmax) else others).append(softmax.node)
        elif way.joined or (len(products) > 1 and any(each.cut for each in products)):
            partial.append(softmax.node)
        else:
            cores.append(Core(softmax, way, products[0]))
    results = [core.onward.product.result for core in cores]
    pieces = put_together(flow, results) | {result for result in results if is_factor(flow, result)}
    partial += [core.softmax.node for core in cores if core.onward.product.result in pieces]
    ids = _ids_shape(flow)
    whole = [read_attention(flow, core, ids) for core in cores if core.onward.product.result not in pieces]
    alone = put_together(flow, [each.values_product.outputs[0] for each in whole if each.heads == 1], last=True)
    partial += [each.softmax for each in whole if each.values_product.outputs[0] in alone]
    return FoundAttentions([each for each in whole if each.values_product.outputs[0] not in alone], partial, others)


def fused_operators(flow: Dataflow) -> list[Node]:
    """Operators that hold a whole attention inside."""
    return [node for node in flow.graph.nodes if (node.domain, node.op) in FUSED]


def _ids_shape(flow: Dataflow) -> Shape:
    """The shape of the token ids, by the first input of whole numbers for [batch, pos]."""
    shapes = (info.shape for info in flow.graph.inputs if info.dtype in ("int64", "int32") and len(info.shape) == 2)
    return next(shapes, ())


def _back_to_product(flow: Dataflow, softmax: FoundSoftmax) -> Way | None:
    """The nearest q kᵀ, reached without a Gather if it can be (DeBERTa gathers its relative positions' products).

    The scores are what enters the softmax, before columns for attention sinks are appended to it.
    """
    for allow_gather in (False, True):
        start = softmax.entering
        waiting: deque[str] = deque([start])
        onward: dict[str, tuple[Node, str] | None] = {start: None}
        while waiting:
            tensor = waiting.popleft()
            node = flow.graph.producer(tensor)
            if node is None or not flow.is_feature(tensor):
                continue
            product = product_of(flow.graph, node)
            if product is not None or node.op in PRODUCTS:
                if product is not None and all(flow.is_feature(name) for name in (product.left, product.right)):
                    return _way(flow, product, tensor, start, onward)
                continue
            if node.op not in _BACK or (node.op.startswith("Gather") and not allow_gather):
                continue
            for name in node.inputs:
                if name and name not in onward:
                    onward[name] = (node, tensor)
                    waiting.append(name)
    return None


def _way(flow: Dataflow, product: Product, tensor: str, start: str, onward: dict[str, tuple[Node, str] | None]) -> Way:
    steps, scores, joined = [], start, False
    while (step := onward[tensor]) is not None:
        node, made = step
        steps.append((node, tensor))
        if node.op == "Concat":
            if scores == start:
                scores = tensor
            joined = joined or any(flow.is_feature(name) for name in node.inputs if name != tensor)
        tensor = made
    return Way(product, tuple(steps), scores, joined)


def _forward_to_products(flow: Dataflow, tensor: str) -> Iterator[Onward]:
    """The products of what a softmax made with features."""
    waiting = deque([(tensor, False)])
    came: dict[str, tuple[Node, str] | None] = {tensor: None}
    while waiting:
        name, cut = waiting.popleft()
        for node in flow.graph.consumers(name):
            product = product_of(flow.graph, node)
            if product is not None:
                others = [other for other in (product.left, product.right) if other != name]
                if len(others) == 1 and flow.is_feature(others[0]):
                    yield Onward(product, _steps_to(name, came), name, cut)
            elif node.op in _FORWARD:
                for made in filter(None, node.outputs if node.op == "Split" else node.outputs[:1]):
                    if made not in came:
                        came[made] = (node, name)
                        waiting.append((made, cut or node.op in _CUTS))


def _steps_to(tensor: str, came: dict[str, tuple[Node, str] | None]) -> Steps:
    steps: list[tuple[Node, str]] = []
    while (step := came[tensor]) is not None:
        steps.insert(0, step)
        tensor = step[1]
    return tuple(steps)
