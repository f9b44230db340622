"""RNN, GRU and LSTM nodes rewritten as a Scan of primitive operators, so that every gate of every token comes out.

ONNX's recurrent operators return h for every token and the last c; no gates. The rewrite computes the same sums in
the same order of gates (i, o, f, c; z, r, h) and keeps the node's own outputs under their own names, so nothing after
it changes.

Sources: the operators RNN, GRU, LSTM and Scan of the ONNX specification; onnxruntime's DynamicQuantizeLSTM.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import onnx

from embstudio.anatomy.anatomy import PointSource, RecurrentLayer
from embstudio.anatomy.recurrent_node import RecurrentNode, recurrent_node
from embstudio.modelfile.onnx_graph import plain_node
from embstudio.session.graph_writer import GraphWriter
from embstudio.session.recurrent.element_types import ElementTypes
from embstudio.session.recurrent.newer_operators import at_least
from embstudio.session.recurrent.operands import Operands
from embstudio.session.recurrent.overrides import Overrides
from embstudio.session.recurrent.scan_cells import ScanCell
from embstudio.session.recurrent.scan_loop import ScanLoop

LAYOUT = ("pos", "batch", "unit")
AXES = ("pos", "unit")
_OLDEST = 9  # the operator set that has Scan, Where and ConstantOfShape
_OLDEST_QUANTISED = 11  # and that which has DynamicQuantizeLinear


@dataclass(frozen=True)
class ScanCopy:
    """A copied model with its recurrent nodes opened up.

    points: where each gate and state is found in `model`; only of the layers that could be rewritten.
    notes:  a plain sentence for each layer that was left as it is, and why.
    """

    model: onnx.ModelProto
    points: tuple[PointSource, ...]
    notes: tuple[str, ...]


def copy_with_scans(model: onnx.ModelProto, layers: Sequence[RecurrentLayer], replaced: Iterable[str] = ()) -> ScanCopy:
    """A copy of `model` in which each of `layers` is a Scan whose gates are tensors. `model` itself stays as it is.

    replaced: names of points whose values are to be replaced, by further inputs of the copy; see `recurrent.overrides`.
    """
    newer = at_least(model, _OLDEST)
    copied = onnx.ModelProto()
    copied.CopyFrom(model if newer is None else newer)
    overrides, types = Overrides(replaced), ElementTypes(copied)
    by_output = {_made_by(model.graph.node[layer.node]): layer for layer in layers if layer.node >= 0}
    nodes: list[onnx.NodeProto] = []
    points: list[PointSource] = []
    notes: list[str] = []
    for node in copied.graph.node:
        layer = by_output.get(_made_by(node))
        if layer is None:
            nodes.append(node)
            continue
        try:
            found = _covered(node, copied)
        except ValueError as error:
            notes.append(f"The gates of {layer.kind} layer {layer.layer} cannot be shown: {error}.")
            nodes.append(node)
            continue
        out = GraphWriter(f"embstudio:{layer.kind}.{layer.layer}.{'.'.join(layer.directions)}", _opset(copied))
        points.extend(_write(found, layer, out, types.of(found), overrides))
        nodes.extend(out.nodes)
    del copied.graph.node[:]
    copied.graph.node.extend(nodes)
    copied.graph.input.extend(overrides.inputs)
    return ScanCopy(copied, tuple(points), tuple(notes))


def _covered(node: onnx.NodeProto, model: onnx.ModelProto) -> RecurrentNode:
    """A node taken apart. Raises ValueError, with the end of a sentence, for what cannot be rewritten."""
    found, opset = recurrent_node(plain_node(0, node)), _opset(model)
    if found is None:
        raise ValueError(f"{node.op_type} is no recurrent operator")
    oldest = _OLDEST_QUANTISED if found.quantised else _OLDEST
    if opset < oldest:
        raise ValueError(f"operator set {opset} is too old to open it up, and it could not be brought to {oldest}")
    return found


def _write(
    node: RecurrentNode, layer: RecurrentLayer, out: GraphWriter, elem_type: int, overrides: Overrides
) -> list[PointSource]:
    """Emit everything: the Scan of each direction, then Y, Y_h and Y_c. Returns where the gates and states are."""
    operands = Operands(node, layer.units, out, elem_type)
    mask = operands.mask()
    points, ends = [], []
    for at, direction in enumerate(node.directions):
        prefix = f"{layer.kind}.{layer.layer}.{direction}"
        loop = ScanLoop(out, direction, reverse=direction == "reverse", dtype=operands.elem_type, mask=mask)
        tensors = ScanCell(operands, out, loop, at, prefix, overrides).write()
        for name in [name for name in tensors if not name.endswith("_last")]:
            if mask:  # past the end of a sequence everything is 0, as the operator says of Y
                tensors[name] = out.add("Where", [mask, tensors[name], out.constant(operands.zero)])
            points.append(PointSource(f"{prefix}.{name}", AXES, tensors[name], LAYOUT))
        ends.append(tensors)
    operands.close(ends)
    return points


def _made_by(node: onnx.NodeProto) -> str:
    """What tells a node from others, in whatever order they stand."""
    return next(filter(None, node.output), "")


def _opset(model: onnx.ModelProto) -> int:
    return next((entry.version for entry in model.opset_import if entry.domain in ("", "ai.onnx")), 0)
