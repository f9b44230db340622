"""com.microsoft.RelativePositionBias: T5's biases, a number for each head and bucket of distances.

Sources: Raffel et al. 2020, https://arxiv.org/abs/1910.10683; onnxruntime's specification of the operator and the
optimiser that writes it. The table's shape is stated as [bucket, head], but its numbers lie column by column. Only GPUs
have a kernel for it.
"""

from __future__ import annotations

import math

import numpy as np
import onnx
from onnx import TensorProto

from embstudio.session.graph_writer import GraphWriter
from embstudio.session.rewrite.attention_masks import places
from embstudio.session.rewrite.fused_node import FusedNode, NotCovered
from embstudio.session.rewrite.replace_nodes import replace_nodes, said


def open_relative_position_bias(model: onnx.ModelProto) -> tuple[str, ...]:
    """Write out every RelativePositionBias that is covered; says how many."""
    return said(replace_nodes(model, {("com.microsoft", "RelativePositionBias"): _write}))


def _write(node: FusedNode, out: GraphWriter) -> None:
    table, queries, keys = (node.input(place) for place in range(3))
    buckets, heads = node.around.length(table, 0), node.around.length(table, 1)
    if out.opset < 12 or not buckets or not heads:  # no Min of integers; unknown sizes
        raise NotCovered("operator set or table")
    rows, columns = (
        places(out, out.add("Reshape", [length, out.constant(np.zeros(0, np.int64))])) for length in (queries, keys)
    )
    ahead = out.add("Sub", [out.unsqueeze(columns, 0), out.unsqueeze(rows, 1)])
    both = bool(node.integer("is_bidirectional"))
    furthest = node.integer("max_distance", 128)
    if furthest <= buckets or buckets < 4:
        raise NotCovered("buckets")
    bucket = _bucket(out, ahead, buckets, furthest, both=both)
    by_head = out.add("Reshape", [table, out.integers([heads, buckets])])
    out.unsqueeze(out.add("Gather", [by_head, bucket], axis=1), 0, node.output(0))


def _bucket(out: GraphWriter, ahead: str, buckets: int, furthest: int, *, both: bool) -> str:
    """The bucket of how far a key is ahead of a query, [query, key]: one for each of the near distances, then ranges
    that grow like powers. both: keys ahead have half the buckets; else they are all at distance 0."""
    zero = out.integer(0)
    if both:
        buckets //= 2
        side = out.add("Where", [out.add("Less", [zero, ahead]), out.integer(buckets), zero])
        distance = out.add("Abs", [ahead])
    else:
        side = ""
        distance = out.add("Max", [out.add("Neg", [ahead]), zero])
    near = buckets // 2
    ratio = out.add("Div", [_float(out, out.add("Max", [distance, out.integer(1)])), _number(out, near)])
    steps = out.add("Div", [out.add("Log", [ratio]), _number(out, math.log(furthest / near))])
    whole = out.add("Cast", [out.add("Mul", [steps, _number(out, buckets - near)])], to=TensorProto.INT64)
    far = out.add("Min", [out.add("Add", [whole, out.integer(near)]), out.integer(buckets - 1)])
    bucket = out.add("Where", [out.add("Less", [distance, out.integer(near)]), distance, far])
    return out.add("Add", [bucket, side]) if side else bucket


def _float(out: GraphWriter, tensor: str) -> str:
    return out.add("Cast", [tensor], to=TensorProto.FLOAT)


def _number(out: GraphWriter, value: float) -> str:
    return out.constant(np.array(value, np.float32))
