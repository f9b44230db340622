"""A learned table of positions: rows looked up by place, as wide as the word vectors they are added to."""

from __future__ import annotations

from dataclasses import dataclass

from embstudio.anatomy.anatomy import EmbeddingTable
from embstudio.anatomy.dataflow import Dataflow
from embstudio.anatomy.embedding import SEGMENTS, Lookup, find_lookups, ids_source, is_of_positions, token_table
from embstudio.modelfile.graph import Node, Shape, Weight

_AS_IT_IS = frozenset({"Cast", "Identity", "Unsqueeze", "Squeeze", "Reshape", "Expand", "Slice", "Tile"})


@dataclass(frozen=True)
class PositionTables:
    """The weights, one for each stack that has its own, and their number of rows. Some architectures keep the first
    rows for padding (OPT, RoBERTa: 2)."""

    initializers: tuple[str, ...]
    rows: int


def find_positions(
    flow: Dataflow, tables: tuple[EmbeddingTable, ...], width: int | None = None
) -> PositionTables | None:
    """The longest matrices as wide as the word vectors, or as the stream, that are looked up by something other than
    tokens. width: that of the stream, where it is known.

    Rotary tables are narrower (one head wide), and so are tables of relative distances (one entry a head). Shorter
    ones of the same width tell segments apart. tables: those of tokens and segments.
    """
    tokens = token_table(tables)
    if tokens is None:
        return None
    known = {table.initializer for table in tables}
    rows: dict[str, int] = {}
    for lookup in find_lookups(flow):
        if lookup.initializer not in known and lookup.width in (tokens.width, width) and _is_by_place(flow, lookup):
            rows[lookup.initializer] = lookup.rows
    for node in flow.graph.nodes:
        weight = flow.weight_behind(node.input(3)) if node.op == "EmbedLayerNormalization" else None
        if weight is not None:
            rows[weight.name] = weight.shape[0]
        table = _table_cut_short(flow, node) or _table_added(flow, node)
        if table is not None and table.name not in known and table.shape[-1] in (tokens.width, width):
            rows[table.name] = table.shape[-2]
    longest = max(rows.values(), default=0)
    return PositionTables(tuple(name for name in rows if rows[name] == longest), longest) if rows else None


def _table_cut_short(flow: Dataflow, node: Node) -> Weight | None:
    """The table whose first rows, as many as the input is long, a Slice takes, to be added to something.

    The other way to look positions up, and TensorFlow's. Masks that are stored and cut are compared or multiplied.
    """
    if node.op != "Slice" or not flow.is_constant(node.input(0)) or flow.is_constant(node.input(2)):
        return None
    table = flow.weight_behind(node.input(0))
    if table is None or not _is_long(table):
        return None
    cut = node.outputs[0]
    while len(readers := flow.graph.consumers(cut)) == 1 and readers[0].op in _AS_IT_IS:
        cut = readers[0].outputs[0]
    return table if any(reader.op == "Add" for reader in readers) else None


def _table_added(flow: Dataflow, node: Node) -> Weight | None:
    """The table that is added as it is to vectors of as many tokens, none of them made by weights yet: in graphs for
    texts of one length."""
    if node.op not in ("Add", "Sum") or any(flow.is_behind_weights(name) for name in node.inputs):
        return None
    lengths = [shape[-2] for name in node.inputs if flow.is_feature(name) and len(shape := _shape(flow, name)) == 3]
    tables = [weight for name in node.inputs if (weight := flow.graph.weight(name)) and _is_table(weight)]
    return next((each for each in tables if each.shape[-2] in lengths), None)


def _shape(flow: Dataflow, tensor: str) -> Shape:
    return flow.graph.shape(tensor) or ()


def is_of_places(flow: Dataflow, tensor: str, tables: PositionTables | None) -> bool:
    """Does a tensor hold one vector for each place: rows of a table of positions, learned or not, or sines worked out?

    tables: the tables of positions that were found. A bias or a segment's vector is the same at all places.
    """
    waiting, seen = [tensor], {tensor}
    while waiting:
        name = waiting.pop()
        weight = flow.graph.weight(name)
        if weight is not None:
            if (tables and name in tables.initializers) or (name != tensor and _is_long(weight)):
                return True
            continue
        node = flow.graph.producer(name)
        if node is None or node.op in ("Shape", "Size") or flow.multiplies_by_weight(node):
            continue
        if node.op in ("Sin", "Cos"):
            return True
        fresh = [read for read in node.inputs if read and read not in seen]
        seen.update(fresh)
        waiting.extend(fresh)
    return False


def _is_long(weight: Weight) -> bool:
    return _is_table(weight) and weight.shape[-2] > SEGMENTS


def _is_table(weight: Weight) -> bool:
    """Is it [rows, width] or [1, rows, width] of numbers, for more than one place?"""
    shape = weight.shape
    flat = len(shape) in (2, 3) and shape[-2] > 1 and all(length == 1 for length in shape[:-2])
    return flat and weight.dtype.startswith(("float", "bfloat"))


def _is_by_place(flow: Dataflow, lookup: Lookup) -> bool:
    """Are the rows chosen by an input of positions or by counting, not by what the model worked out (the experts of a
    mixture)?"""
    source = ids_source(flow, lookup.ids)
    if source is not None:
        return is_of_positions(source, lookup.rows)
    return not flow.is_behind_weights(lookup.ids) and _counts(flow, lookup.ids)


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
