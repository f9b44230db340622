"""What a graph's small tensors hold, as far as that is known without an input: constants, and shapes that are fixed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property

import numpy as np
import onnx
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper
from onnx.shape_inference import InferenceError, infer_shapes

from embstudio.session.rewrite.stand_ins import LARGEST_VALUE, is_large, light_copy
from embstudio.session.rewrite.tensor_names import subgraphs

Dims = tuple[int | None, ...]

_RANDOM = frozenset({
    "RandomNormal", "RandomUniform", "RandomNormalLike", "RandomUniformLike", "Multinomial", "Bernoulli", "Dropout",
})  # fmt: skip
_DEEPEST = 200  # nodes between a value and the constants it is made of


class KnownValues:
    """Values of a model's main graph, worked out when asked for with onnx's own reference implementation."""

    def __init__(self, model: ModelProto) -> None:
        self._opsets = list(model.opset_import)
        self._producers: dict[str, NodeProto] = {}
        self._values: dict[str, np.ndarray | None] = {}
        for tensor in model.graph.initializer:
            self._values[tensor.name] = _numbers(tensor)
        self.add(model.graph.node)
        self._model = model

    def add(self, nodes: Iterable[NodeProto]) -> None:
        """Count in nodes that are about to join the graph."""
        for node in nodes:
            self._producers.update(dict.fromkeys(node.output, node))

    def add_initializers(self, tensors: Iterable[TensorProto]) -> None:
        """Count in initializers that are about to join the graph."""
        self._values.update((tensor.name, _numbers(tensor)) for tensor in tensors)

    def dims(self, tensor: str) -> Dims | None:
        """The shape, None for lengths that are not fixed; None where not even the rank is known."""
        return self._dims.get(tensor)

    @cached_property
    def _dims(self) -> dict[str, Dims]:
        return _fixed_dims(self._model)

    def value(self, tensor: str) -> np.ndarray | None:
        """The numbers, or None if they depend on an input or are too many."""
        return self._value(tensor, _DEEPEST)

    def _value(self, tensor: str, depth: int) -> np.ndarray | None:
        if tensor not in self._values:
            node = self._producers.get(tensor)
            self._values[tensor] = None  # while it is being worked out, and if it cannot be
            if node is not None and depth:
                self._values[tensor] = self._result(node, tensor, depth - 1)
        return self._values[tensor]

    def _result(self, node: NodeProto, tensor: str, depth: int) -> np.ndarray | None:
        if node.domain not in ("", "ai.onnx") or node.op_type in _RANDOM or any(subgraphs(node)):
            return None
        if node.op_type in ("Shape", "Size"):
            return self._of_shape(node)
        if node.op_type in ("Gather", "Slice") and (part := self._part_of_shape(node, depth)) is not None:
            return part
        given: dict[str, np.ndarray] = {}
        for name in filter(None, node.input):
            value = self._value(name, depth)
            if value is None:
                return None
            given[name] = value
        return _run(node, given, tensor, self._opsets)

    def _of_shape(self, node: NodeProto) -> np.ndarray | None:
        dims = self._dims.get(node.input[0])
        if dims is None:
            return None
        if node.op_type == "Shape":
            attributes = {given.name: given.i for given in node.attribute}
            dims = dims[attributes.get("start", 0) : attributes.get("end", len(dims))]
        if None in dims:
            return None
        lengths = np.array(dims, np.int64)
        return lengths if node.op_type == "Shape" else np.array(np.prod(lengths), np.int64)

    def _part_of_shape(self, node: NodeProto, depth: int) -> np.ndarray | None:
        """Entries of a shape of which only those entries need be fixed; no other length is negative."""
        shape = self._producers.get(node.input[0])
        dims = self._dims.get(shape.input[0]) if shape is not None and shape.op_type == "Shape" else None
        if shape is None or dims is None or shape.attribute:
            return None
        marked = np.array([-(2**40) if length is None else length for length in dims], np.int64)
        given = {node.input[0]: marked}
        for name in filter(None, node.input[1:]):
            value = self._value(name, depth)
            if value is None:
                return None
            given[name] = value
        picked = _run(node, given, node.output[0], self._opsets)
        return None if picked is None or (picked < 0).any() else picked


def _numbers(tensor: TensorProto) -> np.ndarray | None:
    try:
        return None if is_large(tensor) else numpy_helper.to_array(tensor)
    except (ValueError, TypeError):
        return None  # the file is damaged here


def _run(
    node: NodeProto, given: Mapping[str, np.ndarray], tensor: str, opsets: list[onnx.OperatorSetIdProto]
) -> np.ndarray | None:
    """One output of a node, by onnx's reference implementation; None if that cannot do it, or if it is large."""
    from onnx.reference import ReferenceEvaluator  # loads hundreds of files, and most models have no need of it

    untyped = [onnx.ValueInfoProto(name=name) for name in given]
    graph = helper.make_graph([node], "one", untyped, [onnx.ValueInfoProto(name=tensor)])
    try:
        value = ReferenceEvaluator(helper.make_model(graph, opset_imports=opsets)).run([tensor], dict(given))[0]
    except Exception:  # it raises whatever numpy or its own Python code raises: then it is not known
        return None
    if not isinstance(value, np.ndarray | np.generic) or value.size > LARGEST_VALUE:
        return None
    return np.asarray(value)


def _fixed_dims(model: ModelProto) -> dict[str, Dims]:
    light = light_copy(model)
    try:
        light = infer_shapes(light, data_prop=True)
    except (InferenceError, RuntimeError, ValueError):
        del light.graph.value_info[:]  # what the file states contradicts itself
    dims: dict[str, Dims] = {}
    for value in (*light.graph.value_info, *light.graph.input):
        kind = value.type.tensor_type
        if value.type.HasField("tensor_type") and kind.HasField("shape"):
            dims[value.name] = tuple(dim.dim_value if dim.HasField("dim_value") else None for dim in kind.shape.dim)
    dims.update((tensor.name, tuple(tensor.dims)) for tensor in light.graph.initializer)
    return dims
