"""com.microsoft.GroupQueryAttention: several query heads to a key and value head, with a cache and rotary positions.

Source: onnxruntime's specification of the operator and its CPU kernel (group_query_attention.cc,
gqa_attention_base.h). Left alone: quantised caches, window-sized caches, and chunks padded on the right.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import onnx

from embstudio.session.graph_writer import GraphWriter
from embstudio.session.rewrite.attention_core import Attended, Projected, Scoring, attend, repeat_heads, split_heads
from embstudio.session.rewrite.attention_masks import places
from embstudio.session.rewrite.fused_node import FusedNode, NotCovered
from embstudio.session.rewrite.key_value_cache import (
    Cache,
    Lengths,
    all_kept,
    appended_to,
    first_token,
    lengths_of,
    window_kept,
)
from embstudio.session.rewrite.normalization import root_mean_square_norm
from embstudio.session.rewrite.replace_nodes import replace_nodes, said
from embstudio.session.rewrite.rotary import Rotation, rotate

_BEFORE_SOFTMAX, _AFTER_SOFTMAX = 1, 2  # what the attribute qk_output asks for as output 3


def open_group_query_attention(model: onnx.ModelProto) -> tuple[str, ...]:
    """Write out every GroupQueryAttention that is covered; says how many."""
    return said(replace_nodes(model, {("com.microsoft", "GroupQueryAttention"): _write}))


def _write(node: FusedNode, out: GraphWriter) -> None:
    node.needs_none_of(inputs=[12, 13, 16])
    if node.integer("sliding_window_cache"):
        node.needs_none_of(inputs=[10], outputs=[3])
    if any(node.text(name, "NONE") != "NONE" for name in ("k_quant_type", "v_quant_type")):
        raise NotCovered("quantised cache")
    if out.opset < 12 or node.integer("local_window_size", -1) == 0:  # no Max of integers; nothing to look at
        raise NotCovered("operator set or window")
    dtype = node.float_type()
    heads, kv_heads = node.count("num_heads"), node.count("kv_num_heads")
    if heads % kv_heads:
        raise NotCovered("heads without a key head of their own")
    d_head = _width_of_head(node, heads, kv_heads)
    q, k, v = _heads(node, out, heads, kv_heads, d_head)
    lengths = lengths_of(out, q, node.input(5), node.input(6))
    q, k = _normed(node, out, q, k, dtype)
    if node.integer("do_rotary"):
        how = _rotation(node, out, lengths)
        q = rotate(out, q, how, d_head)
        if _may_share(node):
            at = out.slice(how.positions, out.integers([0]), out.lengths(k, [2]), 1)
            how = replace(how, positions=at)
        k = rotate(out, k, how, d_head)
    of_cache = appended_to(out, k, lengths) if _may_share(node) else lengths
    k, v, keys = _continued(node, out, k, v, of_cache, dtype)
    times = heads // kv_heads
    k, v = (repeat_heads(out, each, heads, times, d_head) for each in (k, v))
    projected = Projected(q, k, v, dtype, d_head)
    masked = _masked(node, out, lengths, keys)
    how_scored = Scoring(
        scale=node.number("scale"),
        softcap=node.number("softcap"),
        biases=(node.input(10),) if node.input(10) else (),
        masked=masked,
        sinks=_sinks(node, out, heads, dtype),
    )
    attended = attend(out, projected, how_scored, node.output(0))
    if node.output(3):
        _products(node, out, attended, masked, dtype)


def _may_share(node: FusedNode) -> bool:
    """May it come without keys of its own, to look at those that another node has put into the cache?"""
    query, key = (node.around.shape(node.input(place)) for place in (0, 1))
    if not node.input(1) or not node.input(3):
        return False
    return not query or not key or query[1] is None or query[1] != key[1]


def _width_of_head(node: FusedNode, heads: int, kv_heads: int) -> int | None:
    width = node.around.length(node.input(0), -1)
    if width:
        return width // (heads if node.input(1) else heads + 2 * kv_heads)
    return node.around.length(node.input(3), -1) if node.input(3) else None


def _heads(node: FusedNode, out: GraphWriter, heads: int, kv_heads: int, d_head: int | None) -> tuple[str, str, str]:
    """q [batch, head, query, d_head], k and v [batch, kv_head, query, d_head], before any rotation."""
    query, key, value = (node.input(place) for place in range(3))
    if key:
        return (
            split_heads(out, query, heads, d_head),
            split_heads(out, key, kv_heads, d_head),
            split_heads(out, value, kv_heads, d_head),
        )
    together = split_heads(out, query, heads + 2 * kv_heads, d_head)
    q, k, v = out.split(together, [heads, kv_heads, kv_heads], 1)
    return q, k, v


def _normed(node: FusedNode, out: GraphWriter, q: str, k: str, dtype: np.dtype) -> tuple[str, str]:
    if not node.input(14):
        return q, k
    common = node.number("qk_norm_epsilon", 1e-6)
    weights = (node.input(14), node.input(15))
    epsilons = (node.number("q_norm_epsilon", common), node.number("k_norm_epsilon", common))
    return (
        root_mean_square_norm(out, q, weights[0], epsilons[0], dtype),
        root_mean_square_norm(out, k, weights[1], epsilons[1], dtype),
    )


def _rotation(node: FusedNode, out: GraphWriter, lengths: Lengths) -> Rotation:
    """Positions go on from the past's; where they are given, the first run counts on from the first of them."""
    at = out.add("Add", [out.unsqueeze(lengths.past, 1), places(out, lengths.new)])
    if node.input(9):
        given = node.input(9)
        first = out.add("Gather", [out.add("Reshape", [given, out.integers([-1])]), out.integer(0)], axis=0)
        counted = out.add("Add", [first, out.unsqueeze(places(out, lengths.new), 0)])
        at = out.add("Where", [out.add("Equal", [lengths.new, lengths.total]), counted, given])
    half = node.around.length(node.input(7), 1)
    interleaved = bool(node.integer("rotary_interleaved"))
    return Rotation(node.input(7), node.input(8), at, 2 * half if half else None, interleaved)


def _continued(
    node: FusedNode, out: GraphWriter, k: str, v: str, lengths: Lengths, dtype: np.dtype
) -> tuple[str, str, str]:
    """Keys and values to look at, and their positions, [key] or [batch, 1, 1, key]."""
    past_k, past_v = node.input(3), node.input(4)
    if not past_k:
        for tensor, output in ((k, node.output(1)), (v, node.output(2))):
            if output:
                out.add("Identity", [tensor], output)
        return k, v, places(out, lengths.new)
    if node.integer("sliding_window_cache"):
        kept = window_kept(out, past_k, lengths, node.integer("local_window_size", -1))
        positions = out.add("Add", [places(out, kept.keys), _apart(out, first_token(out, lengths, kept))])
    else:
        kept = all_kept(out, past_k, lengths)
        positions = places(out, kept.keys)
    cache = Cache(out, past_k, lengths, kept, dtype)
    for past, fresh, output in ((past_k, k, node.output(1)), (past_v, v, node.output(2))):
        if output:
            cache.cache(past, fresh, output)
    return cache.keys(past_k, k), cache.keys(past_v, v), positions


def _masked(node: FusedNode, out: GraphWriter, lengths: Lengths, keys: str) -> str:
    """Booleans [batch, 1, query, key]: keys after the query, and those before its window."""
    if not node.integer("causal", 1):
        return out.add("Not", [out.add("Less", [keys, _apart(out, lengths.whole)])])
    at = out.add("Add", [_apart(out, lengths.past), out.unsqueeze(places(out, lengths.new), 1)])
    masked = out.add("Less", [at, keys])
    window = node.integer("local_window_size", -1)
    if window < 0:
        return masked
    before = out.add("Not", [out.add("Less", [at, out.add("Add", [keys, out.integer(window)])])])
    return out.add("Or", [masked, before])


def _apart(out: GraphWriter, tensor: str) -> str:
    """[batch] → [batch, 1, 1, 1]."""
    return out.add("Reshape", [tensor, out.integers([-1, 1, 1, 1])])


def _sinks(node: FusedNode, out: GraphWriter, heads: int, dtype: np.dtype) -> str:
    if node.input(11):
        return out.add("Reshape", [node.input(11), out.integers([1, heads, 1, 1])])
    if node.integer("smooth_softmax"):
        return out.constant(np.zeros((1, heads, 1, 1), dtype))
    return ""


def _products(node: FusedNode, out: GraphWriter, attended: Attended, masked: str, dtype: np.dtype) -> None:
    asked = node.integer("qk_output")
    if asked == _AFTER_SOFTMAX:
        out.add("Identity", [attended.pattern], node.output(3))
    elif asked == _BEFORE_SOFTMAX:
        out.add("Where", [masked, out.constant(np.array(0, dtype)), attended.scores], node.output(3))
    else:
        raise NotCovered("products")
