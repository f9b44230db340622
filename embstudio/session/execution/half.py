"""A model with its weights and activations rounded to float16, to see what that does to it.

Everything of type float32 in the graph becomes float16, as converters do before a model is put on a GPU; operators
that ONNX does not define for float16 stay as they are, between two casts. Numbers beyond what float16 holds are cut to
±65504, its largest. onnxruntime's CPU provider rounds what goes from one operation to the next, and calculates inside
most of them in float32: sums inside a MatMul are better there than on a GPU.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from itertools import chain
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnx.external_data_helper import load_external_data_for_model

from embstudio.base.errors import UnsupportedModelError

LARGEST = 65504.0
_MOST_BYTES = 2**31 - 1  # what protobuf can hold, and with it onnx's inference of types
_TYPE_ATTRIBUTES = ("to", "dtype", "output_dtype")
_FLOAT, _HALF = TensorProto.FLOAT, TensorProto.FLOAT16


def halved(model: bytes, folder: Path) -> bytes:
    """A copy of a serialised model in float16, its data files in `folder` taken in. Inputs keep their types.

    Raises UnsupportedModelError for a model that is too large for that, or whose types cannot be told.
    """
    proto = onnx.load_model_from_string(model)
    try:
        load_external_data_for_model(proto, str(folder))
        if proto.functions:
            from onnx.inliner import inline_local_functions

            proto = inline_local_functions(proto)
        if proto.ByteSize() > _MOST_BYTES:
            raise ValueError("more than 2 GB")
        proto = onnx.shape_inference.infer_shapes(proto)
    except (OSError, ValueError, RuntimeError, onnx.checker.ValidationError) as error:
        raise UnsupportedModelError(
            "This model cannot be rounded to float16 here.", detail=str(error),
            advice="Convert the file with another tool, and compare the two files.",
        ) from error  # fmt: skip
    _Rounding(proto).all()
    return bytes(proto.SerializeToString())


class _Rounding:
    """Edits a model in place."""

    def __init__(self, proto: onnx.ModelProto) -> None:
        self._proto = proto
        self._versions = {each.domain: each.version for each in proto.opset_import}
        self._made = 0

    def all(self) -> None:
        graph = self._proto.graph
        floats = [value.name for value in graph.input if _elem_type(value) == _FLOAT]
        given = {tensor.name for tensor in graph.initializer}
        fed = [name for name in floats if name not in given]
        self._graph(graph, {}, kept=set(fed))
        for name in fed:  # what a person feeds stays float32
            new = self._name(name)
            _rename(graph, name, new)
            graph.node.insert(0, helper.make_node("Cast", [name], [new], to=_HALF, name=new))

    def _graph(self, graph: onnx.GraphProto, outer: Mapping[str, int], kept: set[str]) -> None:
        """kept: inputs that stay float32."""
        types = {**outer, **dict(_types(graph))}
        for value in chain(graph.input, graph.output):
            if value.name not in kept and _elem_type(value) == _FLOAT:
                value.type.tensor_type.elem_type = _HALF
        del graph.value_info[:]
        for tensor in graph.initializer:
            _round(tensor)
        nodes = [each for node in graph.node for each in self._node(node, types)]
        del graph.node[:]
        graph.node.extend(nodes)

    def _node(self, node: onnx.NodeProto, types: Mapping[str, int]) -> Iterator[onnx.NodeProto]:
        """The node as it has to be now, with the casts around it."""
        for attribute in node.attribute:
            self._attribute(attribute, types)
        schema = _schema(node.op_type, self._versions.get(node.domain, 1), node.domain)
        after = []
        if schema is not None:
            for place, name in enumerate(node.input):
                if types.get(name) == _FLOAT and not _takes_half(schema, schema.inputs, place):
                    node.input[place] = self._name(name)
                    yield helper.make_node("Cast", [name], [node.input[place]], to=_FLOAT, name=node.input[place])
            for place, name in enumerate(node.output):
                if types.get(name) == _FLOAT and not _takes_half(schema, schema.outputs, place):
                    node.output[place] = self._name(name)
                    cast = f"{node.output[place]}_rounded"
                    after.append(helper.make_node("Cast", [node.output[place]], [name], to=_HALF, name=cast))
        yield node
        yield from after

    def _attribute(self, attribute: onnx.AttributeProto, types: Mapping[str, int]) -> None:
        if attribute.name in _TYPE_ATTRIBUTES and attribute.i == _FLOAT:
            attribute.i = _HALF
        elif attribute.name in ("value_float", "value_floats"):
            many = attribute.name == "value_floats"
            value = np.array(list(attribute.floats) if many else attribute.f, np.float32)
            attribute.CopyFrom(helper.make_attribute("value", _rounded(numpy_helper.from_array(value))))
        elif attribute.HasField("t"):
            _round(attribute.t)
        for body in (*([attribute.g] if attribute.HasField("g") else []), *attribute.graphs):
            self._graph(body, types, kept=set())

    def _name(self, name: str) -> str:
        self._made += 1
        return f"{name}_float16_{self._made}"


def _types(graph: onnx.GraphProto) -> Iterator[tuple[str, int]]:
    for value in chain(graph.input, graph.output, graph.value_info):
        yield value.name, _elem_type(value)
    for tensor in graph.initializer:
        yield tensor.name, tensor.data_type


def _elem_type(value: onnx.ValueInfoProto) -> int:
    return int(value.type.tensor_type.elem_type)


def _round(tensor: onnx.TensorProto) -> None:
    if tensor.data_type == _FLOAT:
        tensor.CopyFrom(_rounded(tensor))


def _rounded(tensor: onnx.TensorProto) -> onnx.TensorProto:
    values = numpy_helper.to_array(tensor)
    finite = np.where(np.isfinite(values), np.clip(values, -LARGEST, LARGEST), values)
    return numpy_helper.from_array(finite.astype(np.float16).reshape(values.shape), tensor.name)


@cache
def _schema(operator: str, version: int, domain: str) -> onnx.defs.OpSchema | None:
    try:
        return onnx.defs.get_schema(operator, version, domain)
    except onnx.defs.SchemaError:
        return None  # onnxruntime's own operators


def _takes_half(schema: onnx.defs.OpSchema, formal: list, place: int) -> bool:
    """Whether the operator is defined with float16 at this place."""
    if not formal:
        return True
    named = formal[min(place, len(formal) - 1)].type_str
    allowed = next(
        (each.allowed_type_strs for each in schema.type_constraints if each.type_param_str == named), [named]
    )
    return "tensor(float16)" in allowed


def _rename(graph: onnx.GraphProto, old: str, new: str) -> None:
    """In all that is read, bodies included."""
    for node in graph.node:
        for place, name in enumerate(node.input):
            if name == old:
                node.input[place] = new
        for attribute in node.attribute:
            for body in (*([attribute.g] if attribute.HasField("g") else []), *attribute.graphs):
                if all(value.name != old for value in body.input):
                    _rename(body, old, new)
