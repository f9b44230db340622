"""A model made here that never ends."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from embstudio.session.messages import ModelRef, TraceRequest


@pytest.fixture
def endless(tmp_path: Path) -> TraceRequest:
    """A request that runs until it is stopped: x doubled and halved in a Loop of 2⁶² rounds."""
    body = helper.make_graph(
        [
            helper.make_node("Identity", ["more"], ["more_still"]),
            helper.make_node("Mul", ["state", "two"], ["twice"]),
            helper.make_node("Div", ["twice", "two"], ["state_after"]),
        ],
        "body",
        [
            helper.make_tensor_value_info("round", TensorProto.INT64, []),
            helper.make_tensor_value_info("more", TensorProto.BOOL, []),
            helper.make_tensor_value_info("state", TensorProto.FLOAT, [None]),
        ],
        [
            helper.make_tensor_value_info("more_still", TensorProto.BOOL, []),
            helper.make_tensor_value_info("state_after", TensorProto.FLOAT, [None]),
        ],
    )
    constants = {"two": np.float32(2), "rounds": np.int64(2**62), "yes": np.bool_(True)}
    graph = helper.make_graph(
        [helper.make_node("Loop", ["rounds", "yes", "x"], ["y"], body=body)],
        "endless",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n"])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n"])],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()],
    )
    path = tmp_path / "endless.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)
    return TraceRequest(ModelRef(path), feeds={"x": np.ones(4, np.float32)})
