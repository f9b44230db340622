"""The keys and values of com.microsoft.GroupQueryAttention: a cache that may be longer, or shorter, than the sequence.

Source: onnxruntime's specification of the operator ("Windowed KV Cache") and its CPU kernel (gqa_attention_base.h).
Sequence b has T = seqlens_k[b] + 1 tokens after the step, the new ones last. The cache's first rows hold the last of
its tokens in order: all of them, or, in a cache of C rows for a window of W, the L(T) that it keeps.
Rows beyond those are not looked at; what comes out there is 0.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import onnx

from embstudio.session.graph_writer import GraphWriter
from embstudio.session.rewrite.attention_masks import places


@dataclass(frozen=True)
class Lengths:
    """int64 tensors. new, total: scalars, how many tokens are new, and how many there are at most with the past.

    past, whole: [batch], how many tokens each sequence has before the step and after it.
    """

    new: str
    total: str
    past: str
    whole: str


@dataclass(frozen=True)
class Kept:
    """int64 tensors: which tokens the cache has and shall have.

    rows:   scalar, rows of the cache that comes out.
    before, after: [batch], how many of each sequence's last tokens are in it before the step and after.
    keys:   scalar, how many keys there are to look at: those before and the new ones, of the longest sequence.
    """

    rows: str
    before: str
    after: str
    keys: str


def lengths_of(out: GraphWriter, q: str, ends: str, total: str) -> Lengths:
    """From queries [batch, head, query, d_head], seqlens_k (tokens of each sequence, less one) and the most of them.

    On the first run, when all tokens are new, a shorter sequence is padded at its end. Nodes that are told the same
    lengths have as many new tokens as each other.
    """
    new = out.once(("new tokens", ends, total), lambda: out.length(q, 2))
    scalar = out.constant(np.zeros(0, np.int64))
    longest = out.add("Reshape", [out.add("Cast", [total], to=onnx.TensorProto.INT64), scalar])
    last = out.add("Reshape", [out.add("Cast", [ends], to=onnx.TensorProto.INT64), out.integers([-1])])
    whole = out.add("Add", [last, out.integer(1)])
    is_first = out.add("Equal", [new, longest])
    past = out.add("Where", [is_first, out.integer(0), out.add("Sub", [whole, new])])
    return Lengths(new, longest, past, whole)


def appended_to(out: GraphWriter, fresh: str, lengths: Lengths) -> Lengths:
    """The lengths as the cache sees them: with no new keys, it has those of this step already, put there by another
    node whose keys this one shares."""
    new = out.length(fresh, 2)
    shared = out.add("Equal", [new, out.integer(0)])
    return replace(lengths, new=new, past=out.add("Where", [shared, lengths.whole, lengths.past]))


def all_kept(out: GraphWriter, past: str, lengths: Lengths) -> Kept:
    """The cache grows with the sequence, or has room for more than it."""
    rows = out.add("Max", [out.length(past, 2), lengths.total])
    return Kept(rows, lengths.past, out.add("Add", [lengths.past, lengths.new]), lengths.total)


def window_kept(out: GraphWriter, past: str, lengths: Lengths, window: int) -> Kept:
    """The cache stays as long as it is: L(T) = T - G · max(0, ⌈(T - C) / G⌉) with G = C - W + 1.

    One shorter than the window, which onnxruntime refuses, grows until it is long enough: people start with none.
    """
    one, room = out.integer(1), out.length(past, 2)
    grown = out.add("Max", [room, lengths.total])
    rows = out.add("Where", [out.add("Less", [room, out.integer(window)]), grown, room])
    at_once = out.add("Max", [out.add("Sub", [rows, out.integer(window - 1)]), one])

    def kept(tokens: str) -> str:
        above = out.add("Sub", [out.add("Add", [tokens, at_once]), out.add("Add", [rows, one])])
        times = out.add("Max", [out.add("Div", [above, at_once]), out.integer(0)])
        return out.add("Sub", [tokens, out.add("Mul", [times, at_once])])

    before = kept(lengths.past)
    most = out.add("ReduceMax", [before, out.integers([0])] if out.opset >= 18 else [before], keepdims=0)
    return Kept(rows, before, kept(lengths.whole), out.add("Add", [most, lengths.new]))


def first_token(out: GraphWriter, lengths: Lengths, kept: Kept) -> str:
    """The position of each sequence's first key that there is to look at, [batch]."""
    return out.add("Sub", [lengths.past, kept.before])


class Cache:
    """Takes rows of the used part of the past and the new ones behind it, [batch, kv_head, …, d_head], as one.

    past: either of the two caches of a node, for its length: both are as long.
    """

    def __init__(self, out: GraphWriter, past: str, lengths: Lengths, kept: Kept, dtype: np.dtype) -> None:
        self._out = out
        self._room = out.length(past, 2)
        self._before = out.unsqueeze(kept.before, 1)
        self._last = out.add("Sub", [out.add("Add", [self._room, lengths.new]), out.integer(1)])
        self._zero = out.constant(np.array(0, dtype))
        self._keys = self._index(out.unsqueeze(places(out, kept.keys), 0))
        rows = places(out, kept.rows)
        seen = out.add("Add", [kept.before, lengths.new])
        gone = out.unsqueeze(out.add("Max", [out.add("Sub", [seen, kept.after]), out.integer(0)]), 1)
        self._rows = self._index(out.add("Add", [rows, gone]))
        self._used = _on_rows(out, out.add("Less", [rows, out.unsqueeze(kept.after, 1)]))

    def keys(self, past: str, fresh: str) -> str:
        """The rows to look at: those of the past in use, then the new ones."""
        return self._taken(past, fresh, self._keys)

    def cache(self, past: str, fresh: str, output: str) -> None:
        """The cache after the step."""
        self._out.add("Where", [self._used, self._taken(past, fresh, self._rows), self._zero], output)

    def _index(self, wanted: str) -> str:
        """Places among past and new rows [batch or 1, row] → where they are when the new follow the whole cache."""
        out = self._out
        behind = out.add("Add", [out.add("Sub", [wanted, self._before]), self._room])
        row = out.add("Where", [out.add("Less", [wanted, self._before]), wanted, behind])
        return _on_rows(out, out.add("Min", [row, self._last]))

    def _taken(self, past: str, fresh: str, index: str) -> str:
        out = self._out
        both = out.add("Concat", [past, fresh], axis=2)
        count = out.lengths(index, [2])
        shape = out.add("Concat", [out.lengths(fresh, [0, 1]), count, out.lengths(fresh, [3])], axis=0)
        return out.add("GatherElements", [both, out.add("Expand", [index, shape])], axis=2)


def _on_rows(out: GraphWriter, tensor: str) -> str:
    """[batch, row] → [batch, 1, row, 1]."""
    return out.unsqueeze(out.unsqueeze(tensor, 1), 3)
