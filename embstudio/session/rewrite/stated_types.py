"""Types of tensors that onnx cannot infer: those behind operators that only onnxruntime knows."""

from __future__ import annotations

from collections.abc import Iterable

import onnxruntime
from onnx import ModelProto, TensorProto, ValueInfoProto, helper

from embstudio.session.ort_errors import ERRORS

_ELEMENTS = {
    "tensor(float)": TensorProto.FLOAT, "tensor(float16)": TensorProto.FLOAT16, "tensor(double)": TensorProto.DOUBLE,
    "tensor(bfloat16)": TensorProto.BFLOAT16, "tensor(int64)": TensorProto.INT64, "tensor(int32)": TensorProto.INT32,
    "tensor(bool)": TensorProto.BOOL,
}  # fmt: skip


def state_types(light: ModelProto, tensors: Iterable[str]) -> bool:
    """Write into a model without weights what onnxruntime infers of some tensors. False if there is nothing new."""
    known = {value.name for value in (*light.graph.input, *light.graph.initializer, *light.graph.output)}
    wanted = [name for name in dict.fromkeys(tensors) if name and name not in known]
    asked = ModelProto()
    asked.CopyFrom(light)
    asked.graph.output.extend(ValueInfoProto(name=name) for name in wanted)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    try:
        session = onnxruntime.InferenceSession(asked.SerializeToString(), options, providers=["CPUExecutionProvider"])
    except ERRORS:
        return False
    stated = [
        helper.make_tensor_value_info(value.name, _ELEMENTS[value.type], value.shape or None)
        for value in session.get_outputs()
        if value.name in wanted and value.type in _ELEMENTS
    ]
    named = {value.name for value in stated}
    kept = [value for value in light.graph.value_info if value.name not in named]
    del light.graph.value_info[:]
    light.graph.value_info.extend([*kept, *stated])
    return bool(stated)
