"""A condition worked out for short and plain inputs, by running the part of the model that it depends on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import onnxruntime
from onnx import ModelProto, NodeProto, TensorProto, ValueInfoProto, helper

from embstudio.session.ort_errors import ERRORS
from embstudio.session.rewrite.tensor_names import free_names, subgraphs

_LARGEST_BYTES = 2**28  # of the weights that a condition may depend on
_LENGTHS = (6, 12, 32)  # of every axis that the model leaves open, but for the first: that is the batch


def probe_condition(model: ModelProto, condition: str) -> bool | None:
    """What a condition is for most of a few plain texts of ordinary lengths; None where it cannot be worked out alone.

    A model that was exported for one length is tried with that.
    """
    cone, read = _cone(model, condition)
    weights = [tensor for tensor in model.graph.initializer if tensor.name in read]
    external = any(tensor.data_location == TensorProto.EXTERNAL for tensor in weights)
    if external or sum(tensor.ByteSize() for tensor in weights) > _LARGEST_BYTES:
        return None
    initialized = {tensor.name for tensor in weights}
    inputs = [value for value in model.graph.input if value.name in read and value.name not in initialized]
    graph = helper.make_graph(cone, "condition", inputs, [ValueInfoProto(name=condition)], weights)
    part = helper.make_model(graph, opset_imports=model.opset_import, ir_version=max(model.ir_version, 4))
    part.functions.extend(model.functions)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    try:
        session = onnxruntime.InferenceSession(part.SerializeToString(), options, providers=["CPUExecutionProvider"])
    except ERRORS:
        return None
    seen = [value for length in _LENGTHS if (value := _value(session, condition, inputs, length)) is not None]
    return 2 * sum(seen) > len(seen) if seen else None


def _value(
    session: onnxruntime.InferenceSession, condition: str, inputs: Sequence[ValueInfoProto], length: int
) -> bool | None:
    try:
        value = session.run([condition], {each.name: _plain_feed(each, length) for each in inputs})[0]
    except ERRORS:
        return None
    return bool(value.item()) if value.size == 1 else None


def _plain_feed(value: ValueInfoProto, length: int) -> np.ndarray:
    """Ones for an input, an id and a mask alike; a flag is not set. Raises ValueError for what is no tensor."""
    kind = value.type.tensor_type
    if not value.type.HasField("tensor_type"):
        raise ValueError(value.name)
    shape = [
        dim.dim_value if dim.HasField("dim_value") else (1 if axis == 0 else length)
        for axis, dim in enumerate(kind.shape.dim)
    ]
    values = np.ones(shape, helper.tensor_dtype_to_np_dtype(kind.elem_type))
    return values if len(shape) > 1 or values.dtype != np.bool_ else np.zeros_like(values)


def _cone(model: ModelProto, tensor: str) -> tuple[list[NodeProto], set[str]]:
    """The nodes that a tensor depends on, in order, and every name that they read."""
    read = {tensor}
    nodes = []
    for node in reversed(model.graph.node):
        if read.intersection(node.output):
            nodes.append(node)
            read.update(node.input)
            for inner in subgraphs(node):
                read.update(free_names(inner))
    return nodes[::-1], read
