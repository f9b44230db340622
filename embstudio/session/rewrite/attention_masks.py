"""The masks of com.microsoft's attentions, as tensors to add to scores [batch, head, query, key].

Source: onnxruntime's specification of the operators and its CPU kernels' PrepareMask: what mask_index leaves out gets
mask_filter_value added, what is later than the query the lowest number there is.
"""

from __future__ import annotations

import numpy as np
import onnx

from embstudio.session.graph_writer import GraphWriter
from embstudio.session.rewrite.attention_core import Projected
from embstudio.session.rewrite.fused_node import NotCovered


def places(out: GraphWriter, length: str) -> str:
    """0, 1, …, length - 1 for an int64 scalar."""
    return out.add("Range", [out.integer(0), length, out.integer(1)])


def later_keys(out: GraphWriter, given: Projected, past: str, *, spare_last: bool = False) -> str:
    """Booleans [query, key]: is the key later than the query?

    past: a tensor [..., key, d_head] of the keys that come before the first query's own, "" where there are none.
    spare_last: the last query may look at all keys, as onnxruntime has it where there are more keys than queries.
    """
    queries = out.length(given.q, 2)
    row = out.unsqueeze(places(out, queries), 1)
    at = out.add("Add", [row, out.length(past, -2)]) if past else row
    later = out.add("Less", [at, out.unsqueeze(places(out, out.length(given.k, 2)), 0)])
    if not spare_last:
        return later
    return out.add("And", [later, out.add("Less", [row, out.add("Sub", [queries, out.integer(1)])])])


def padding(out: GraphWriter, mask: str, rank: int | None, given: Projected, filter_value: float) -> str:
    """mask_index, in any of its forms, as a bias that broadcasts to [batch, head, query, key].

    [batch] lengths, or [2 · batch] ends and then starts; [batch, key]; [batch, query, key]; or
    [batch, 1, most, most], of which the rows of the queries and the columns of the keys count. Raises NotCovered.
    """
    if rank == 1:
        kept = _within_lengths(out, mask, given)
    elif rank == 2:
        kept = out.unsqueeze(out.unsqueeze(_kept(out, mask), 1), 1)
    elif rank == 3:
        kept = out.unsqueeze(_kept(out, mask), 1)
    elif rank == 4:
        kept = _kept(out, _square_part(out, mask, given))
    else:
        raise NotCovered("rank of the mask")
    zero, low = (out.constant(np.array(value, given.dtype)) for value in (0, max(filter_value, _lowest(given))))
    return out.add("Where", [kept, zero, low])


def _lowest(given: Projected) -> float:
    return float(np.finfo(given.dtype).min)


def _kept(out: GraphWriter, mask: str) -> str:
    """Is the entry greater than 0?"""
    return out.add("Less", [out.constant(np.array(0, np.int32)), mask])


def _within_lengths(out: GraphWriter, mask: str, given: Projected) -> str:
    """Booleans [batch, 1, 1, key]. Starts are read where there are twice as many entries as sequences."""
    batch = out.lengths(given.q, [0])
    twice = out.add("Add", [batch, batch])
    wide = out.add("Cast", [mask], to=onnx.TensorProto.INT64)
    ends = out.slice(wide, out.integers([0]), batch, 0)
    none = out.add("Expand", [out.integers([0]), batch])
    starts = out.slice(out.add("Concat", [wide, none], axis=0), batch, twice, 0)
    has_starts = out.add("Equal", [out.add("Shape", [wide]), twice])
    starts = out.add("Where", [has_starts, starts, none])
    for axis in (1, 2, 3):
        ends, starts = out.unsqueeze(ends, axis), out.unsqueeze(starts, axis)
    keys = places(out, out.length(given.k, 2))
    ended = out.add("Less", [keys, ends])
    begun = out.add("Not", [out.add("Less", [keys, starts])])
    return out.add("And", [begun, ended])


def _square_part(out: GraphWriter, mask: str, given: Projected) -> str:
    """Rows past … past + query and columns 0 … key of a mask [batch, 1, most, most]."""
    queries, keys = out.lengths(given.q, [2]), out.lengths(given.k, [2])
    rows = out.slice(mask, out.add("Sub", [keys, queries]), keys, 2)
    return out.slice(rows, out.integers([0]), keys, 3)
