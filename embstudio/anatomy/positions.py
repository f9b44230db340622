"""A learned table of positions: rows looked up by place, as wide as the word vectors they are added to."""

from __future__ import annotations

from dataclasses import dataclass

from embstudio.anatomy.anatomy import EmbeddingTable
from embstudio.anatomy.dataflow import Dataflow
from embstudio.anatomy.embedding import ids_source
from embstudio.modelfile.graph import Node


@dataclass(frozen=True)
class PositionTables:
    """The weights, one for each stack that has its own, and their number of rows. Some architectures keep the first
    rows for padding (OPT, RoBERTa: 2)."""

    initializers: tuple[str, ...]
    rows: int


def find_positions(flow: Dataflow, tokens: EmbeddingTable | None) -> PositionTables | None:
    """The longest matrices as wide as the word vectors that are looked up by something other than an input's ids.

    Rotary tables are narrower (one head wide), and so are tables of relative distances (one entry a head). Shorter
    ones of the same width tell segments apart.
    """
    if tokens is None:
        return None
    rows: dict[str, int] = {}
    for node in flow.graph.nodes:
        if node.op == "EmbedLayerNormalization" and node.domain:
            weight = flow.weight_behind(node.input(3))
        elif node.op == "Gather" and _is_by_place(flow, node):
            weight = flow.weight_behind(node.input(0))
        else:
            continue
        if weight is None or weight.name == tokens.initializer or len(weight.shape) != 2:
            continue
        if weight.shape[1] == tokens.width and weight.dtype.startswith(("float", "bfloat")):
            rows[weight.name] = weight.shape[0]
    longest = max(rows.values(), default=0)
    return PositionTables(tuple(name for name in rows if rows[name] == longest), longest) if rows else None


def _is_by_place(flow: Dataflow, gather: Node) -> bool:
    """Are the rows chosen by neither an input's ids nor something the model worked out (the experts of a mixture)?"""
    indices = gather.input(1)
    chosen = ids_source(flow, indices) is not None or flow.is_behind_weights(indices)
    return gather.attributes.get("axis", 0) == 0 and not chosen and _counts(flow, indices)


def _counts(flow: Dataflow, indices: str) -> bool:
    """Does something count on the way to these indices: a Range, a running sum, or a stored list 0, 1, 2, …?

    Segment tables are looked up by zeros where a model has no segments.
    """
    waiting, seen = [indices], {indices}
    while waiting:
        tensor = waiting.pop()
        weight = flow.graph.weight(tensor)
        if weight is not None and weight.dtype in ("int64", "int32") and weight.size > 2:
            values = weight.values.ravel()
            if int(values.max()) - int(values.min()) >= weight.shape[-1] - 1:
                return True
        node = flow.graph.producer(tensor)
        if node is None or node.op in ("Shape", "Size"):
            continue
        if node.op in ("Range", "CumSum"):
            return True
        waiting.extend(name for name in node.inputs if name and name not in seen)
        seen.update(node.inputs)
    return False
