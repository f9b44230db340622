"""Gates and states of cells in plain operators, put together over all tokens as tensors of their own.

Nothing is replaced. Where the steps stand one behind the other their tensors are stacked beside the graph; where a
Loop or Scan runs them, its body hands out a few more tensors at each step.
"""

from __future__ import annotations

from collections.abc import Iterable

from onnx import GraphProto, ModelProto, NodeProto, ValueInfoProto

from embstudio.anatomy.anatomy import PointSource, RecurrentLayer
from embstudio.anatomy.cells.say import point_name
from embstudio.anatomy.cells.written_cell import WrittenCell, WrittenGate
from embstudio.session.graph_writer import GraphWriter

LAYOUT = ("pos", "batch", "unit")
AXES = ("pos", "unit")
_BEFORE_ALL = -(2**31)  # where a slice that goes backwards ends


def show_cells(model: ModelProto, layers: Iterable[RecurrentLayer]) -> tuple[PointSource, ...]:
    """Adds to `model`, in place, a tensor [pos, batch, unit] for each gate and state; returns where they are."""
    opset = next((entry.version for entry in model.opset_import if entry.domain in ("", "ai.onnx")), 0)
    points: list[PointSource] = []
    for layer in layers:
        if layer.cell is None:
            continue
        out = GraphWriter(f"embstudio:{layer.kind}.{layer.layer}.{layer.directions[0]}", opset)
        if layer.cell.operator:
            tensors = _handed_out(model.graph, layer.cell, layer.units, out)
        else:
            shape = out.integers([1, -1, layer.units])
            tensors = {gate.name: _stacked(out, gate, shape) for gate in layer.cell.gates}
        points += [_source(layer, gate, tensors[gate.name]) for gate in layer.cell.gates if gate.name in tensors]
        model.graph.node.extend(out.nodes)
    return tuple(points)


def _stacked(out: GraphWriter, gate: WrittenGate, shape: str) -> str:
    """Some steps may have an axis of length 1 more than others, where a first state of zeros brought it in."""
    return out.add("Concat", [out.add("Reshape", [tensor, shape]) for tensor in gate.tensors], axis=0)


def _handed_out(graph: GraphProto, cell: WrittenCell, units: int, out: GraphWriter) -> dict[str, str]:
    """Gates and states of a cell in a body, in the order of the text, by name; none if its operator is gone."""
    node = next((node for node in graph.node if _makes(node, cell.gates[0].tensors[0])), None)
    if node is None:
        return {}
    body = _body(node)
    inner = GraphWriter(f"{out.prefix}.step", out.opset)
    shape = inner.integers([-1, units])
    node.output.extend([out.fresh() for _ in range(len(body.output) - _not_outputs(node) - len(node.output))])
    tensors = {}
    for gate in cell.gates:
        inside = inner.add("Reshape", [gate.tensors[0], shape])
        body.output.append(ValueInfoProto(name=inside))
        tensors[gate.name] = out.fresh()
        node.output.append(tensors[gate.name])
    body.node.extend(inner.nodes)
    for given in node.attribute:
        if given.name in ("scan_output_directions", "scan_output_axes") and given.ints:
            given.ints.extend([0] * len(tensors))
    if not cell.backwards:
        return tensors
    last, end = out.integers([-1]), out.integers([_BEFORE_ALL])
    return {name: out.slice(tensor, last, end, axis=0, step=-1) for name, tensor in tensors.items()}


def _makes(node: NodeProto, tensor: str) -> bool:
    if node.op_type not in ("Loop", "Scan"):
        return False
    return any(tensor in inner.output for inner in _body(node).node)


def _body(node: NodeProto) -> GraphProto:
    return next(given.g for given in node.attribute if given.name == "body")


def _not_outputs(node: NodeProto) -> int:
    """How many of a body's outputs are none of the operator's: the condition of a Loop."""
    return 1 if node.op_type == "Loop" else 0


def _source(layer: RecurrentLayer, gate: WrittenGate, tensor: str) -> PointSource:
    name = point_name(layer, gate.name)
    if gate.complement:
        return PointSource(name, AXES, tensor, LAYOUT, factor=-1.0, offset=1.0)
    return PointSource(name, AXES, tensor, LAYOUT)
