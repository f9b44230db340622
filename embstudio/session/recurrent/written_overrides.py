"""Values replaced in cells whose steps stand one behind the other in plain operators."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import onnx

from embstudio.anatomy.anatomy import RecurrentLayer
from embstudio.anatomy.cells.say import point_name
from embstudio.anatomy.cells.written_cell import WrittenGate
from embstudio.base.errors import UnsupportedModelError
from embstudio.modelfile.onnx_graph import graph_of
from embstudio.session.graph_writer import GraphWriter
from embstudio.session.recurrent.overrides import Overrides, input_name


def override_written(model: onnx.ModelProto, layers: Sequence[RecurrentLayer], overrides: Overrides) -> None:
    """Let inputs of the graph replace the values of gates and states, in place: each is computed under another name,
    and what takes its name is that or what it is replaced with.

    Raises UnsupportedModelError for a cell that a Loop or Scan of the file itself runs.
    """
    wanted = list(_wanted(layers, overrides))
    if not wanted:
        return
    graph = graph_of(model, Path())
    opset = next((entry.version for entry in model.opset_import if entry.domain in ("", "ai.onnx")), 1)
    made: dict[str, list[onnx.NodeProto]] = {}
    for point, gate in wanted:
        dtype = np.dtype(graph.dtype(gate.tensors[0]) or "float32")
        given = overrides.inputs_of(point, dtype)
        for place, tensor in enumerate(gate.tensors):
            out = GraphWriter(f"{input_name(point, 'at')}/{place}", opset)
            _write(out, given, place, tensor, dtype, complement=gate.complement)
            made[tensor] = out.nodes
    nodes: list[onnx.NodeProto] = []
    for node in model.graph.node:
        nodes.append(node)
        for place, name in enumerate(node.output):
            if name in made:
                node.output[place] = _computed(name)
                nodes.extend(made[name])
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    model.graph.input.extend(overrides.inputs)


def _wanted(layers: Sequence[RecurrentLayer], overrides: Overrides) -> Iterator[tuple[str, WrittenGate]]:
    for layer in layers:
        for gate in layer.cell.gates if layer.cell else ():
            point = point_name(layer, gate.name)
            if point not in overrides:
                continue
            if layer.cell is not None and layer.cell.operator:
                raise UnsupportedModelError(
                    f"What a {layer.cell.operator} of the file itself computes cannot be replaced.", where=point,
                    advice="Gates of RNN, GRU and LSTM operators can be, and those of cells that are written out step "
                    "by step.",
                )  # fmt: skip
            yield point, gate


def _computed(tensor: str) -> str:
    return f"{tensor}/as computed"


def _write(
    out: GraphWriter, given: dict[str, str], place: int, tensor: str, dtype: np.dtype, *, complement: bool
) -> None:
    """`tensor` of what was computed for it and of what replaces it at one token."""
    here = {part: out.add("Gather", [name, out.integer(place)], axis=0) for part, name in given.items()}
    one, computed = out.constant(np.array(1, dtype)), _computed(tensor)
    value = out.add("Sub", [one, computed]) if complement else computed
    value = out.add("Add", [out.add("Mul", [value, here["factor"]]), here["added"]])
    value = out.add("Where", [here["set"], here["added"], value])
    value = out.add("Sub", [one, value]) if complement else value
    out.add("Where", [here["changed"], value, computed], tensor)
