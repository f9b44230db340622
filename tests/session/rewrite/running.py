"""Runs a model by itself, for tests that hold a rewritten one against the one it was made of."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import onnx
import onnxruntime

from embstudio.session.rewrite.tensor_names import subgraphs


def run(model: onnx.ModelProto, feeds: Mapping[str, np.ndarray], folder: Path | None = None) -> dict[str, np.ndarray]:
    """The outputs by name, from onnxruntime without its optimisations."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 4
    if folder is not None:
        options.add_session_config_entry("session.model_external_initializers_file_folder_path", str(folder))
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    names = [value.name for value in session.get_outputs()]
    return dict(zip(names, session.run(names, dict(feeds)), strict=True))


def assert_same(model: onnx.ModelProto, other: onnx.ModelProto, feeds: Mapping[str, np.ndarray]) -> None:
    """Both have the same outputs, by name and value."""
    expected, found = run(model, feeds), run(other, feeds)
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        np.testing.assert_allclose(found[name], value, rtol=1e-5, atol=1e-6, err_msg=name)


def operators(model: onnx.ModelProto) -> list[str]:
    """The types of the main graph's nodes."""
    return [node.op_type for node in model.graph.node]


def is_flat(model: onnx.ModelProto) -> bool:
    """Whether no operator of the main graph holds a graph, and the model has no functions."""
    return not model.functions and not any(True for node in model.graph.node for _ in subgraphs(node))
