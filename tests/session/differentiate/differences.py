"""Gradients held against central differences, both from onnx's reference implementation in float64."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
from onnx import NodeProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

from embstudio.modelfile.onnx_graph import graph_of
from embstudio.session.differentiate.differentiator import Differentiator
from embstudio.session.stop import Stop

STEP = 1e-6


class ReferenceSession:
    """onnx's reference implementation, where a session of onnxruntime is expected: it computes in float64."""

    def __init__(self, contents: bytes) -> None:
        model = onnx.load_model_from_string(contents)
        for output in model.graph.output:
            if not output.type.WhichOneof("value"):
                output.type.tensor_type.elem_type = 0
        self._evaluator = ReferenceEvaluator(model)

    def run(self, names: Sequence[str], feeds: Mapping[str, np.ndarray], options: object = None) -> list[np.ndarray]:
        return [np.asarray(value) for value in self._evaluator.run(list(names), dict(feeds))]


def onnxruntime_session(contents: bytes) -> onnxruntime.InferenceSession:
    """In double precision where the graph is."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(contents, options, providers=["CPUExecutionProvider"])


def model_of(
    nodes: Sequence[NodeProto],
    inputs: Mapping[str, np.ndarray],
    weights: Mapping[str, np.ndarray],
    outputs: Sequence[str],
    opset: int,
) -> onnx.ModelProto:
    """A graph of a few nodes."""
    graph = helper.make_graph(
        list(nodes),
        "few",
        [helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(value.dtype), value.shape)
         for name, value in inputs.items()],
        [helper.make_tensor_value_info(name, onnx.TensorProto.DOUBLE, None) for name in outputs],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in weights.items()],
    )  # fmt: skip
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=10)


def differentiator(model: onnx.ModelProto, open_session: Any = ReferenceSession) -> Differentiator:
    return Differentiator(model, graph_of(model, Path()), open_session)


def gradients(model: onnx.ModelProto, feeds: Mapping[str, np.ndarray], seeds: Mapping[str, np.ndarray],
              wrt: Sequence[str], open_session: Any = ReferenceSession) -> dict[str, np.ndarray]:  # fmt: skip
    """[seed, *x] of each x."""
    at = differentiator(model, open_session).linearise(feeds, list(seeds), wrt, Stop())
    return at.pull(seeds, Stop())


def differences(model: onnx.ModelProto, feeds: Mapping[str, np.ndarray], seeds: Mapping[str, np.ndarray],
                wrt: Sequence[str], open_session: Any = ReferenceSession) -> dict[str, np.ndarray]:  # fmt: skip
    """The same by moving each entry of each x a little up and down."""
    session = open_session(model.SerializeToString())
    found = {}
    for name in wrt:
        columns = []
        for place in np.ndindex(feeds[name].shape):
            ends = []
            for step in (STEP, -STEP):
                moved = feeds[name].copy()
                moved[place] += step
                ends.append(session.run(list(seeds), {**feeds, name: moved}))
            columns.append(
                sum(
                    (seed * (up - down)).reshape(len(seed), -1).sum(axis=1)
                    for seed, up, down in zip(seeds.values(), *ends, strict=True)
                )
                / (2 * STEP)
            )
        count = len(next(iter(seeds.values())))
        found[name] = np.stack(columns, axis=1).reshape(count, *feeds[name].shape)
    return found


def check(
    nodes: Sequence[NodeProto] | NodeProto,
    inputs: Mapping[str, np.ndarray],
    weights: Mapping[str, np.ndarray] | None = None,
    *,
    wrt: Sequence[str] = ("x",),
    outputs: Sequence[str] = ("y",),
    opset: int = 20,
    tolerance: float = 1e-6,
    session: Any = ReferenceSession,
) -> dict[str, np.ndarray]:
    """Holds the gradients of random sums of the outputs against differences; returns them."""
    nodes = [nodes] if isinstance(nodes, NodeProto) else list(nodes)
    model = model_of(nodes, inputs, weights or {}, outputs, opset)
    values = session(model.SerializeToString()).run(list(outputs), inputs)
    rng = np.random.default_rng(5)
    seeds = {name: rng.normal(size=(3, *value.shape)) for name, value in zip(outputs, values, strict=True)}
    exact = gradients(model, inputs, seeds, wrt, session)
    close = differences(model, inputs, seeds, wrt, session)
    for name in wrt:
        assert exact[name].shape == (3, *inputs[name].shape)
        assert np.isfinite(exact[name]).all()
        np.testing.assert_allclose(exact[name], close[name], rtol=tolerance, atol=tolerance)
        assert np.abs(close[name]).max() > 0, f"nothing hangs on {name}: this says nothing"
    return exact
