"""Values replaced in cells that stand in plain operators, step behind step or run by a Loop or Scan of the file.

Each gate or state is computed under another name, and what takes its name is that or what it is replaced with.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import onnx
from onnx import GraphProto, ModelProto, NodeProto, helper

from embstudio.anatomy.anatomy import RecurrentLayer
from embstudio.anatomy.cells.say import point_name
from embstudio.anatomy.cells.written_cell import WrittenCell, WrittenGate
from embstudio.modelfile.onnx_graph import graph_of
from embstudio.session.graph_writer import GraphWriter
from embstudio.session.recurrent.overrides import Overrides, input_name

_ITERATION = 0  # place of a Loop body's input that counts the steps


def override_written(model: ModelProto, layers: Sequence[RecurrentLayer], overrides: Overrides) -> None:
    """Let inputs of the graph replace the values of those gates and states that `overrides` names, in place."""
    wanted = list(_wanted(layers, overrides))
    if not wanted:
        return
    graph = graph_of(model, Path())
    opset = next((entry.version for entry in model.opset_import if entry.domain in ("", "ai.onnx")), 1)
    for point, cell, gate in wanted:
        dtype = np.dtype(graph.dtype(gate.tensors[0]) or "float32")
        given = overrides.inputs_of(point, dtype)
        for place, tensor in enumerate(gate.updated or gate.tensors):
            out = GraphWriter(f"{input_name(point, 'at')}/{place}", opset)
            node = _runs(model.graph, tensor) if cell.operator else None
            if node is None:
                here = {part: out.add("Gather", [name, out.integer(place)], axis=0) for part, name in given.items()}
            elif cell.operator == "Loop":
                here = _in_loop(out, _body(node), given, backwards=cell.backwards)
            else:
                here = _scanned(out, node, given, overrides, backwards=cell.backwards)
            _write(out, here, tensor, dtype, complement=gate.complement)
            _put_behind(_body(node) if node is not None else model.graph, tensor, out.nodes)
    model.graph.input.extend(overrides.inputs)


def _wanted(layers: Sequence[RecurrentLayer], overrides: Overrides) -> Iterator[tuple[str, WrittenCell, WrittenGate]]:
    for layer in layers:
        for gate in layer.cell.gates if layer.cell else ():
            point = point_name(layer, gate.name)
            if layer.cell is not None and point in overrides:
                yield point, layer.cell, gate


def _runs(graph: GraphProto, tensor: str) -> NodeProto:
    """The Loop or Scan in whose body a tensor is made."""
    loops = (node for node in graph.node if node.op_type in ("Loop", "Scan"))
    return next(node for node in loops if any(tensor in inner.output for inner in _body(node).node))


def _body(node: NodeProto) -> GraphProto:
    return next(given.g for given in node.attribute if given.name == "body")


def _in_loop(out: GraphWriter, body: GraphProto, given: Mapping[str, str], *, backwards: bool) -> dict[str, str]:
    """What replaces a value at the token of a Loop's step. Steps count from 0; a negative place, from the end."""
    step = out.add("Reshape", [body.input[_ITERATION].name, out.integers([])])
    place = out.add("Sub", [out.integer(-1), step]) if backwards else step
    return {part: out.add("Gather", [name, place], axis=0) for part, name in given.items()}


def _scanned(
    out: GraphWriter, node: NodeProto, given: Mapping[str, str], overrides: Overrides, *, backwards: bool
) -> dict[str, str]:
    """The same where a Scan hands each step its token's part of its inputs."""
    types = {value.name: value.type.tensor_type.elem_type for value in overrides.inputs}
    attributes = {each.name: each for each in node.attribute}
    scanned = attributes["num_scan_inputs"].i
    for name in ("scan_input_directions", "scan_input_axes"):
        values = list(attributes[name].ints) if name in attributes else [0] * scanned
        added = int(backwards) if name == "scan_input_directions" else 0
        if name in attributes:
            node.attribute.remove(attributes[name])
        node.attribute.append(helper.make_attribute(name, [*values, *[added] * len(given)]))
    attributes["num_scan_inputs"].i = scanned + len(given)
    body, here = _body(node), {}
    for part, name in given.items():
        here[part] = out.fresh()
        node.input.append(name)
        body.input.append(helper.make_tensor_value_info(here[part], types[name], None))
    return here


def _write(out: GraphWriter, here: Mapping[str, str], tensor: str, dtype: np.dtype, *, complement: bool) -> None:
    """`tensor` of what was computed for it and of what replaces it at one token. complement: it holds 1 − the gate."""
    one, computed = out.constant(np.array(1, dtype)), _computed(tensor)
    value = out.add("Sub", [one, computed]) if complement else computed
    value = out.add("Add", [out.add("Mul", [value, here["factor"]]), here["added"]])
    value = out.add("Where", [here["set"], here["added"], value])
    value = out.add("Sub", [one, value]) if complement else value
    out.add("Where", [here["changed"], value, computed], tensor)


def _computed(tensor: str) -> str:
    return f"{tensor}/as computed"


def _put_behind(graph: GraphProto, tensor: str, written: Sequence[onnx.NodeProto]) -> None:
    """Put nodes that make a tensor behind the node that made it so far."""
    nodes: list[NodeProto] = []
    for node in graph.node:
        nodes.append(node)
        if tensor in node.output:
            node.output[list(node.output).index(tensor)] = _computed(tensor)
            nodes.extend(written)
    del graph.node[:]
    graph.node.extend(nodes)
