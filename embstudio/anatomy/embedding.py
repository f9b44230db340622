"""Embedding tables: rows looked up by integer ids that come, unchanged, from an input of the graph.

A Gather along axis 0 of a matrix, or onnxruntime's EmbedLayerNormalization and GatherBlockQuantized. The matrix may be
stored in whole numbers. Ids may be sliced, cast or reshaped on their way; what is computed from them by arithmetic
(RoBERTa's positions count the ids that are not padding) is no id.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from embstudio.anatomy.anatomy import EmbeddingTable, Quantised
from embstudio.anatomy.dataflow import Dataflow
from embstudio.anatomy.plain_ids import unchanged_source
from embstudio.anatomy.stored_rows import StoredRows, stored_rows
from embstudio.modelfile.graph import Node

_UNCHANGED_IDS = frozenset({
    "Cast", "Identity", "Slice", "Reshape", "Squeeze", "Unsqueeze", "Transpose", "Flatten", "Where", "Expand", "Clip",
})  # fmt: skip
_INTEGERS = frozenset({"int64", "int32", "uint8", "int16", "uint16", "uint32", "uint64"})  # int8 are quantised numbers
_FLOATS = ("float", "bfloat")
SEGMENTS = 16  # rows: a table beside the tokens' that is no longer tells segments apart, a longer one positions


@dataclass(frozen=True)
class Lookup:
    """Rows of a matrix, looked up by a tensor of ids. output: the vectors as floats, "" inside a fused operator.
    matrix: what the rows are looked up in, where it is made of the initializer."""

    node: Node
    initializer: str
    rows: int
    width: int
    ids: str
    output: str
    quantised: Quantised | None = None
    matrix: str = ""


def find_lookups(flow: Dataflow) -> tuple[Lookup, ...]:
    """Every lookup of rows of a matrix by data or places, in the order of the graph."""
    return tuple(lookup for node in flow.graph.nodes for lookup in _lookups(flow, node))


def find_embeddings(flow: Dataflow) -> tuple[EmbeddingTable, ...]:
    """The tables whose ids come from an input, in the order of the graph; those of positions that are fed are none."""
    sources = [(lookup, ids_source(flow, lookup.ids)) for lookup in find_lookups(flow)]
    tables = [
        EmbeddingTable(
            each.initializer, each.rows, each.width, source, each.output, quantised=each.quantised, matrix=each.matrix
        )
        for each, source in sources
        if source is not None and each.width > 1
    ]
    tokens = _tokens(flow, tables)
    if tokens is None:
        return ()
    beside = [table for table in tables if table.ids_input != tokens.ids_input and _is_added(flow, tokens, table)]
    return tuple(
        replace(table, role="segments") if table in beside else table
        for table in tables
        if table not in beside or not is_of_positions(table.ids_input, table.rows)
    )


def is_of_positions(ids_input: str, rows: int) -> bool:
    """Is a table beside the tokens' looked up by places: by its input's name, which is how people who feed a graph know
    it as well, or by its length?"""
    return "position" in ids_input.lower() or rows > SEGMENTS


def token_table(tables: tuple[EmbeddingTable, ...]) -> EmbeddingTable | None:
    """The table of the vocabulary: the one with the most rows, the first of equals."""
    return max((table for table in tables if table.role == "tokens"), key=lambda table: table.rows, default=None)


def _tokens(flow: Dataflow, tables: list[EmbeddingTable]) -> EmbeddingTable | None:
    """The table with as many rows as an output has scores; otherwise that with the most rows whose input is not named
    as one of positions, which is what people who feed a graph go by as well."""
    widths = {info.shape[-1] for info in flow.graph.outputs if len(info.shape) > 1}
    scored = [table for table in tables if table.rows in widths and table.rows > SEGMENTS]
    named = [table for table in tables if not is_of_positions(table.ids_input, 0)]
    return max(scored or named or tables, key=lambda table: table.rows, default=None)


def _is_added(flow: Dataflow, tokens: EmbeddingTable, other: EmbeddingTable) -> bool:
    """Are the two tables' vectors of one width and added up, before any product with weights?"""
    if not (tokens.output and other.output):
        return tokens.initializer != other.initializer and tokens.output == other.output  # in one fused operator
    return tokens.width == other.width and any(
        node.op in ("Add", "Sum", "QLinearAdd", "SkipLayerNormalization")
        and flow.node_depends(node, tokens.output)
        and flow.node_depends(node, other.output)
        and not any(flow.is_behind_weights(name) for name in node.inputs)
        for node in flow.graph.nodes
    )


def after_cast(flow: Dataflow, tensor: str) -> str:
    """The tensor after a cast to another precision, if a Cast is all that reads it."""
    users = flow.graph.consumers(tensor)
    return users[0].outputs[0] if len(users) == 1 and users[0].op == "Cast" else tensor


def ids_source(flow: Dataflow, tensor: str) -> str | None:
    """The integer input of the graph that a tensor of ids is, unchanged; None if it is computed."""
    inputs = {info.name for info in flow.graph.inputs if info.dtype in _INTEGERS}
    while tensor not in inputs:
        node = flow.graph.producer(tensor)
        if node is None:
            return None
        if node.op not in _UNCHANGED_IDS:
            same = unchanged_source(flow, tensor)
            return same if same in inputs else None
        data = [name for name in node.inputs if flow.is_data(name)]
        # Where(mask, ids, constant): the ids are one of the last two.
        candidates = [name for name in node.inputs[1:] if name in data] if node.op == "Where" else data[:1]
        if len(candidates) != 1:
            same = unchanged_source(flow, tensor)
            return same if same in inputs else None
        tensor = candidates[0]
    return tensor


def _lookups(flow: Dataflow, node: Node) -> Iterator[Lookup]:
    if node.op == "Gather" and node.attributes.get("axis", 0) == 0:
        yield from _gathered(flow, node)
    elif node.op == "GatherBlockQuantized" and node.attributes.get("gather_axis", 0) == 0:
        yield from _gathered_in_blocks(flow, node)
    elif node.op == "EmbedLayerNormalization":
        yield from _fused(flow, node)


def _gathered(flow: Dataflow, node: Node) -> Iterator[Lookup]:
    stored = stored_rows(flow, node.input(0))
    if stored is None:
        return
    output, quantised = after_cast(flow, node.outputs[0]), None
    if not stored.weight.dtype.startswith(_FLOATS):
        floats = stored.dequantised or _dequantised(flow, node.outputs[0])
        if floats is None or not all(flow.is_constant(name) for name in floats.inputs[1:] if name):
            return
        quantised = Quantised(floats.input(1), floats.input(2))
        if floats.inputs[0] == node.outputs[0]:
            output = floats.outputs[0]
    yield _lookup(node, stored, stored.columns, node.input(1), output, quantised)


def _lookup(
    node: Node, stored: StoredRows, width: int, ids: str, output: str, quantised: Quantised | None = None
) -> Lookup:
    matrix = node.inputs[0] if stored.nodes else ""
    return Lookup(node, stored.weight.name, stored.rows, width, ids, output, quantised, matrix)


def _dequantised(flow: Dataflow, tensor: str) -> Node | None:
    """What turns rows of whole numbers into floats."""
    return next((node for node in flow.graph.consumers(tensor) if node.op == "DequantizeLinear"), None)


def _gathered_in_blocks(flow: Dataflow, node: Node) -> Iterator[Lookup]:
    """com.microsoft.GatherBlockQuantized: inputs data, indices, scales, zero_points; a scale for each block of a row.
    Numbers of 4 bits come as a type of their own or two in a byte."""
    stored, scales = stored_rows(flow, node.input(0)), flow.weight_behind(node.input(2))
    zeros = flow.weight_behind(node.input(3)) if node.input(3) else None
    block, bits = node.attributes.get("block_size", 128), node.attributes.get("bits", 4)
    along_rows = node.attributes.get("quantize_axis", 1) in (1, -1)
    if stored is None or scales is None or not along_rows or bool(zeros) != bool(node.input(3)):
        return
    if not isinstance(block, int) or not isinstance(bits, int):
        return
    packed = 8 // bits if stored.weight.dtype == "uint8" else 1
    quantised = Quantised(scales.name, zeros.name if zeros else "", bits, block)
    yield _lookup(node, stored, stored.columns * packed, node.input(1), after_cast(flow, node.outputs[0]), quantised)


def _fused(flow: Dataflow, node: Node) -> Iterator[Lookup]:
    """com.microsoft.EmbedLayerNormalization: inputs input_ids, segment_ids, word, position and segment table, …, and
    position_ids as the ninth; without those it counts.

    The looked-up vectors stay inside the operator, so these tables have no output.
    """
    for ids, place in ((node.input(0), 2), (node.input(1), 4), (node.input(8), 3)):
        weight = flow.weight_behind(node.input(place)) if ids else None
        if weight is not None and len(weight.shape) == 2:
            yield Lookup(node, weight.name, weight.shape[0], weight.shape[1], ids, "")
