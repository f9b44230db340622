"""Recurrent layers in plain operators, numbered among those that are operators of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from embstudio.anatomy.anatomy import PointSource, RecurrentLayer
from embstudio.anatomy.cells.describe import described, described_body
from embstudio.anatomy.cells.looped import Looped, find_looped
from embstudio.anatomy.cells.masked import without_masks
from embstudio.anatomy.cells.say import point_name
from embstudio.anatomy.cells.unrolled import find_written
from embstudio.anatomy.dataflow import Dataflow
from embstudio.trace import points

_FEWEST_NODES = 12  # of a graph in which two steps of anything can be written out


def find_cells(flow: Dataflow, operators: Sequence[RecurrentLayer]) -> tuple[RecurrentLayer, ...]:
    """The recurrent layers that no operator stands for. operators: those that one does.

    A layer's number is its depth: one more than that of the deepest layer whose states it reads.
    """
    numbers = _Numbers(flow, operators)
    layers = []
    for looped in find_looped(flow):
        layer = described_body(flow, looped)
        if layer is not None:
            outputs = [name for name in looped.node.outputs if name]
            layers.append(numbers.given(layer, [looped.source], outputs, looped))
    if len(flow.graph.nodes) >= _FEWEST_NODES:
        unmasked = without_masks(flow)
        for written in find_written(unmasked.flow):
            layer = described(unmasked, written)
            if layer is not None:
                inputs = [name for link in written.links if link is not None for name in link.signature.inputs]
                layers.append(numbers.given(layer, inputs, [step.h for step in written.steps]))
    return tuple(sorted(layers, key=lambda layer: (layer.layer, layer.directions)))


class _Numbers:
    """Gives layers their numbers. Several cells in one body are told apart by what they read inside it."""

    def __init__(self, flow: Dataflow, operators: Sequence[RecurrentLayer]) -> None:
        self._flow = flow
        self._taken = {(layer.layer, layer.kind, direction) for layer in operators for direction in layer.directions}
        self._made: list[tuple[int, list[str], Looped | None]] = [
            (layer.layer, [name for name in flow.graph.nodes[layer.node].outputs if name], None) for layer in operators
        ]

    def given(
        self, layer: RecurrentLayer, inputs: Sequence[str], outputs: list[str], looped: Looped | None = None
    ) -> RecurrentLayer:
        """The layer with its number. inputs, outputs: what it reads and makes in the main graph."""
        below = [depth for depth, made, other in self._made if self._reads(inputs, made, looped, other)]
        depth = max(below, default=-1) + 1
        direction = layer.directions[0]
        while (depth, layer.kind, direction) in self._taken:
            depth += 1  # a second tower of the same depth counts on
        self._taken.add((depth, layer.kind, direction))
        self._made.append((depth, outputs, looped))
        return replace(layer, layer=depth)

    def _reads(self, inputs: Sequence[str], made: list[str], looped: Looped | None, other: Looped | None) -> bool:
        if looped is not None and other is not None and looped.node is other.node:
            inside = looped.link.signature.inputs
            return any(looped.flow.is_ancestor(other.step.h, name) for name in inside)
        return any(self._flow.is_ancestor(state, name) for state in made for name in inputs)


def cell_points(layers: Sequence[RecurrentLayer]) -> tuple[PointSource, ...]:
    """The gates and states that the cells have. Their tensors are put together when they are looked into."""
    axes = {kind.template.rpartition(".")[2]: kind.axes for kind in points.KINDS if "{direction}" in kind.template}
    return tuple(
        PointSource(point_name(layer, gate.name), axes[gate.name])
        for layer in layers
        if layer.cell is not None
        for gate in layer.cell.gates
    )
