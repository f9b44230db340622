"""Recurrent layers in plain operators, numbered among those that are operators of their own."""

from __future__ import annotations

from collections.abc import Sequence

from embstudio.anatomy.anatomy import PointSource, RecurrentLayer
from embstudio.anatomy.cells.describe import described
from embstudio.anatomy.cells.say import point_name
from embstudio.anatomy.cells.unrolled import find_written
from embstudio.anatomy.dataflow import Dataflow
from embstudio.modelfile.graph import Graph
from embstudio.trace import points

_FEWEST_NODES = 12  # of a graph in which two steps of anything can be written out


def find_cells(flow: Dataflow, operators: Sequence[RecurrentLayer]) -> tuple[RecurrentLayer, ...]:
    """The recurrent layers that no operator stands for. operators: those that one does.

    A layer's number is its depth: one more than that of the deepest layer whose states it reads.
    """
    if len(flow.graph.nodes) < _FEWEST_NODES:
        return ()
    taken = {(layer.layer, layer.kind, direction) for layer in operators for direction in layer.directions}
    made = [(layer.layer, _outputs(flow.graph, layer)) for layer in operators]
    layers = []
    for written in find_written(flow):
        layer = described(flow, written)
        if layer is None:
            continue
        inputs = [name for link in written.links if link is not None for name in link.signature.inputs]
        below = [depth for depth, states in made if any(flow.is_ancestor(s, name) for s in states for name in inputs)]
        depth = max(below, default=-1) + 1
        while (depth, layer.kind, layer.directions[0]) in taken:
            depth += 1  # a second tower of the same depth counts on
        taken.add((depth, layer.kind, layer.directions[0]))
        made.append((depth, [step.h for step in written.steps]))
        layers.append(_numbered(layer, depth))
    return tuple(sorted(layers, key=lambda layer: (layer.layer, layer.directions)))


def cell_points(layers: Sequence[RecurrentLayer]) -> tuple[PointSource, ...]:
    """The gates and states that the cells have. Their tensors are put together when they are looked into."""
    axes = {kind.template.rpartition(".")[2]: kind.axes for kind in points.KINDS if "{direction}" in kind.template}
    return tuple(
        PointSource(point_name(layer, gate.name), axes[gate.name])
        for layer in layers
        if layer.cell is not None
        for gate in layer.cell.gates
    )


def _outputs(graph: Graph, layer: RecurrentLayer) -> list[str]:
    return [name for name in graph.nodes[layer.node].outputs if name]


def _numbered(layer: RecurrentLayer, depth: int) -> RecurrentLayer:
    return RecurrentLayer(layer.kind, depth, layer.directions, layer.units, layer.input_width, layer.activations,
                          layer.node, layer.cell)  # fmt: skip
