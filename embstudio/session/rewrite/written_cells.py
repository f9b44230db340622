"""Gates and states of cells in plain operators, put together over all tokens as tensors of their own.

Where the steps stand one behind the other nothing is replaced: the tensors of the steps are stacked beside the graph.
"""

from __future__ import annotations

from collections.abc import Iterable

from onnx import ModelProto

from embstudio.anatomy.anatomy import PointSource, RecurrentLayer
from embstudio.anatomy.cells.say import point_name
from embstudio.anatomy.cells.written_cell import WrittenGate
from embstudio.session.graph_writer import GraphWriter

LAYOUT = ("pos", "batch", "unit")
AXES = ("pos", "unit")


def show_cells(model: ModelProto, layers: Iterable[RecurrentLayer]) -> tuple[PointSource, ...]:
    """Adds to `model`, in place, a tensor [pos, batch, unit] for each gate and state; returns where they are."""
    opset = next((entry.version for entry in model.opset_import if entry.domain in ("", "ai.onnx")), 0)
    points: list[PointSource] = []
    for layer in layers:
        cell = layer.cell
        if cell is None:
            continue
        out = GraphWriter(f"embstudio:{layer.kind}.{layer.layer}.{layer.directions[0]}", opset)
        shape = out.integers([1, -1, layer.units])
        for gate in cell.gates:
            tensor = _stacked(out, gate, shape)
            points.append(_source(layer, gate, tensor))
        model.graph.node.extend(out.nodes)
    return tuple(points)


def _stacked(out: GraphWriter, gate: WrittenGate, shape: str) -> str:
    """Some steps may have an axis of length 1 more than others, where a first state of zeros brought it in."""
    return out.add("Concat", [out.add("Reshape", [tensor, shape]) for tensor in gate.tensors], axis=0)


def _source(layer: RecurrentLayer, gate: WrittenGate, tensor: str) -> PointSource:
    name = point_name(layer, gate.name)
    if gate.complement:
        return PointSource(name, AXES, tensor, LAYOUT, factor=-1.0, offset=1.0)
    return PointSource(name, AXES, tensor, LAYOUT)
