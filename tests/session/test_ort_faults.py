"""Whether a step of onnxruntime's optimisation still takes the process down, each tried in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from embstudio.session.engine import load
from embstudio.session.ort_faults import steps_to_leave_out
from embstudio.session.providers import CPU, with_cpu

_LOAD = """
import sys, onnxruntime
options = onnxruntime.SessionOptions()
options.log_severity_level = 4
onnxruntime.InferenceSession(sys.argv[1], options, providers=["CPUExecutionProvider"])
"""


@pytest.fixture
def turned_cast_multiplied(tmp_path: Path) -> Path:
    """A model of Transpose → Cast from half precision → MatMul."""
    nodes = [
        helper.make_node("Transpose", ["x"], ["turned"], perm=[1, 0, 2]),
        helper.make_node("Cast", ["turned"], ["wide"], to=TensorProto.FLOAT),
        helper.make_node("MatMul", ["wide", "W"], ["y"]),
    ]
    graph = helper.make_graph(
        nodes, "fault", [helper.make_tensor_value_info("x", TensorProto.FLOAT16, ["batch", "pos", 4])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
        [numpy_helper.from_array(np.eye(4, 3, dtype=np.float32), "W")],
    )  # fmt: skip
    opset = [helper.make_opsetid("", 17)]
    onnx.save(helper.make_model(graph, opset_imports=opset, ir_version=8), tmp_path / "model.onnx")
    return tmp_path / "model.onnx"


def test_onnxruntime_still_dies_of_it(turned_cast_multiplied: Path) -> None:
    done = subprocess.run([sys.executable, "-c", _LOAD, turned_cast_multiplied], capture_output=True, check=False)
    assert done.returncode != 0, "onnxruntime loads it now: MatmulTransposeFusion need not be left out any more"


def test_we_do_not(turned_cast_multiplied: Path) -> None:
    model = onnx.load(turned_cast_multiplied)
    left_out = steps_to_leave_out(model)
    assert left_out == ("MatmulTransposeFusion",)
    session = load(model.SerializeToString(), turned_cast_multiplied, with_cpu(CPU), left_out=left_out)
    x = np.arange(24, dtype=np.float16).reshape(2, 3, 4)
    np.testing.assert_array_equal(session.run(["y"], {"x": x})[0], x.transpose(1, 0, 2)[..., :3].astype(np.float32))


def test_other_products_are_left_to_be_fused() -> None:
    nodes = [helper.make_node("Transpose", ["k"], ["t"], perm=[0, 2, 1]), helper.make_node("MatMul", ["q", "t"], ["s"])]
    floats = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [None, None, 4]) for name in "kq"]
    scores = helper.make_tensor_value_info("s", TensorProto.FLOAT, None)
    assert not steps_to_leave_out(helper.make_model(helper.make_graph(nodes, "fine", floats, [scores])))
