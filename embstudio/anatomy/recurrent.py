"""Recurrent layers: the RNN, GRU and LSTM operators of ONNX.

A layer's number is its depth, the longest chain of recurrent operators before it: the two directions of a layer may
be two nodes side by side.
"""

from __future__ import annotations

from embstudio.anatomy.anatomy import PointSource, RecurrentLayer
from embstudio.anatomy.dataflow import Dataflow
from embstudio.modelfile.graph import Node
from embstudio.trace import points

_KINDS = {"RNN": "rnn", "GRU": "gru", "LSTM": "lstm"}
RECURRENT = frozenset(_KINDS)
_DIRECTIONS = {"forward": ("forward",), "reverse": ("reverse",), "bidirectional": ("forward", "reverse")}
# Defaults of the operator specifications, for one direction.
_ACTIVATIONS = {"rnn": ("Tanh",), "gru": ("Sigmoid", "Tanh"), "lstm": ("Sigmoid", "Tanh", "Tanh")}


def find_recurrent(flow: Dataflow) -> tuple[RecurrentLayer, ...]:
    """The recurrent layers by depth. Those whose weights are themselves computed from the input are left out."""
    nodes = [node for node in flow.graph.nodes if node.op in _KINDS and not node.domain]
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
        f"The {node.op} at node {node.index} is not opened: its weights are computed or their sizes unknown."
        for node in flow.graph.nodes
        if node.op in _KINDS and not node.domain and node.index not in found
    ]


def _feeds(flow: Dataflow, earlier: Node, later: Node) -> bool:
    return any(flow.node_depends(later, name) for name in earlier.outputs if name)


def _layer(flow: Dataflow, node: Node, layer: int) -> RecurrentLayer | None:
    """W is [directions, gates × units, input width], R is [directions, gates × units, units]."""
    if not (flow.is_constant(node.input(1)) and flow.is_constant(node.input(2))):
        return None
    W, R = flow.graph.shape(node.input(1)), flow.graph.shape(node.input(2))
    if W is None or R is None or len(W) != 3 or len(R) != 3:
        return None
    units, input_width = R[2], W[2]
    if not isinstance(units, int) or not isinstance(input_width, int):
        return None
    kind = _KINDS[node.op]
    directions = _DIRECTIONS.get(str(node.attributes.get("direction", "forward")), ("forward",))
    given = node.attributes.get("activations")
    activations = tuple(map(str, given)) if isinstance(given, list) and given else _ACTIVATIONS[kind] * len(directions)
    return RecurrentLayer(kind, layer, directions, units, input_width, activations, node.index)
