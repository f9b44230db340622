"""com.microsoft.EmbedLayerNormalization and its quantised form: the looked-up vectors, their sum, and its norm.

Source: onnxruntime's specification of both operators and their CPU kernels (embed_layer_norm.cc,
quantization/qembed_layer_norm.cc).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import onnx

from embstudio.session.graph_writer import GraphWriter
from embstudio.session.rewrite.attention_masks import places
from embstudio.session.rewrite.dequantize import dequantized
from embstudio.session.rewrite.fused_node import FusedNode
from embstudio.session.rewrite.normalization import layer_norm
from embstudio.session.rewrite.replace_nodes import replace_nodes, said


def open_embed_normalization(model: onnx.ModelProto) -> tuple[str, ...]:
    """Write out every EmbedLayerNormalization and QEmbedLayerNormalization; says how many."""
    writers = {
        ("com.microsoft", "EmbedLayerNormalization"): _plain,
        ("com.microsoft", "QEmbedLayerNormalization"): _quantised,
    }
    return said(replace_nodes(model, writers))


@dataclass(frozen=True)
class _Tables:
    """Weights as floats; segments "" where there are none."""

    words: str
    positions: str
    segments: str
    weight: str
    bias: str


def _plain(node: FusedNode, out: GraphWriter) -> None:
    words, positions, segments, weight, bias = (node.input(place) for place in range(2, 7))
    _write(node, out, _Tables(words, positions, segments, weight, bias), mask=node.input(7), at=node.input(8))


def _quantised(node: FusedNode, out: GraphWriter) -> None:
    # Tables, their scales and their zero points stand in the same order, at 2, 8 and 13.
    words, positions, segments, weight, bias = (
        dequantized(out, node.around, node.input(2 + part), node.input(8 + part), node.input(13 + part))
        if node.input(2 + part)
        else ""
        for part in range(5)
    )
    _write(node, out, _Tables(words, positions, segments, weight, bias), mask=node.input(7), at="")


def _write(node: FusedNode, out: GraphWriter, tables: _Tables, mask: str, at: str) -> None:
    dtype = node.float_type()
    ids, segment_ids = node.input(0), node.input(1)
    at = at or out.unsqueeze(places(out, out.length(ids, 1)), 0)
    vectors = out.add("Gather", [tables.words, ids], axis=0)
    offsets = out.add("Gather", [tables.positions, at], axis=0)
    if tables.segments and segment_ids:
        first = out.add("Add", [vectors, offsets])
        kinds = out.add("Gather", [tables.segments, segment_ids], axis=0)
        total = out.add("Add", [first, kinds], node.output(2))
    else:
        total = out.add("Add", [vectors, offsets], node.output(2))
    layer_norm(out, total, tables.weight, tables.bias, node.number("epsilon", 1e-12), dtype, node.output(0))
    if node.output(1):
        _count_ones(out, mask, ids, node.output(1))


def _count_ones(out: GraphWriter, mask: str, ids: str, output: str) -> None:
    """How many entries of each row [batch, pos] are 1, as int32 [batch]; 0 without a mask."""
    if not mask:
        out.add("Expand", [out.constant(np.array(0, np.int32)), out.lengths(ids, [0])], output)
        return
    ones = out.add("Equal", [mask, out.constant(np.array(1, np.int32))])
    out.total(out.add("Cast", [ones], to=onnx.TensorProto.INT32), 1, output)
