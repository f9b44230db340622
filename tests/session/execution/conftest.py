"""Models made here, small enough to work out by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

Made = Callable[..., Path]


@pytest.fixture
def model(tmp_path: Path) -> Made:
    """Writes a graph of these nodes, from x [n, 4] float32 to y, and returns where."""

    def write(nodes: Sequence[onnx.NodeProto], constants: Mapping[str, np.ndarray], opset: int = 17) -> Path:
        graph = helper.make_graph(
            list(nodes), "made",
            [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 4])],
            [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
            [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()],
        )  # fmt: skip
        path = tmp_path / "made.onnx"
        onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8), path)
        return path

    return write
