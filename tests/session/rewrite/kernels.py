"""Models of one fused operator, and onnxruntime's own kernel for it, which its rewrite is held against."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from embstudio.session.rewrite.open_up import open_up

Arrays = Mapping[str, np.ndarray]


def one_node(
    operator: str,
    inputs: Sequence[str],
    outputs: Sequence[str],
    feeds: Arrays,
    weights: Arrays,
    *,
    opset: int = 17,
    domain: str = "com.microsoft",
    **attributes: object,
) -> onnx.ModelProto:
    """A graph of one node. Inputs that are neither fed nor weights are left out; every axis but the last is free."""
    given = [name if name in feeds or name in weights else "" for name in inputs]
    while given and not given[-1]:
        given.pop()
    graph = helper.make_graph(
        [helper.make_node(operator, given, outputs, domain=domain, **attributes)],
        "one",
        [
            helper.make_tensor_value_info(
                name,
                helper.np_dtype_to_tensor_dtype(value.dtype),
                [*(f"{name}_{axis}" for axis in range(value.ndim - 1)), *value.shape[-1:]],
            )
            for name, value in feeds.items()
        ],
        [helper.make_empty_tensor_value_info(name) for name in outputs if name],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in weights.items() if name in given],
    )
    opsets = [helper.make_opsetid("", opset), helper.make_opsetid("com.microsoft", 1)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=8)


def run(model: onnx.ModelProto, feeds: Arrays) -> dict[str, np.ndarray]:
    """Every output of a model by name."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(names, dict(feeds)), strict=True))


def opened(model: onnx.ModelProto) -> onnx.ModelProto:
    """The model rewritten: nothing of com.microsoft is left in it."""
    result = open_up(model)
    assert result.repairs, "nothing was rewritten"
    assert not {node.op_type for node in result.model.graph.node if node.domain}
    return result.model


def check_same(model: onnx.ModelProto, feeds: Arrays, atol: float = 2e-6) -> dict[str, np.ndarray]:
    """The rewritten model gives what the kernel gives, under the same names and in the same shapes; returns that."""
    before = model.SerializeToString()
    expected, own = run(model, feeds), run(opened(model), feeds)
    assert model.SerializeToString() == before
    assert list(own) == list(expected)
    for name, value in expected.items():
        assert own[name].dtype == value.dtype
        assert own[name].shape == value.shape
        np.testing.assert_allclose(own[name], value, atol=atol, err_msg=name)
    return expected


def operators(model: onnx.ModelProto) -> list[str]:
    """The types of a graph's nodes."""
    return [node.op_type for node in model.graph.node]


__all__ = ["Arrays", "TensorProto", "check_same", "one_node", "opened", "operators", "run"]
