"""com.microsoft.Attention and QAttention: one matrix makes queries, keys and values; they are cut from its product.

Source: onnxruntime's specification of both operators, and their CPU kernels (attention.cc, attention_cpu_base.h,
quantization/attention_quant.cc).
"""

from __future__ import annotations

from dataclasses import dataclass

import onnx

from embstudio.session.graph_writer import GraphWriter
from embstudio.session.rewrite.attention_core import Projected, Scoring, attend, split_heads
from embstudio.session.rewrite.attention_masks import later_keys, padding
from embstudio.session.rewrite.dequantize import dequantized
from embstudio.session.rewrite.fused_node import FusedNode, NotCovered
from embstudio.session.rewrite.replace_nodes import replace_nodes, said


def open_packed_projection_attention(model: onnx.ModelProto) -> tuple[str, ...]:
    """Write out every Attention and QAttention that is covered; says how many."""
    return said(
        replace_nodes(model, {("com.microsoft", "Attention"): _attention, ("com.microsoft", "QAttention"): _qattention})
    )


@dataclass(frozen=True)
class _Given:
    """Inputs by their meaning: x [batch, pos, d_model], weight [d_model, q + k + v], and the rest "" if left out."""

    x: str
    weight: str
    bias: str
    mask: str
    past: str
    attention_bias: str
    sizes: tuple[int, int, int]


def _attention(node: FusedNode, out: GraphWriter) -> None:
    node.needs_none_of(inputs=[6], flags=["past_present_share_buffer", "do_rotary"])
    sizes = node.integers("qkv_hidden_sizes") or _thirds(node, node.input(1))
    if len(sizes) != 3 or not all(sizes) or sizes[0] != sizes[1]:
        raise NotCovered("sizes of q, k and v")
    x, weight, bias, mask, past, attention_bias = (node.input(place) for place in range(6))
    _write(node, out, _Given(x, weight, bias, mask, past, attention_bias, (sizes[0], sizes[1], sizes[2])))


def _qattention(node: FusedNode, out: GraphWriter) -> None:
    node.needs_none_of(flags=["past_present_share_buffer", "do_rotary"])
    sizes = _thirds(node, node.input(1))
    x = dequantized(out, node.around, node.input(0), node.input(3), node.input(6))
    weight = dequantized(out, node.around, node.input(1), node.input(4), node.input(7), axis=1)
    _write(node, out, _Given(x, weight, node.input(2), node.input(5), node.input(8), "", sizes))


def _thirds(node: FusedNode, weight: str) -> tuple[int, int, int]:
    width = node.around.length(weight, 1)
    if not width or width % 3:
        raise NotCovered("width of the weights")
    return (width // 3,) * 3


def _write(node: FusedNode, out: GraphWriter, given: _Given) -> None:
    dtype = node.float_type()
    heads = node.count("num_heads")
    packed = out.add("MatMul", [given.x, given.weight])
    if given.bias:
        packed = out.add("Add", [packed, given.bias])
    q, k, v = (
        split_heads(out, part, heads, size // heads)
        for part, size in zip(out.split(packed, given.sizes, -1), given.sizes, strict=True)
    )
    if given.past:
        k, v = (
            out.add("Concat", [out.add("Gather", [given.past, out.integer(place)], axis=0), new], axis=2)
            for place, new in enumerate((k, v))
        )
    if node.output(1):
        out.add("Concat", [out.unsqueeze(k, 0), out.unsqueeze(v, 0)], node.output(1), axis=0)
    projected = Projected(q, k, v, dtype, given.sizes[0] // heads)
    biases = [given.attention_bias] if given.attention_bias else []
    if given.mask:
        rank = node.around.rank(given.mask)
        biases.append(padding(out, given.mask, rank, projected, node.number("mask_filter_value", -10000.0)))
    masked = later_keys(out, projected, given.past) if node.integer("unidirectional") else ""
    how = Scoring(scale=node.number("scale"), biases=tuple(biases), masked=masked)
    attend(out, projected, how, node.output(0))
