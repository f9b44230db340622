"""com.microsoft.MultiHeadAttention and DecoderMaskedMultiHeadAttention: queries, keys and values come projected.

Source: onnxruntime's specification of both operators, and their CPU kernels (multihead_attention.cc,
decoder_masked_multihead_attention.cc). Packed queries, keys and values, which only its GPU kernels take, are covered
by the specification alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import onnx

from embstudio.session.graph_writer import GraphWriter
from embstudio.session.rewrite.attention_core import Projected, Scoring, attend, split_heads
from embstudio.session.rewrite.attention_masks import later_keys, padding
from embstudio.session.rewrite.fused_node import FusedNode, NotCovered
from embstudio.session.rewrite.replace_nodes import replace_nodes, said


def open_multi_head_attention(model: onnx.ModelProto) -> tuple[str, ...]:
    """Write out every MultiHeadAttention and DecoderMaskedMultiHeadAttention that is covered; says how many."""
    writers = {
        ("com.microsoft", "MultiHeadAttention"): _multi_head,
        ("com.microsoft", "DecoderMaskedMultiHeadAttention"): _decoder_masked,
    }
    return said(replace_nodes(model, writers))


@dataclass(frozen=True)
class _Given:
    """Inputs by their meaning, "" where left out. past_length: how many rows of a cache with room are in use."""

    query: str
    key: str
    value: str
    bias: str
    mask: str
    attention_bias: str
    past_key: str
    past_value: str
    past_length: str


def _multi_head(node: FusedNode, out: GraphWriter) -> None:
    node.needs_none_of(inputs=[9], outputs=[3])
    _write(node, out, _Given(*(node.input(place) for place in range(9))))


def _decoder_masked(node: FusedNode, out: GraphWriter) -> None:
    node.needs_none_of(inputs=[8, 9], outputs=[3], flags=["output_qk"])
    query, key, value, mask, attention_bias, *past = (node.input(place) for place in range(8))
    if not node.integer("past_present_share_buffer"):
        past[2] = ""
    _write(node, out, _Given(query, key, value, node.input(10), mask, attention_bias, *past))


def _write(node: FusedNode, out: GraphWriter, given: _Given) -> None:
    dtype = node.float_type()
    q, k, v, d_head = _heads(node, out, given)
    k, past_key = _continued(out, given.past_key, k, given.past_length, node.output(1))
    v, _ = _continued(out, given.past_value, v, given.past_length, node.output(2))
    projected = Projected(q, k, v, dtype, d_head)
    biases = [given.attention_bias] if given.attention_bias else []
    if given.mask:
        rank = node.around.rank(given.mask)
        biases.append(padding(out, given.mask, rank, projected, node.number("mask_filter_value", -10000.0)))
    causal = node.integer("unidirectional")
    masked = later_keys(out, projected, past_key, spare_last=True) if causal else ""
    attend(out, projected, Scoring(scale=node.number("scale"), biases=tuple(biases), masked=masked), node.output(0))


def _continued(out: GraphWriter, past: str, fresh: str, used: str, output: str) -> tuple[str, str]:
    """The rows to look at [batch, head, key, d_head], and those of them that are the past's, "" for none.

    used: how many rows of the past are in use, the new ones taking the place of those after; "" for all.
    output: what the past with the new ones is called, "" if it is not wanted.
    """
    if not past:
        if output:
            out.add("Identity", [fresh], output)
        return fresh, ""
    if not used:
        return out.add("Concat", [past, fresh], output, axis=2), past
    start = out.add("Reshape", [out.add("Cast", [used], to=onnx.TensorProto.INT64), out.integers([1])])
    kept = out.slice(past, out.integers([0]), start, 2)
    if output:
        after = out.add("Add", [start, out.lengths(fresh, [2])])
        rest = out.slice(past, after, out.integers([np.iinfo(np.int64).max]), 2)
        out.add("Concat", [kept, fresh, rest], output, axis=2)
    return out.add("Concat", [kept, fresh], axis=2), kept


def _heads(node: FusedNode, out: GraphWriter, given: _Given) -> tuple[str, str, str, int | None]:
    """q, k and v [batch, head, pos, d_head], and d_head where known."""
    heads, length = node.count("num_heads"), node.around.length
    query, key, value = given.query, given.key, given.value
    width = length(query, -1)
    if not key:
        query, key, value = _unpacked(out, query, 3, node.around.rank(query))
        width = width // 3 if width and node.around.rank(given.query) == 3 else None
    elif not value:
        key, value = _unpacked(out, key, 2, 5)
    apart = node.around.rank(given.key) == 4 if given.key else False  # keys from a cache have their heads apart
    if given.bias:
        at = out.integers([width]) if width else out.lengths(query, [2])
        query = out.add("Add", [query, out.slice(given.bias, out.integers([0]), at, 0)])
        if not apart:
            after, end = out.add("Add", [at, at]), out.integers([np.iinfo(np.int64).max])
            key = out.add("Add", [key, out.slice(given.bias, at, after, 0)])
            value = out.add("Add", [value, out.slice(given.bias, after, end, 0)])
    d_head = width // heads if width else None
    q = split_heads(out, query, heads, d_head)
    if apart:
        return q, key, value, d_head
    v_width = length(given.value, -1) if given.value else width
    return q, split_heads(out, key, heads, d_head), split_heads(out, value, heads, v_width and v_width // heads), d_head


def _unpacked(out: GraphWriter, tensor: str, parts: int, rank: int | None) -> list[str]:
    """The parts of [batch, pos, head, parts, d_head] or [batch, pos, parts · d_model], each [batch, pos, d_model]."""
    if rank == 5:
        flat = out.integers([0, 0, -1])
        return [
            out.add("Reshape", [out.add("Gather", [tensor, out.integer(part)], axis=3), flat]) for part in range(parts)
        ]
    if rank == 3:
        third = out.add("Div", [out.lengths(tensor, [2]), out.integers([parts])])
        edges = [out.add("Mul", [third, out.integers([part])]) for part in range(parts + 1)]
        return [out.slice(tensor, start, end, 2) for start, end in pairwise(edges)]
    raise NotCovered("axes of packed queries, keys and values")
