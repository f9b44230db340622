"""Recurrent layers: the RNN, GRU and LSTM operators of ONNX, and onnxruntime's quantised LSTM.

A layer's number is its depth, the longest chain of recurrent operators before it: the two directions of a layer may
be two nodes side by side.
"""

from __future__ import annotations

from embstudio.anatomy.anatomy import PointSource, RecurrentLayer
from embstudio.anatomy.dataflow import Dataflow
from embstudio.anatomy.recurrent_node import KINDS, recurrent_node
from embstudio.anatomy.recurrent_sizes import misfit
from embstudio.modelfile.graph import Node
from embstudio.trace import points

RECURRENT = frozenset(op for _, op in KINDS)


def find_recurrent(flow: Dataflow) -> tuple[RecurrentLayer, ...]:
    """The recurrent layers by depth. Those of unknown size, or whose parts do not fit together, are left out."""
    nodes = [node for node in flow.graph.nodes if (node.domain, node.op) in KINDS]
    depth: dict[int, int] = {}
    taken: set[tuple[int, str, str]] = set()
    layers = []
    for node in nodes:
        before = [depth[other.index] + 1 for other in nodes if other.index in depth and _feeds(flow, other, node)]
        depth[node.index] = max(before, default=0)
        layer = _layer(flow, node, depth[node.index])
        if layer is None:
            continue
        while any((layer.layer, layer.kind, direction) in taken for direction in layer.directions):
            layer = _layer(flow, node, layer.layer + 1) or layer  # a second tower of the same depth counts on
        depth[node.index] = layer.layer
        taken.update((layer.layer, layer.kind, direction) for direction in layer.directions)
        layers.append(layer)
    return tuple(sorted(layers, key=lambda layer: (layer.layer, layer.node)))


def recurrent_points(layers: tuple[RecurrentLayer, ...]) -> tuple[PointSource, ...]:
    """Every gate and state. Their tensors are made when the node is opened up, so none is named here."""
    return tuple(
        PointSource(kind.template.format(layer=layer.layer, direction=direction), kind.axes)
        for layer in layers
        for direction in layer.directions
        for kind in points.KINDS
        if kind.template.startswith(f"{layer.kind}.")
    )


def unopened(flow: Dataflow, layers: tuple[RecurrentLayer, ...]) -> list[str]:
    """A sentence for each recurrent operator that is not among the layers."""
    found = {layer.node for layer in layers}
    return [
        f"The {node.op} at node {node.index} is not opened: {_why(flow, node)}."
        for node in flow.graph.nodes
        if (node.domain, node.op) in KINDS and node.index not in found
    ]


def _why(flow: Dataflow, node: Node) -> str:
    try:
        found = recurrent_node(node)
    except ValueError as error:
        return str(error)
    return (misfit(flow.graph, found) if found else "") or "the sizes of its weights are unknown"


def _feeds(flow: Dataflow, earlier: Node, later: Node) -> bool:
    return any(flow.node_depends(later, name) for name in earlier.outputs if name)


def _layer(flow: Dataflow, node: Node, layer: int) -> RecurrentLayer | None:
    """W is [directions, gates × units, input width], R is [directions, gates × units, units]; quantised ones stand the
    other way round. None where their shapes or the node's attributes say nothing that makes sense."""
    try:
        found = recurrent_node(node)
    except ValueError:
        return None
    W, R = flow.graph.shape(node.input(1)), flow.graph.shape(node.input(2))
    if found is None or W is None or R is None or len(W) != 3 or len(R) != 3:
        return None
    units, input_width = (R[1], W[1]) if found.quantised else (R[2], W[2])
    if not isinstance(units, int) or not isinstance(input_width, int) or misfit(flow.graph, found):
        return None
    names = tuple(each.name for direction in found.activations for each in direction)
    return RecurrentLayer(found.kind, layer, found.directions, units, input_width, names, node.index)
