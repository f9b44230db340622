"""The matrix that rows are looked up in, and what the file makes it of.

Where an output head shares its weights with the table, the file may hold them in the head's form: turned round
[width, rows], or quantised in blocks [rows, blocks, bytes of a block], which a Transpose or a Reshape makes a table of.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from embstudio.anatomy.dataflow import Dataflow
from embstudio.modelfile.graph import Graph, Node, Weight

_SHAPED = frozenset({"Reshape", "Squeeze", "Unsqueeze", "Flatten"})
_AS_IT_IS = frozenset({"Cast", "CastLike", "Identity", "DequantizeLinear"})
_DEEPEST = 16


@dataclass(frozen=True)
class StoredRows:
    """[rows, columns] of a matrix, made of `weight` by `nodes`, the last first; none where it is the weight itself."""

    weight: Weight
    rows: int
    columns: int
    nodes: tuple[Node, ...] = ()

    @property
    def dequantised(self) -> Node | None:
        """The node that turns whole numbers into floats on the way."""
        return next((node for node in self.nodes if node.op == "DequantizeLinear"), None)


def stored_rows(flow: Dataflow, tensor: str) -> StoredRows | None:
    """How a matrix is made of a weight by turning it round and by other shapes; None if it is not."""
    nodes: list[Node] = []
    shape, made = flow.graph.shape(tensor), tensor
    while (weight := flow.graph.weight(made)) is None:
        node = flow.graph.producer(made)
        if node is None or not flow.is_constant(made) or len(nodes) == _DEEPEST or not _is_known(flow.graph, node):
            return None
        nodes.append(node)
        made = node.inputs[0]
    if shape is None or len(shape) != 2:
        return None
    rows, columns = shape
    if not isinstance(rows, int) or not isinstance(columns, int) or rows * columns != weight.size:
        return None
    return StoredRows(weight, rows, columns, tuple(nodes))


def _is_known(graph: Graph, node: Node) -> bool:
    if node.op in _SHAPED:
        return all(isinstance(length, int) for length in graph.shape(node.outputs[0]) or (None,))
    return node.op in _AS_IT_IS or node.op == "Transpose"


def matrix_values(graph: Graph, tensor: str) -> np.ndarray:
    """The numbers of a matrix that `stored_rows` knows, as they are stored. Raises ModelFileError if they cannot be
    read."""
    weight, node = graph.weight(tensor), graph.producer(tensor)
    if weight is not None or node is None:
        return graph.weights[tensor].values
    values = matrix_values(graph, node.inputs[0])
    if node.op == "Transpose":
        order = node.attributes.get("perm")
        return values.transpose(order if isinstance(order, list) else None)
    if node.op in _SHAPED:
        return values.reshape([length for length in graph.shape(tensor) or () if isinstance(length, int)])
    return values
