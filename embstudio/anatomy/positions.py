"""A learned table of positions: rows looked up by place, as wide as the word vectors they are added to."""

from __future__ import annotations

from dataclasses import dataclass

from embstudio.anatomy.anatomy import EmbeddingTable
from embstudio.anatomy.dataflow import Dataflow
from embstudio.anatomy.embedding import ids_source


@dataclass(frozen=True)
class PositionTable:
    """The weight and its number of rows. Some architectures keep the first rows for padding (OPT, RoBERTa: 2)."""

    initializer: str
    rows: int


def find_positions(flow: Dataflow, tokens: EmbeddingTable | None) -> PositionTable | None:
    """The first matrix as wide as the word vectors that is looked up by something other than an input's ids.

    Rotary tables are narrower (one head wide), and so are tables of relative distances (one entry a head).
    """
    if tokens is None:
        return None
    for node in flow.graph.nodes:
        if node.op == "EmbedLayerNormalization" and node.domain:
            weight = flow.weight_behind(node.input(3))
        elif node.op == "Gather" and node.attributes.get("axis", 0) == 0 and ids_source(flow, node.input(1)) is None:
            weight = flow.weight_behind(node.input(0))
        else:
            continue
        if weight is None or weight.name == tokens.initializer or len(weight.shape) != 2:
            continue
        if weight.shape[1] == tokens.width and weight.dtype.startswith(("float", "bfloat")):
            return PositionTable(weight.name, weight.shape[0])
    return None
