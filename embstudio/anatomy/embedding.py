"""Embedding tables: rows looked up by integer ids that come, unchanged, from an input of the graph.

A Gather along axis 0 of a matrix, or onnxruntime's EmbedLayerNormalization. Ids may be sliced, cast or reshaped on
their way; what is computed from them by arithmetic (RoBERTa's positions count the ids that are not padding) is no id.
"""

from __future__ import annotations

from embstudio.anatomy.anatomy import EmbeddingTable
from embstudio.anatomy.dataflow import Dataflow
from embstudio.modelfile.graph import Node

_UNCHANGED_IDS = frozenset({
    "Cast", "Identity", "Slice", "Reshape", "Squeeze", "Unsqueeze", "Transpose", "Flatten", "Where", "Expand", "Clip",
})  # fmt: skip
_INTEGERS = frozenset({"int64", "int32"})


def find_embeddings(flow: Dataflow) -> tuple[EmbeddingTable, ...]:
    """The tables, in the order of the graph."""
    tables = []
    for node in flow.graph.nodes:
        if node.op == "Gather":
            table = _gathered(flow, node)
            if table:
                tables.append(table)
        elif node.op == "EmbedLayerNormalization":
            tables.extend(_fused(flow, node))
    return tuple(tables)


def token_table(tables: tuple[EmbeddingTable, ...]) -> EmbeddingTable | None:
    """The table of the vocabulary: the one with the most rows, the first of equals (segments have 2 rows)."""
    return max(tables, key=lambda table: table.rows, default=None)


def after_cast(flow: Dataflow, tensor: str) -> str:
    """The tensor after a cast to another precision, if a Cast is all that reads it."""
    users = flow.graph.consumers(tensor)
    return users[0].outputs[0] if len(users) == 1 and users[0].op == "Cast" else tensor


def ids_source(flow: Dataflow, tensor: str) -> str | None:
    """The integer input of the graph that a tensor of ids is, unchanged; None if it is computed."""
    inputs = {info.name for info in flow.graph.inputs if info.dtype in _INTEGERS}
    while tensor not in inputs:
        node = flow.graph.producer(tensor)
        if node is None or node.op not in _UNCHANGED_IDS:
            return None
        data = [name for name in node.inputs if flow.is_data(name)]
        # Where(mask, ids, constant): the ids are one of the last two.
        candidates = [name for name in node.inputs[1:] if name in data] if node.op == "Where" else data[:1]
        if len(candidates) != 1:
            return None
        tensor = candidates[0]
    return tensor


def _gathered(flow: Dataflow, node: Node) -> EmbeddingTable | None:
    weight = flow.weight_behind(node.input(0))
    if weight is None or len(weight.shape) != 2 or node.attributes.get("axis", 0) != 0:
        return None
    source = ids_source(flow, node.input(1))
    if source is None:
        return None
    rows, width = weight.shape
    return EmbeddingTable(weight.name, rows, width, source, after_cast(flow, node.outputs[0]))


def _fused(flow: Dataflow, node: Node) -> list[EmbeddingTable]:
    """com.microsoft.EmbedLayerNormalization: inputs input_ids, segment_ids, word, position and segment table, …

    The looked-up vectors stay inside the operator, so these tables have no output.
    """
    tables = []
    for ids, place in ((node.input(0), 2), (node.input(1), 4)):
        weight = flow.weight_behind(node.input(place)) if ids else None
        source = ids_source(flow, ids) if ids else None
        if weight is not None and source is not None and len(weight.shape) == 2:
            tables.append(EmbeddingTable(weight.name, weight.shape[0], weight.shape[1], source, ""))
    return tables
