"""Graphs made by hand, and values that onnxruntime returns for the tensors an anatomy names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from embstudio.anatomy.anatomy import Anatomy
from embstudio.modelfile.graph import Graph
from embstudio.modelfile.onnx_graph import graph_of

Nodes = list[onnx.NodeProto]


@pytest.fixture(scope="session")
def graph() -> Callable[..., Graph]:
    """graph(nodes, weights, inputs={name: shape}, outputs={name: shape}): a Graph; inputs named …ids are integers."""

    def build(
        nodes: Nodes, weights: Mapping[str, np.ndarray], inputs: Mapping[str, list[Any]], outputs: Mapping[str, Any]
    ) -> Graph:
        def info(name: str, shape: list[Any]) -> onnx.ValueInfoProto:
            kind = TensorProto.INT64 if name.endswith("ids") else TensorProto.FLOAT
            return helper.make_tensor_value_info(name, kind, shape)

        body = helper.make_graph(
            nodes,
            "by hand",
            [info(*each) for each in inputs.items()],
            [info(*each) for each in outputs.items()],
            [numpy_helper.from_array(values, name) for name, values in weights.items()],
        )
        opset = [helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1)]
        return graph_of(helper.make_model(body, opset_imports=opset, ir_version=8), Path())

    return build


@pytest.fixture(scope="session")
def capture() -> Callable[..., dict[str, np.ndarray]]:
    """capture(path, anatomy, feeds): value of each point that has a tensor, axes in canonical order after batch."""

    def run(path: Path, anatomy: Anatomy, feeds: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        sources = [point for point in anatomy.points if point.tensor]
        own = {info.name for info in anatomy.outputs}
        wanted = [onnx.ValueInfoProto(name=name) for name in {point.tensor for point in sources} - own]
        extra = onnx.ModelProto(graph=onnx.GraphProto(output=wanted)).SerializeToString()
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        options.intra_op_num_threads = 1
        session = onnxruntime.InferenceSession(path.read_bytes() + extra, options, providers=["CPUExecutionProvider"])
        names = [output.name for output in session.get_outputs()]
        values = dict(zip(names, session.run(names, dict(feeds)), strict=True))
        batch = next(iter(feeds.values())).shape[0]
        return {p.name: in_order(values[p.tensor], p.layout, ("batch", *p.axes), batch) for p in sources}

    return run


def in_order(value: np.ndarray, layout: tuple[str, ...], axes: tuple[str, ...], batch: int) -> np.ndarray:
    shape: list[int] = []
    for length, entry in zip(value.shape, layout, strict=True):
        shape += [length] if " " not in entry else [batch, length // batch]
    names = " ".join(layout).split()
    return value.reshape(shape).transpose([names.index(axis) for axis in axes])
