"""From ONNX's protobuf to a plain `Graph`. Shapes come from onnx's own inference; where it fails we do with less.

Inference runs on a light copy of the model in which large weights are inputs of the same type: it needs their shapes
only, and copying a model's weights to find them would cost more than reading the file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path

import numpy as np
import onnx
from onnx import AttributeProto, GraphProto, ModelProto, NodeProto, TensorProto, ValueInfoProto, helper, numpy_helper

from embstudio.base.errors import ModelFileError
from embstudio.modelfile.external_data import read_external
from embstudio.modelfile.graph import Graph, IsData, LoopBody, Node, Shape, Weight
from embstudio.modelfile.loop_body import loop_body
from embstudio.modelfile.shape_stand_ins import stand_in
from embstudio.modelfile.tensor_info import TensorInfo

# Shapes, axes and scalars are shorter than this; what inference may look into. Larger weights count by shape alone.
_LARGEST_SHAPE_DATA = 256


def graph_of(proto: ModelProto, folder: Path) -> Graph:
    """A plain copy of the model's main graph; `folder` is where external data lies.

    Raises ModelFileError if the graph is damaged: a tensor made twice, a node without its parts.
    """
    try:
        return _plain_copy(proto, folder)
    except (ValueError, IndexError, TypeError, OverflowError) as error:
        raise ModelFileError(
            "The model's graph is damaged.", detail=str(error),
            advice="Copy or download the file again, or export the model again.",
        ) from error  # fmt: skip


def _plain_copy(proto: ModelProto, folder: Path) -> Graph:
    body = proto.graph
    weights = {tensor.name: _initializer(tensor, folder) for tensor in body.initializer}
    nodes = []
    for index, node in enumerate(body.node):
        if node.op_type == "Constant" and node.domain in ("", "ai.onnx"):
            weights[node.output[0]] = _constant(node)
        nodes.append(plain_node(index, node))
    opset = {"" if entry.domain == "ai.onnx" else entry.domain: entry.version for entry in proto.opset_import}
    _check_parts(nodes, opset.get("", 1))
    shapes, dtypes = _inferred(proto)
    return Graph(
        nodes=nodes,
        inputs=[_info(value) for value in body.input if value.name not in weights],
        outputs=[_info(value) for value in body.output],
        weights=weights,
        shapes=shapes,
        dtypes=dtypes,
        opset=opset,
        bodies={
            index: partial(_body, proto, index, folder)
            for index, node in enumerate(body.node) if node.op_type in ("Loop", "Scan")
        },
    )  # fmt: skip


def _body(proto: ModelProto, index: int, folder: Path, outer: Graph, is_data: IsData) -> LoopBody | None:
    return loop_body(proto, index, outer, is_data, graph_of, folder)


def _check_parts(nodes: list[Node], version: int) -> None:
    """Raises ValueError if a node makes nothing, or one of ONNX's own lacks inputs or outputs it is specified with."""
    for node in nodes:
        if not node.outputs:
            raise ValueError(f"the {node.op} at node {node.index} makes nothing")
        if node.domain or not onnx.defs.has(node.op, version, ""):
            continue
        schema = onnx.defs.get_schema(node.op, version, "")
        if len(node.inputs) < schema.min_input or len(node.outputs) < schema.min_output:
            raise ValueError(f"the {node.op} at node {node.index} lacks inputs or outputs")


@cache
def _dtype_name(elem_type: int) -> str:
    """numpy's name of an element type; the types numpy lacks keep ONNX's name in small letters."""
    if elem_type == TensorProto.UNDEFINED or elem_type not in TensorProto.DataType.values():
        return "unknown"
    if elem_type == TensorProto.STRING:
        return "string"
    return str(helper.tensor_dtype_to_np_dtype(elem_type))


def _shape(value: ValueInfoProto) -> Shape | None:
    kind = value.type.tensor_type
    if not value.type.HasField("tensor_type") or not kind.HasField("shape"):
        return None
    return tuple(
        dim.dim_value if dim.HasField("dim_value") else (dim.dim_param or None) for dim in kind.shape.dim
    )  # fmt: skip


def _info(value: ValueInfoProto) -> TensorInfo:
    kind = value.type.WhichOneof("value")
    dtype = _dtype_name(value.type.tensor_type.elem_type) if kind == "tensor_type" else str(kind or "unknown")
    return TensorInfo(value.name, dtype.removesuffix("_type"), _shape(value) or ())


def _initializer(tensor: TensorProto, folder: Path) -> Weight:
    return Weight(tensor.name, _dtype_name(tensor.data_type), tuple(tensor.dims), _reader(tensor, folder))


def _reader(tensor: TensorProto, folder: Path) -> Callable[[], np.ndarray]:
    def read() -> np.ndarray:
        try:
            if tensor.data_location == TensorProto.EXTERNAL:
                return read_external(tensor, folder)
            values: np.ndarray = numpy_helper.to_array(tensor)
            return values
        except (OSError, ValueError, TypeError, onnx.checker.ValidationError) as error:
            raise ModelFileError(
                "The numbers of a weight could not be read.", where=tensor.name, detail=str(error),
                advice="If the model came with a data file (.data, .onnx_data), keep it in the model's folder.",
            ) from error  # fmt: skip

    return read


def _constant(node: NodeProto) -> Weight:
    """The value of a Constant node, which is a tensor, a number, a string or a list of them."""
    name = node.output[0]
    given = node.attribute[0]
    if given.type == AttributeProto.TENSOR:
        tensor = given.t
        shape = tuple(tensor.dims)
        return Weight(name, _dtype_name(tensor.data_type), shape, _reader(tensor, Path()), is_initializer=False)
    dtypes = {"value_float": np.float32, "value_floats": np.float32, "value_int": np.int64, "value_ints": np.int64}
    values = np.array(helper.get_attribute_value(given), dtype=dtypes.get(given.name, object))
    return Weight(name, str(values.dtype), values.shape, lambda: values, is_initializer=False)


def _attribute(given: AttributeProto) -> object:
    value = helper.get_attribute_value(given)
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, TensorProto):
        # Values of a tensor attribute (ConstantOfShape's) are small; a Constant's are read as its weight instead.
        return numpy_helper.to_array(value)
    if given.type == AttributeProto.STRINGS:
        return [text.decode("utf-8", "replace") for text in value]
    return list(value) if given.type in (AttributeProto.INTS, AttributeProto.FLOATS) else value


_PLAIN = (
    AttributeProto.INT, AttributeProto.INTS, AttributeProto.FLOAT, AttributeProto.FLOATS,
    AttributeProto.STRING, AttributeProto.STRINGS, AttributeProto.TENSOR,
)  # fmt: skip


def plain_node(index: int, node: NodeProto) -> Node:
    """A plain copy of one node; index: its place in the graph."""
    bodies = [given for given in node.attribute if given.type in (AttributeProto.GRAPH, AttributeProto.GRAPHS)]
    inner = [body for given in bodies for body in (given.graphs or [given.g])]
    constant = node.op_type == "Constant"
    return Node(
        index=index,
        op=node.op_type,
        domain="" if node.domain == "ai.onnx" else node.domain,
        name=node.name,
        inputs=tuple(node.input),
        outputs=tuple(node.output),
        attributes={a.name: _attribute(a) for a in node.attribute if a.type in _PLAIN and not constant},
        subgraphs=tuple(given.name for given in bodies),
        captured=tuple(dict.fromkeys(name for body in inner for name in _free_names(body))),
        inner_ops=tuple(op for body in inner for op in _operators(body)),
    )


def _operators(body: GraphProto) -> Iterator[str]:
    """The operator types in a subgraph and in the subgraphs of that."""
    for node in body.node:
        yield node.op_type
        for given in node.attribute:
            for inner in (given.g,) if given.type == AttributeProto.GRAPH else given.graphs:
                yield from _operators(inner)


def _free_names(body: GraphProto) -> Iterator[str]:
    """Tensors a subgraph reads but does not make, so those of the graphs around it."""
    made = {tensor.name for tensor in body.initializer} | {value.name for value in body.input}
    for node in body.node:
        for name in node.input:
            if name and name not in made:
                yield name
        for given in node.attribute:
            for inner in (given.g,) if given.type == AttributeProto.GRAPH else given.graphs:
                yield from (name for name in _free_names(inner) if name not in made)
        made.update(node.output)
    yield from (value.name for value in body.output if value.name not in made)


def _inferred(proto: ModelProto) -> tuple[dict[str, Shape], dict[str, str]]:
    """Shape and type of every tensor that onnx can tell. The file's own statements serve where inference fails."""
    stated = list(proto.graph.value_info)
    for keep_stated, stand_ins in ((True, True), (False, True), (True, False), (False, False)):
        try:
            light = _light_copy(proto, keep_stated=keep_stated, stand_ins=stand_ins)
            inferred = onnx.shape_inference.infer_shapes(light, data_prop=True)
        except (onnx.shape_inference.InferenceError, onnx.checker.ValidationError, RuntimeError, ValueError):
            continue  # a stated shape or a stand-in that contradicts the graph: try without; then without inference
        stated = list(inferred.graph.value_info) or stated
        break
    shapes, dtypes = {}, {}
    for value in stated:
        shape = _shape(value)
        if shape is not None:
            shapes[value.name] = shape
        if value.type.HasField("tensor_type"):
            dtypes[value.name] = _dtype_name(value.type.tensor_type.elem_type)
    return shapes, dtypes


def _light_copy(proto: ModelProto, *, keep_stated: bool, stand_ins: bool) -> ModelProto:
    """The model with every large weight turned into an input of the same type, in front of the real inputs."""
    light = ModelProto(ir_version=max(proto.ir_version, 4))
    light.opset_import.extend(proto.opset_import)
    declared = {entry.domain for entry in proto.opset_import}
    # onnxruntime takes its own operators without a declaration; inference stops at them.
    undeclared = sorted({node.domain for node in proto.graph.node if node.domain} - declared - {"ai.onnx"})
    light.opset_import.extend(helper.make_opsetid(domain, 1) for domain in undeclared)
    light.functions.extend(proto.functions)
    body, source = light.graph, proto.graph
    body.name = source.name or "graph"
    present = {value.name for value in source.input}
    for tensor in source.initializer:
        external = tensor.data_location == TensorProto.EXTERNAL
        if external or np.prod(tensor.dims, dtype=np.int64) > _LARGEST_SHAPE_DATA:
            if tensor.name not in present:
                body.input.append(helper.make_tensor_value_info(tensor.name, tensor.data_type, list(tensor.dims)))
        else:
            body.initializer.append(tensor)
    body.input.extend(source.input)
    body.output.extend(source.output)
    version = next((entry.version for entry in proto.opset_import if entry.domain in ("", "ai.onnx")), 1)
    own = {(function.domain, function.name) for function in proto.functions}
    ranks = {tensor.name: len(tensor.dims) for tensor in source.initializer}
    for node in source.node:
        domain = "" if node.domain == "ai.onnx" else node.domain
        known = not stand_ins or (domain, node.op_type) in own or onnx.defs.has(node.op_type, version, domain)
        body.node.extend(stand_in(node, ranks, is_known=known))
    if keep_stated:
        body.value_info.extend(source.value_info)
    return light
