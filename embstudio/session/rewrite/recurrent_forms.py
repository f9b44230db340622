"""Recurrent operators in forms that onnxruntime refuses, brought to the one that it runs: tokens first, single floats,
the number of units stated.

onnxruntime's CPU kernels of RNN, GRU and LSTM take layout 0 alone, and neither double precision nor bfloat16; half
precision they are given as single by onnxruntime itself.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import onnx
from onnx import TensorProto, helper

from embstudio.anatomy.recurrent_node import KINDS, RecurrentNode, recurrent_node
from embstudio.modelfile.onnx_graph import graph_of, plain_node
from embstudio.session.graph_writer import GraphWriter
from embstudio.session.recurrent.element_types import ElementTypes

_REFUSED = {int(TensorProto.DOUBLE): "double precision", int(TensorProto.BFLOAT16): "bfloat16"}
_STATES = (5, 6)  # places of the initial states among the inputs
_LENGTHS = 4  # and of the lengths, which are whole numbers
_TURNED_STATE, _TURNED_Y = [1, 0, 2], [2, 0, 1, 3]


def open_recurrent_forms(model: onnx.ModelProto) -> tuple[str, ...]:
    """Rewrite what onnxruntime refuses, in place; says how many nodes of each form there were."""
    if not any((_domain(node), node.op_type) in KINDS for node in model.graph.node):
        return ()
    sized = _state_sizes(model)
    types, nodes, turned, narrowed = ElementTypes(model), list[onnx.NodeProto](), Counter[str](), Counter[str]()
    opset = next((entry.version for entry in model.opset_import if entry.domain in ("", "ai.onnx")), 1)
    for node in model.graph.node:
        found = _taken_apart(node)
        elem_type = types.of(found) if found else 0
        if found is None or (not found.batch_first and elem_type not in _REFUSED):
            nodes.append(node)
            continue
        if found.batch_first:
            turned[node.op_type] += 1
        if elem_type in _REFUSED:
            narrowed[f"{node.op_type} in {_REFUSED[elem_type]}"] += 1
        out = GraphWriter(f"{next(filter(None, node.output))}/as it runs", opset)
        _write(node, found, out, elem_type if elem_type in _REFUSED else 0)
        nodes.extend(out.nodes)
    if turned or narrowed:
        del model.graph.node[:]
        model.graph.node.extend(nodes)
    return (
        *sized,
        *(f"{count} {op} with the batch first turned round: onnxruntime runs it with the tokens first only."
          for op, count in turned.items()),
        *(f"{count} {form} computed in single precision, the only one that onnxruntime has."
          for form, count in narrowed.items()),
    )  # fmt: skip


def _state_sizes(model: onnx.ModelProto) -> tuple[str, ...]:
    """hidden_size is optional by the specification; onnxruntime wants it."""
    unstated = [
        node
        for node in model.graph.node
        if (_domain(node), node.op_type) in KINDS and all(given.name != "hidden_size" for given in node.attribute)
    ]
    if not unstated:
        return ()
    graph, said = graph_of(model, Path()), Counter[str]()
    for node in unstated:
        R = graph.shape(node.input[2]) if len(node.input) > 2 else None
        units = (R[1] if node.domain else R[2]) if R is not None and len(R) == 3 else None
        if isinstance(units, int):
            node.attribute.append(helper.make_attribute("hidden_size", units))
            said[node.op_type] += 1
    return tuple(
        f"{count} {op} told the number of its units, which onnxruntime wants stated." for op, count in said.items()
    )


def _domain(node: onnx.NodeProto) -> str:
    return "" if node.domain == "ai.onnx" else node.domain


def _taken_apart(node: onnx.NodeProto) -> RecurrentNode | None:
    try:
        return recurrent_node(plain_node(0, node)) if (_domain(node), node.op_type) in KINDS else None
    except ValueError:
        return None


def _write(node: onnx.NodeProto, found: RecurrentNode, out: GraphWriter, narrow_from: int) -> None:
    """The node as onnxruntime takes it. narrow_from: the type to which what it makes is cast back; 0 for none."""
    plain = onnx.NodeProto()
    plain.CopyFrom(node)
    for place, name in enumerate(node.input):
        if not name or place == _LENGTHS:
            continue
        tensor = out.add("Cast", [name], to=TensorProto.FLOAT) if narrow_from else name
        if found.batch_first and place in (0, *_STATES):
            tensor = out.add("Transpose", [tensor], perm=_TURNED_STATE)
        plain.input[place] = tensor
    after = GraphWriter(f"{out.prefix}/after", out.opset)
    for place, name in enumerate(node.output):
        if not name:
            continue
        tensor = plain.output[place] = out.fresh()
        if found.batch_first and narrow_from:
            tensor = after.add("Transpose", [tensor], perm=_TURNED_STATE if place else _TURNED_Y)
            after.add("Cast", [tensor], name, to=narrow_from)
        elif found.batch_first:
            after.add("Transpose", [tensor], name, perm=_TURNED_STATE if place else _TURNED_Y)
        else:
            after.add("Cast", [tensor], name, to=narrow_from)
    kept = [given for given in plain.attribute if given.name != "layout"]
    del plain.attribute[:]
    plain.attribute.extend(kept)
    out.nodes.extend([plain, *after.nodes])
