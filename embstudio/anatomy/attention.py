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
from dataclasses import dataclass, field

from embstudio.anatomy.axis_trace import Axes, after, single
from embstudio.anatomy.dataflow import Dataflow
from embstudio.anatomy.head_axes import AxisNames, Reading, count_of, name_axes
from embstudio.anatomy.head_counts import heads_of_split, rows_of_output_projection
from embstudio.anatomy.key_source import Scaled, before_repetition, before_scale
from embstudio.anatomy.piecewise import is_between_products, put_together
from embstudio.anatomy.products import PRODUCTS, Product, product_of
from embstudio.anatomy.softmaxes import FoundSoftmax, find_softmaxes
from embstudio.anatomy.unsettled import around
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
class FoundAttention:
    """One attention as tensors of the graph. q, k, v, scores, pattern and z come with their axes as the graph has
    them (`Reading`); None where the graph does not say enough to name the axes.

    q and k are those that are multiplied, after rotation and before a scale, and k and v before they are repeated for
    grouped queries. raw_scores = q kᵀ: where a scale is folded into q or k the graph has raw_scale · q kᵀ only, and the
    reading's factor takes the scale out again. A scale that is not a known number is left in q and k instead.
    heads, kv_heads and d_head None where no shape in the graph tells. unsettled: tensors whose lengths in a run would
    tell what is None, or confirm what only the usual order of axes speaks for.
    """

    softmax: Node
    scores_product: Node
    values_product: Node
    q_tensor: str
    k_tensor: str
    q: Reading | None
    k: Reading | None
    v: Reading | None
    raw_scores: Reading | None
    scores: Reading | None
    pattern: Reading | None
    z: Reading | None
    heads: int | None
    kv_heads: int | None
    d_head: int | None
    raw_scale: float = 1.0
    unsettled: tuple[str, ...] = ()


@dataclass(frozen=True)
class FoundAttentions:
    """Attentions in the order of the graph, and the softmaxes of data that are none.

    partial: softmaxes over products that are put together from several, or cut into several: block-sparse and banded
    attention, which has no [query, key] anywhere in the graph.
    """

    attentions: list[FoundAttention] = field(default_factory=list)
    partial: list[Node] = field(default_factory=list)
    others: list[Node] = field(default_factory=list)


@dataclass(frozen=True)
class _Way:
    """From q kᵀ to the softmax: the product, the nodes between with the tensor that enters each, and the scores."""

    product: Product
    steps: tuple[tuple[Node, str], ...]
    scores: str
    joined: bool  # with other products, in the scores


def find_attention(flow: Dataflow) -> tuple[list[FoundAttention], list[Node]]:
    """The attentions in the order of the graph, and the softmaxes of data that are none."""
    found = search_attention(flow)
    return found.attentions, found.others


def search_attention(flow: Dataflow) -> FoundAttentions:
    """Every softmax attention, and the softmaxes of data that are none."""
    found = FoundAttentions()
    ids = _ids_shape(flow)
    for softmax in find_softmaxes(flow):
        way = _back_to_product(flow, softmax)
        products = list(_forward_to_products(flow, softmax.result)) if way else []
        if way is None or not products:
            (found.partial if is_between_products(flow, softmax) else found.others).append(softmax.node)
        elif way.joined or (len(products) > 1 and any(cut for _, _, cut in products)):
            found.partial.append(softmax.node)
        else:
            product, pattern, _ = products[0]
            found.attentions.append(_attention(flow, softmax, way, product, pattern, ids))
    pieces = put_together(flow, [each.values_product.outputs[0] for each in found.attentions])
    for each in [each for each in found.attentions if each.values_product.outputs[0] in pieces]:
        found.attentions.remove(each)
        found.partial.append(each.softmax)
    return found


def fused_operators(flow: Dataflow) -> list[Node]:
    """Operators that hold a whole attention inside."""
    return [node for node in flow.graph.nodes if (node.domain, node.op) in FUSED]


def _ids_shape(flow: Dataflow) -> Shape:
    """The shape of the token ids, by the first input of whole numbers for [batch, pos]."""
    shapes = (info.shape for info in flow.graph.inputs if info.dtype in ("int64", "int32") and len(info.shape) == 2)
    return next(shapes, ())


def _back_to_product(flow: Dataflow, softmax: FoundSoftmax) -> _Way | None:
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


def _way(flow: Dataflow, product: Product, tensor: str, start: str, onward: dict[str, tuple[Node, str] | None]) -> _Way:
    steps, scores, joined = [], start, False
    while (step := onward[tensor]) is not None:
        node, made = step
        steps.append((node, tensor))
        if node.op == "Concat":
            if scores == start:
                scores = tensor
            joined = joined or any(flow.is_feature(name) for name in node.inputs if name != tensor)
        tensor = made
    return _Way(product, tuple(steps), scores, joined)


def _forward_to_products(flow: Dataflow, tensor: str) -> Iterator[tuple[Product, str, bool]]:
    """The products with features, each with the tensor that enters it; True if that is a piece cut from the softmax."""
    waiting, seen = deque([(tensor, False)]), {tensor}
    while waiting:
        name, cut = waiting.popleft()
        for node in flow.graph.consumers(name):
            product = product_of(flow.graph, node)
            if product is not None:
                others = [other for other in (product.left, product.right) if other != name]
                if len(others) == 1 and flow.is_feature(others[0]):
                    yield product, name, cut
            elif node.op in _FORWARD:
                for made in filter(None, node.outputs if node.op == "Split" else node.outputs[:1]):
                    if made not in seen:
                        seen.add(made)
                        waiting.append((made, cut or node.op in _CUTS))


def _attention(
    flow: Dataflow, softmax: FoundSoftmax, way: _Way, values: Product, pattern: str, ids: Shape
) -> FoundAttention:
    graph, scores_product = flow.graph, way.product
    keys_place = _keys_place(flow, softmax, way)
    pattern_place = 0 if values.left == pattern else 1
    first = second = None
    if keys_place is not None and scores_product.known:
        first = name_axes(graph, scores_product, 1 - keys_place, "d_head", "key", ids)
    if values.known and keys_place is not None:
        second = name_axes(graph, values, pattern_place, "key", "d_head", ids)
    if first is None or second is None:
        first = second = None
    keys_place = 1 if keys_place is None else keys_place
    queries = _operand(flow, scores_product, 1 - keys_place)
    keys = _operand(flow, scores_product, keys_place)
    k = _before_repetition(flow, keys, first)
    v = _before_repetition(flow, _unscaled(values, 1 - pattern_place), second)
    scores_axes, straight = _scores_axes(flow, way)
    if v.factor != 1:
        v = _unscaled(values, 1 - pattern_place)
    # Before quantisation to whole numbers, where there is one: the tensor of numbers that the product stands for.
    entering = _before_quantisation(flow, pattern)
    raw_scale = scores_product.factor * queries.factor * k.factor
    readings = {
        "q": _reading(queries, first),
        "k": _reading(k, first, of_keys=True),
        "v": _reading(v, second, of_keys=True),
        "raw_scores": _read(_result(flow, scores_product), scores_product.result_axes, first, 1 / raw_scale),
        "scores": Reading.maybe(way.scores, first.layout(scores_axes) if first else None),
        "pattern": _read(entering, values.operand_axes(pattern_place), second),
        "z": _read(_result(flow, values), values.result_axes, second),
    }
    heads, kv_heads, d_head = _counts(flow, readings, ids)
    known = first is not None and first.certain and second is not None and second.certain and straight
    complete = None not in readings.values() and None not in (heads, kv_heads, d_head)
    return FoundAttention(
        softmax.node, scores_product.node, values.node, queries.tensor, keys.tensor,
        heads=heads, kv_heads=kv_heads, d_head=d_head,
        raw_scale=raw_scale,
        unsettled=() if known and complete else around(
            flow, (scores_product, values), (*(made for _, made in way.steps), softmax.entering, pattern)
        ),
        **readings,
    )  # fmt: skip


def _counts(
    flow: Dataflow, readings: dict[str, Reading | None], ids: Shape
) -> tuple[int | None, int | None, int | None]:
    """Heads, key/value heads and the width of a query: by shapes, else by the weights before and behind."""
    q, k, z = readings["q"], readings["k"], readings["z"]
    everywhere = [readings[part] for part in ("q", "scores", "raw_scores", "pattern", "z")]
    heads = count_of(flow.graph, everywhere, "head", ids)
    d_head = count_of(flow.graph, (q, k), "d_head", ids)
    kv_heads = count_of(flow.graph, (k, readings["v"]), "kv_head", ids)
    if heads is None and z is not None:
        width = count_of(flow.graph, (z, readings["v"]), "d_head", ids)
        rows = rows_of_output_projection(flow, z.tensor)
        heads = rows // width if rows and width else None
    if kv_heads is None and k is not None and "batch kv_head" in k.layout:
        kv_heads = heads  # where batch and heads are one axis, a product cannot spread a key over several queries
    for each in (k, readings["v"]):
        if kv_heads is None and each is not None:
            kv_heads = heads_of_split(flow, each.tensor, count_of(flow.graph, (each,), "d_head", ids))
    return heads, kv_heads, d_head


def _keys_place(flow: Dataflow, softmax: FoundSoftmax, way: _Way) -> int | None:
    """Which operand of q kᵀ is k: the one whose axis the softmax normalises over. None where that cannot be told."""
    product = way.product
    if softmax.axis is None or not product.known:
        return None
    axes: Axes | None = single(product.result_axes or ())
    last_stays = True
    for node, entering in way.steps:
        axes = after(flow.graph, node, entering, axes) if axes is not None else None
        order = node.attributes.get("perm")
        last_stays = last_stays and (
            node.op != "Transpose" or (isinstance(order, list) and order[-1] == len(order) - 1)
        )
    if axes is not None:
        if not -len(axes) <= softmax.axis < len(axes) or len(axes[softmax.axis]) != 1:
            return None
        (letter,) = axes[softmax.axis]
    elif softmax.axis == -1 and last_stays and product.result_axes:
        letter = product.result_axes[-1]
    else:
        return None
    for place in (0, 1):
        if letter in product.only(place):
            return place
    return None


def _scores_axes(flow: Dataflow, way: _Way) -> tuple[Axes | None, bool]:
    """Axes of the scores in the letters of q kᵀ, and whether every operator on the way says what it does to them.

    Batch and heads in one dimension are often taken apart on the way, by lengths that only a run tells.
    """
    axes: Axes | None = single(way.product.result_axes or ())
    for node, entering in way.steps:
        if entering == way.scores:
            break
        axes = after(flow.graph, node, entering, axes) if axes is not None else None
    if axes is not None:
        return axes, True
    letters = way.product.result_axes or ()
    rank = flow.graph.rank(way.scores)
    if len(letters) == 3 and rank == 4 and not any(node.op == "Transpose" for node, _ in way.steps):
        return ((f"{letters[0]}.0",), (f"{letters[0]}.1",), (letters[1],), (letters[2],)), False
    return None, False


def _operand(flow: Dataflow, product: Product, place: int) -> Scaled:
    found = _unscaled(product, place)
    return before_scale(flow, found.tensor, found.axes)


def _unscaled(product: Product, place: int) -> Scaled:
    axes = product.operand_axes(place)
    return Scaled(product.right if place else product.left, 1.0, single(axes) if axes else None)


def _before_repetition(flow: Dataflow, found: Scaled, names: AxisNames | None) -> Scaled:
    heads = [letter for letter, word in names.words.items() if word == "head"] if names is not None else []
    return before_repetition(flow, found, heads[0] if heads else None)


def _reading(found: Scaled, names: AxisNames | None, *, of_keys: bool = False) -> Reading | None:
    return Reading.maybe(found.tensor, names.layout(found.axes, of_keys=of_keys) if names else None)


def _read(tensor: str, axes: tuple[str, ...] | None, names: AxisNames | None, factor: float = 1.0) -> Reading | None:
    return Reading.maybe(tensor, names.layout(single(axes)) if names and axes else None, factor)


def _before_quantisation(flow: Dataflow, tensor: str) -> str:
    node = flow.graph.producer(tensor)
    return node.inputs[0] if node is not None and node.op == "DynamicQuantizeLinear" else tensor


def _result(flow: Dataflow, product: Product) -> str:
    """The product's result; of whole numbers, what it is after they were given their scale back."""
    tensor = product.result
    if product.node.op != "MatMulInteger":
        return tensor
    for op in ("Cast", "Mul"):
        users = flow.graph.consumers(tensor)
        if len(users) != 1 or users[0].op != op:
            return tensor
        tensor = users[0].outputs[0]
    return tensor
