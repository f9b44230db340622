"""From the nodes of one attention to its tensors, each with its axes, and its counts of heads."""

from __future__ import annotations

from embstudio.anatomy.attention_axes import AttentionAxes, name_attention
from embstudio.anatomy.axis_trace import single
from embstudio.anatomy.dataflow import Dataflow
from embstudio.anatomy.found_attention import Core, FoundAttention
from embstudio.anatomy.head_axes import AxisNames, Reading, count_of
from embstudio.anatomy.head_counts import heads_of_split, rows_of_output_projection
from embstudio.anatomy.key_source import Scaled, before_repetition, before_scale
from embstudio.anatomy.pattern_changes import is_changed
from embstudio.anatomy.products import Product
from embstudio.anatomy.unsettled import around
from embstudio.modelfile.graph import Shape


def read_attention(flow: Dataflow, core: Core, ids: Shape) -> FoundAttention:
    """ids: shape of the token ids, [batch, pos]."""
    product, values = core.way.product, core.onward.product
    axes = name_attention(flow.graph, core, ids)
    queries = _operand(flow, product, 1 - axes.keys_place)
    keys = _operand(flow, product, axes.keys_place)
    k = _before_repetition(flow, keys, axes.first)
    raw_scale = product.factor * queries.factor * k.factor
    readings = {
        "q": _reading(queries, axes.first),
        "k": _reading(k, axes.first, of_keys=True),
        "v": _reading(_values(flow, core, axes), axes.second, of_keys=True),
        "raw_scores": _read(_result(flow, product), product.result_axes, axes.first, 1 / raw_scale),
        "scores": Reading.maybe(core.way.scores, axes.scores_layout),
        "pattern": _read(
            _before_quantisation(flow, core.onward.pattern), values.operand_axes(core.onward.place), axes.second
        ),
        "z": _read(_result(flow, values), values.result_axes, axes.second),
    }
    heads, kv_heads, d_head = _counts(flow, readings, ids)
    settled = axes.certain and None not in (*readings.values(), heads, kv_heads, d_head)
    changed = is_changed(flow, core.onward.steps)
    if changed:
        readings["scores"] = None
    between = (*(made for _, made in core.way.steps), core.softmax.entering, core.onward.pattern)
    return FoundAttention(
        core.softmax.node, product.node, values.node, queries.tensor, keys.tensor,
        heads=heads, kv_heads=kv_heads, d_head=d_head, raw_scale=raw_scale, is_changed=changed,
        unsettled=() if settled else around(flow, (product, values), between),
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
    if heads and kv_heads and heads % kv_heads:
        return None, None, d_head  # a graph that contradicts itself
    return heads, kv_heads, d_head


def _values(flow: Dataflow, core: Core, axes: AttentionAxes) -> Scaled:
    found = _unscaled(flow, core.onward.product, 1 - core.onward.place)
    single_heads = _before_repetition(flow, found, axes.second)
    return single_heads if single_heads.factor == 1 else found


def _operand(flow: Dataflow, product: Product, place: int) -> Scaled:
    found = _unscaled(flow, product, place)
    return before_scale(flow, found.tensor, found.axes)


def _unscaled(flow: Dataflow, product: Product, place: int) -> Scaled:
    axes = product.operand_axes(place)
    return Scaled(_before_quantisation(flow, product.operand_tensor(place)), 1.0, single(axes) if axes else None)


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
