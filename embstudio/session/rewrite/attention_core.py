"""softmax(q kᵀ · scale + masks) v in primitive operators, as the fused attentions of com.microsoft compute it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from onnx import helper

from embstudio.session.graph_writer import GraphWriter


@dataclass(frozen=True)
class Projected:
    """Queries, keys and values as tensors of the graph.

    q [batch, head, query, d_head], k and v [batch, kv_head, key, d_head]; d_head: its length, where known.
    """

    q: str
    k: str
    v: str
    dtype: np.dtype
    d_head: int | None = None


@dataclass(frozen=True)
class Scoring:
    """From products to probabilities: softmax(cap(q kᵀ · scale) + biases), with -∞ where masked.

    scale:   0 stands for 1/√d_head.
    softcap: c tanh(scores / c); 0 for none.
    biases:  tensors to add, broadcast to [batch, head, query, key].
    masked:  a tensor of booleans, true where a query may not look; "" for none.
    sinks:   a tensor [1, head, 1, 1] of one more score each, which takes part in the softmax alone; "" for none.
    """

    scale: float = 0.0
    softcap: float = 0.0
    biases: tuple[str, ...] = ()
    masked: str = ""
    sinks: str = ""


@dataclass(frozen=True)
class Attended:
    """Names of the scores that enter the softmax and of the probabilities, [batch, head, query, key]."""

    scores: str
    pattern: str


def split_heads(out: GraphWriter, tensor: str, heads: int, d_head: int | None) -> str:
    """[batch, pos, heads · d_head] → [batch, heads, pos, d_head]."""
    apart = out.add("Reshape", [tensor, out.integers([0, 0, heads, d_head or -1])])
    return out.add("Transpose", [apart], perm=[0, 2, 1, 3])


def merge_heads(out: GraphWriter, tensor: str, output: str) -> str:
    """[batch, head, pos, d_head] → [batch, pos, head · d_head]."""
    return out.add("Reshape", [out.add("Transpose", [tensor], perm=[0, 2, 1, 3]), out.integers([0, 0, -1])], output)


def repeat_heads(out: GraphWriter, tensor: str, heads: int, times: int, d_head: int | None) -> str:
    """Keys or values once for each of the query heads they serve: head h is that of kv_head h // times."""
    if times == 1:
        return tensor
    spread = out.add("Expand", [out.unsqueeze(tensor, 2), out.integers([1, 1, times, 1, 1])])
    if d_head:
        return out.add("Reshape", [spread, out.integers([0, heads, -1, d_head])])
    shape = out.add("Concat", [out.integers([0, heads]), out.lengths(tensor, [2, 3])], axis=0)
    return out.add("Reshape", [spread, shape])


def attend(out: GraphWriter, given: Projected, how: Scoring, output: str) -> Attended:
    """Write the attention; its result, [batch, query, head · d_head], is called `output`."""
    products = out.add("MatMul", [given.q, out.add("Transpose", [given.k], perm=[0, 1, 3, 2])])
    scores = out.add("Mul", [products, _scale(out, given, how.scale)])
    if how.softcap:
        cap = out.constant(np.array(how.softcap, given.dtype))
        scores = out.add("Mul", [out.add("Tanh", [out.add("Div", [scores, cap])]), cap])
    for bias in how.biases:
        scores = out.add("Add", [scores, bias])
    if how.masked:
        lowest = out.constant(np.array(np.finfo(given.dtype).min))
        scores = out.add("Where", [how.masked, lowest, scores])
    pattern = _softmax(out, scores, how.sinks)
    merge_heads(out, out.add("MatMul", [pattern, given.v]), output)
    return Attended(scores, pattern)


def _scale(out: GraphWriter, given: Projected, scale: float) -> str:
    if scale:
        return out.constant(np.array(scale, given.dtype))
    if given.d_head:
        return out.constant(np.array(1 / math.sqrt(given.d_head), given.dtype))
    d_head = out.add("Cast", [out.length(given.q, 3)], to=_onnx_type(given.dtype))
    return out.add("Reciprocal", [out.add("Sqrt", [d_head])])


def _softmax(out: GraphWriter, scores: str, sinks: str) -> str:
    """Over the last axis. Before operator set 13 it flattened what comes before its axis, which is the same there."""
    if not sinks:
        return out.add("Softmax", [scores], axis=-1)
    rows = out.add("Concat", [out.lengths(scores, [0, 1, 2]), out.integers([1])], axis=0)
    with_sinks = out.add("Concat", [scores, out.add("Expand", [sinks, rows])], axis=3)
    return out.slice(out.add("Softmax", [with_sinks], axis=-1), out.integers([0]), out.lengths(scores, [3]), 3)


def _onnx_type(dtype: np.dtype) -> int:
    return int(helper.np_dtype_to_tensor_dtype(dtype))
