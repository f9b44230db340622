"""The keys and values of com.microsoft.GroupQueryAttention: a cache that may be longer than what is in it.

Source: onnxruntime's specification of the operator and its CPU kernel (gqa_attention_base.h): sequence b has
seqlens_k[b] + 1 keys, the new ones last; the cache's rows after them are not looked at, and rows that nothing was
written to come out as 0.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import onnx

from embstudio.session.graph_writer import GraphWriter


@dataclass(frozen=True)
class Lengths:
    """int64 tensors. new, total: scalars, how many tokens are new, and how many there are at most with the past.

    past, whole: [batch], how many of each sequence's keys are in the cache, and how many it has with the new ones.
    """

    new: str
    total: str
    past: str
    whole: str


def lengths_of(out: GraphWriter, q: str, ends: str, total: str) -> Lengths:
    """From queries [batch, head, query, d_head], seqlens_k (keys of each sequence, less one) and the longest's keys.

    On the first run, when all keys are new, a shorter sequence is padded at its end.
    """
    new = out.length(q, 2)
    scalar = out.constant(np.zeros(0, np.int64))
    longest = out.add("Reshape", [out.add("Cast", [total], to=onnx.TensorProto.INT64), scalar])
    last = out.add("Reshape", [out.add("Cast", [ends], to=onnx.TensorProto.INT64), out.integers([-1])])
    whole = out.add("Add", [last, out.integer(1)])
    is_first = out.add("Equal", [new, longest])
    past = out.add("Where", [is_first, out.integer(0), out.add("Sub", [whole, new])])
    return Lengths(new, longest, past, whole)


def continued(out: GraphWriter, past: str, fresh: str, lengths: Lengths, dtype: np.dtype, output: str) -> str:
    """Past and new rows [batch, kv_head, …, d_head] as one cache, called `output`; returns the rows in use.

    Entry j of a sequence is the past's row j while there are any, then a new one, then 0.
    """
    held = out.length(past, 2)
    places = out.add("Range", [out.integer(0), out.add("Max", [held, lengths.total]), out.integer(1)])
    before = out.unsqueeze(lengths.past, 1)
    is_past = out.add("Less", [places, before])
    fresh_row = out.add("Add", [out.add("Sub", [places, before]), held])
    last = out.add("Sub", [out.add("Add", [held, lengths.new]), out.integer(1)])
    row = out.add("Min", [out.add("Where", [is_past, places, fresh_row]), last])
    both = out.add("Concat", [past, fresh], axis=2)
    shape = out.add("Concat", [out.lengths(both, [0, 1]), out.add("Shape", [places]), out.lengths(both, [3])], axis=0)
    index = out.add("Expand", [_on_rows(out, row), shape])
    taken = out.add("GatherElements", [both, index], axis=2)
    used = _on_rows(out, out.add("Less", [places, out.add("Add", [before, lengths.new])]))
    cache = out.add("Where", [used, taken, out.constant(np.array(0, dtype))], output)
    return out.slice(cache, out.integers([0]), out.unsqueeze(lengths.total, 0), 2)


def _on_rows(out: GraphWriter, tensor: str) -> str:
    """[batch, row] → [batch, 1, row, 1]."""
    return out.unsqueeze(out.unsqueeze(tensor, 1), 3)
