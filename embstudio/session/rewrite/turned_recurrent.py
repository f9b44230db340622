"""Recurrent operators that are fed a text turned round, written as what they are: the same with the other direction.

Keras (go_backwards, Bidirectional) and hands that write one direction after the other turn the text round, run a layer
that counts forwards, and turn what it makes back, or do not. For any operator f over steps, with s turning them round,
f(x) = s(f'(s(x))) with f' of the other direction (the operators' ONNX specifications): its positions are then those of
the text.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import onnx
from onnx import TensorProto, helper

from embstudio.anatomy.dataflow import Dataflow
from embstudio.anatomy.recurrent_node import KINDS, RecurrentNode, recurrent_node
from embstudio.anatomy.same_values import before_same_values
from embstudio.anatomy.turned import WHOLE, Turning
from embstudio.modelfile.onnx_graph import graph_of, plain_node
from embstudio.session.graph_writer import GraphWriter

_OLDEST = 10  # the operator set that has ReverseSequence, and Slice with steps
_OTHER = {"forward": "reverse", "reverse": "forward"}
_BEFORE_ALL = -(2**31)
_PER_DIRECTION = (1, 2, 3, 5, 6, 7, 8, 9, 10, 11)  # places of what has an axis of directions: weights, initial states
_BY_DIRECTION = frozenset({"activations", "activation_alpha", "activation_beta"})


def turn_recurrent(model: onnx.ModelProto) -> tuple[str, ...]:
    """Give each operator that is fed a text turned round the other direction, in place; says how many there were."""
    opset = next((entry.version for entry in model.opset_import if entry.domain in ("", "ai.onnx")), 1)
    if opset < _OLDEST or not any((_domain(node), node.op_type) in KINDS for node in model.graph.node):
        return ()
    flow = Dataflow(graph_of(model, Path()))
    turning = Turning(flow)
    nodes, said = list[onnx.NodeProto](), Counter[tuple[str, bool]]()
    for index, node in enumerate(model.graph.node):
        found = _taken_apart(index, node)
        turns = turning.of(found.X, 1 if found.batch_first else 0) if found is not None else ()
        swapped = found is not None and len(found.directions) == 2
        if found is None or len(turns) != 1 or (swapped and _BY_DIRECTION & {given.name for given in node.attribute}):
            nodes.append(node)
            continue
        by = before_same_values(flow, found.lengths) if found.lengths else WHOLE
        said[node.op_type, turns[0] == by] += 1
        nodes += _written(node, found, GraphWriter(f"{next(filter(None, node.output))}/in the text's order", opset))
    if said:
        del model.graph.node[:]
        model.graph.node.extend(nodes)
    return tuple(_say(op, sure, count) for (op, sure), count in said.items())


def _say(op: str, sure: bool, count: int) -> str:
    said = f"{count} {op} fed with the text turned round, shown in the order of the text with the other direction."
    if sure:
        return said
    return f"{said} Where the text is padded, its states stand at other tokens than their own: lengths differ."


def _domain(node: onnx.NodeProto) -> str:
    return "" if node.domain == "ai.onnx" else node.domain


def _taken_apart(index: int, node: onnx.NodeProto) -> RecurrentNode | None:
    try:
        return recurrent_node(plain_node(index, node)) if (_domain(node), node.op_type) in KINDS else None
    except ValueError:
        return None


def _written(node: onnx.NodeProto, found: RecurrentNode, out: GraphWriter) -> list[onnx.NodeProto]:
    """The operator with the other direction between two turns."""
    other = onnx.NodeProto()
    other.CopyFrom(node)
    time = 1 if found.batch_first else 0
    other.input[0] = _turn(out, found.X, found, time)
    if len(found.directions) == 2:
        for place in _PER_DIRECTION:
            if place < len(node.input) and node.input[place]:
                axis = 1 if found.batch_first and place in (5, 6) else 0
                other.input[place] = _swapped(out, node.input[place], axis)
    else:
        kept = [given for given in node.attribute if given.name != "direction"]
        del other.attribute[:]
        other.attribute.extend([*kept, helper.make_attribute("direction", _OTHER[found.directions[0]])])
    after = GraphWriter(f"{out.prefix}/after", out.opset)
    for place, name in enumerate(node.output):
        if not name or (place and len(found.directions) == 1):
            continue
        made = other.output[place] = out.fresh()
        if len(found.directions) == 2:
            axis = (2 if found.batch_first else 1) if place == 0 else (1 if found.batch_first else 0)
            made = _swapped(after, made, axis, "" if place == 0 else name)
        if place == 0:
            _turn(after, made, found, time, name)
    return [*out.nodes, other, *after.nodes]


def _swapped(out: GraphWriter, tensor: str, axis: int, output: str = "") -> str:
    return out.add("Gather", [tensor, out.integers([1, 0])], output, axis=axis)


def _turn(out: GraphWriter, tensor: str, node: RecurrentNode, time: int, output: str = "") -> str:
    """Turned round as the operator itself does it: each sequence by its length, where it is given lengths."""
    if not node.lengths:
        ends = [out.integers([-1]), out.integers([_BEFORE_ALL]), out.integers([time]), out.integers([-1])]
        return out.add("Slice", [tensor, *ends], output)
    lengths = out.add("Cast", [node.lengths], to=TensorProto.INT64)
    if not output:
        return out.add("ReverseSequence", [tensor, lengths], batch_axis=1 - time, time_axis=time)
    # ReverseSequence wants the batch first or second; Y [pos, directions, batch, unit] has its directions between.
    order = [0, 1, 2, 3] if time else [0, 2, 1, 3]
    moved = tensor if time else out.add("Transpose", [tensor], perm=order)
    turned = out.add("ReverseSequence", [moved, lengths], output if time else "", batch_axis=1 - time, time_axis=time)
    return turned if time else out.add("Transpose", [turned], output, perm=order)
