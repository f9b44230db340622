"""A part of a model as a model of its own, from some tensors to others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from onnx import ModelProto, NodeProto, TensorProto, ValueInfoProto, helper

from embstudio.session.rewrite.sort_nodes import sort_nodes
from embstudio.session.rewrite.tensor_names import free_names, subgraphs

_FLOATS = (TensorProto.FLOAT, TensorProto.FLOAT16, TensorProto.DOUBLE, TensorProto.BFLOAT16)


def part_of(
    model: ModelProto, inputs: Mapping[str, int], outputs: Sequence[str], same: Mapping[str, str] | None = None
) -> ModelProto:
    """What makes `outputs` of `inputs`, {tensor: rank}, and weights.

    same: tensors that are to be taken for what another holds: an activation's for the sum that goes into it.
    Raises ValueError if the outputs hang on an input of the model besides.
    """
    same = same or {}
    weights = {tensor.name: tensor for tensor in model.graph.initializer}
    makers = {name: place for place, node in enumerate(model.graph.node) for name in node.output if name}
    nodes, kept, handed_on = set[int](), list[TensorProto](), list[NodeProto]()
    waiting, seen = list(outputs), set[str]()
    while waiting:
        name = waiting.pop()
        if not name or name in seen or name in inputs:
            continue
        seen.add(name)
        if name in same:
            handed_on.append(helper.make_node("Identity", [same[name]], [name]))
            waiting.append(same[name])
        elif name in weights:
            kept.append(weights[name])
        elif name in makers:
            node = model.graph.node[makers[name]]
            nodes.add(makers[name])
            waiting += [*node.input, *(read for inner in subgraphs(node) for read in free_names(inner))]
        else:
            raise ValueError(f"{outputs[0]} hangs on {name}")
    part = ModelProto(ir_version=max(model.ir_version, 4))
    part.opset_import.extend(model.opset_import)
    part.functions.extend(model.functions)
    graph = part.graph
    graph.name = "part"
    graph.node.extend(model.graph.node[place] for place in sorted(nodes))
    taken = {*inputs, *(node.output[0] for node in handed_on)}
    for node in graph.node:  # what is fed need not be made
        node.output[:] = [f"{name}/not used" if name in taken else name for name in node.output]
    graph.node.extend(handed_on)
    graph.initializer.extend(kept)
    elem = next((each.data_type for each in model.graph.initializer if each.data_type in _FLOATS), TensorProto.FLOAT)
    graph.input.extend(helper.make_tensor_value_info(name, elem, [None] * rank) for name, rank in inputs.items())
    graph.output.extend(ValueInfoProto(name=name) for name in dict.fromkeys(outputs))
    sort_nodes(part)
    return part
