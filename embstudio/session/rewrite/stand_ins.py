"""A model without its large weights, for what needs to know their types and shapes alone.

onnx's inliner and shape inference copy a model several times; a weight of gigabytes, or one whose numbers lie in
another file, is an input of the same type and shape meanwhile.
"""

from __future__ import annotations

import math

import onnx
from onnx import AttributeProto, ModelProto, NodeProto, TensorProto, helper

# Shapes, axes and scalars have fewer entries than this: their values may matter.
LARGEST_VALUE = 1024


def light_copy(model: ModelProto) -> ModelProto:
    """A copy in which large initializers and Constants are inputs; those come after the model's own."""
    light = ModelProto()
    light.ir_version = max(model.ir_version, 4)  # before 4 every initializer is an input too
    light.opset_import.extend(model.opset_import)
    light.functions.extend(model.functions)
    source, body = model.graph, light.graph
    body.name = source.name or "graph"
    body.input.extend(source.input)
    body.output.extend(source.output)
    body.value_info.extend(source.value_info)
    body.sparse_initializer.extend(source.sparse_initializer)
    present = {value.name for value in source.input}
    for tensor in source.initializer:
        if not is_large(tensor):
            body.initializer.append(tensor)
        elif tensor.name not in present:
            body.input.append(_stand_in(tensor.name, tensor))
    for node in source.node:
        large = _large_constant(node)
        if large is None:
            body.node.append(node)
        else:
            body.input.append(_stand_in(node.output[0], large))
    return light


def adopt(model: ModelProto, light: ModelProto) -> None:
    """Give a model the nodes of what was made of its light copy; its weights, inputs and outputs stay."""
    nodes = [node for node in model.graph.node if _large_constant(node) is not None]
    nodes.extend(light.graph.node)
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    known = {tensor.name for tensor in model.graph.initializer}
    model.graph.initializer.extend(tensor for tensor in light.graph.initializer if tensor.name not in known)
    del model.functions[:]
    model.functions.extend(light.functions)
    del model.opset_import[:]
    model.opset_import.extend(light.opset_import)
    del model.graph.value_info[:]
    model.graph.value_info.extend(light.graph.value_info)


def is_large(tensor: TensorProto) -> bool:
    """Whether the numbers of a tensor are too many, or too far away, to be a shape or an axis."""
    return bool(tensor.data_location == TensorProto.EXTERNAL or math.prod(tensor.dims) > LARGEST_VALUE)


def _large_constant(node: NodeProto) -> TensorProto | None:
    if node.op_type != "Constant" or node.domain not in ("", "ai.onnx"):
        return None
    for given in node.attribute:
        if given.type == AttributeProto.TENSOR and is_large(given.t):
            return given.t
    return None


def _stand_in(name: str, tensor: TensorProto) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, tensor.data_type, list(tensor.dims))
