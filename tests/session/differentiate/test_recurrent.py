"""RNN, GRU and LSTM nodes against central differences through the formulas of the cells in float64."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from embstudio.anatomy.recurrent_node import recurrent_node
from embstudio.formulas.cell_run import run
from embstudio.formulas.cell_weights import CellWeights
from embstudio.modelfile.onnx_graph import graph_of
from tests.session.differentiate.differences import gradients, onnxruntime_session

LENGTH, BATCH, INPUT, UNITS = 5, 2, 3, 4
GATES = {"lstm": 4, "gru": 3, "rnn": 1}
RNG = np.random.default_rng(8)


def given(kind: str, directions: int, with_: str) -> dict[str, np.ndarray]:
    """Weights and inputs of a node. with_: words, of what may be left out."""
    rows = GATES[kind] * UNITS
    found = {
        "X": RNG.normal(size=(LENGTH, BATCH, INPUT)),
        "W": 0.6 * RNG.normal(size=(directions, rows, INPUT)),
        "R": 0.6 * RNG.normal(size=(directions, rows, UNITS)),
    }
    if "bias" in with_:
        found["B"] = 0.5 * RNG.normal(size=(directions, 2 * rows))
    if "states" in with_:
        found["h0"] = RNG.normal(size=(directions, BATCH, UNITS))
        if kind == "lstm":
            found["c0"] = RNG.normal(size=(directions, BATCH, UNITS))
    if "peepholes" in with_:
        found["P"] = RNG.normal(size=(directions, 3 * UNITS))
    return found


def formula(node: onnx.NodeProto, values: dict[str, np.ndarray], lengths: np.ndarray | None) -> list[np.ndarray]:
    """Y, Y_h, Y_c of a node, in float64."""
    plain = graph_of(model_of(node, values, lengths), Path()).nodes[0]
    taken = recurrent_node(plain)
    assert taken is not None
    batch_first = taken.batch_first
    X = values["X"].swapaxes(0, 1) if batch_first else values["X"]
    columns = []
    for at, direction in enumerate(taken.directions):
        W, R = values["W"][at], values["R"][at]
        cell = CellWeights(
            taken.kind, W, R, values["B"][at] if "B" in values else np.zeros(2 * len(W)), taken.activations[at],
            values["P"][at] if "P" in values else None, taken.clip, taken.linear_before_reset, taken.input_forget,
        )  # fmt: skip
        states = [None if name not in values else (values[name][:, at] if batch_first else values[name][at])
                  for name in ("h0", "c0")]  # fmt: skip
        found = run(cell, X, *states, reverse=direction == "reverse", lengths=lengths)
        last = [0 if direction == "reverse" else (LENGTH if lengths is None else lengths[b]) - 1 for b in range(BATCH)]
        ends = [np.stack([found[name][last[b], b] for b in range(BATCH)]) for name in ("h", "c") if name in found]
        columns.append((found["h"], *ends))
    Y, *ends = (np.stack(parts, axis=1 if at == 0 else 0) for at, parts in enumerate(zip(*columns, strict=True)))
    return [Y.transpose(2, 0, 1, 3), *(end.swapaxes(0, 1) for end in ends)] if batch_first else [Y, *ends]


def node_of(kind: str, values: dict[str, np.ndarray], lengths: bool, attributes: dict) -> onnx.NodeProto:
    names = ["X", "W", "R", "B", "n" if lengths else "", "h0", "c0", "P"]
    names = [name if name in (*values, "n") else "" for name in names]
    while not names[-1]:
        names.pop()
    outputs = ["Y", "Y_h", *(["Y_c"] if kind == "lstm" else [])]
    return helper.make_node(kind.upper(), names, outputs, hidden_size=UNITS, **attributes)


def model_of(node: onnx.NodeProto, values: dict[str, np.ndarray], lengths: np.ndarray | None) -> onnx.ModelProto:
    stored = [name for name in values if name not in ("X", "h0", "c0")]
    weights = [numpy_helper.from_array(values[name].astype(np.float32), name) for name in stored]
    if lengths is not None:
        weights.append(numpy_helper.from_array(lengths.astype(np.int32), "n"))
    graph = helper.make_graph(
        [node],
        "one",
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, values[name].shape)
         for name in values if name not in stored],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in node.output],
        weights,
    )  # fmt: skip
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 14)], ir_version=8)


def check(
    kind: str,
    direction: str = "forward",
    with_: str = "bias",
    lengths: Sequence[int] | None = None,
    outputs: Sequence[str] = ("Y",),
    **attributes: object,
) -> None:
    """Seeds in random directions, every entry of X and of the first states moved a little."""
    values = given(kind, 2 if direction == "bidirectional" else 1, with_)
    if attributes.get("layout"):
        values |= {name: value.swapaxes(0, 1).copy() for name, value in values.items() if name in ("X", "h0", "c0")}
    values = {name: value.astype(np.float32).astype(np.float64) for name, value in values.items()}
    counts = None if lengths is None else np.array(lengths)
    node = node_of(kind, values, lengths is not None, {"direction": direction, **attributes})
    wrt = [name for name in ("X", "h0", "c0") if name in values]
    made = dict(zip(node.output, formula(node, values, counts), strict=True))
    seeds = {name: RNG.normal(size=(2, *made[name].shape)) for name in outputs}
    feeds = {name: values[name].astype(np.float32) for name in wrt}
    found = gradients(model_of(node, values, counts), feeds, seeds, wrt, observed(made, values))
    for name in wrt:
        close = np.zeros_like(found[name])
        for place in np.ndindex(values[name].shape):
            ends = []
            for step in (1e-6, -1e-6):
                moved = values[name].copy()
                moved[place] += step
                ends.append(dict(zip(node.output, formula(node, {**values, name: moved}, counts), strict=True)))
            close[(slice(None), *place)] = sum(
                (seeds[out] * (ends[0][out] - ends[1][out])).reshape(2, -1).sum(axis=1) / 2e-6 for out in outputs
            )
        np.testing.assert_allclose(found[name], close, rtol=1e-6, atol=1e-7)
        assert np.abs(close).max() > 0


def observed(made: dict[str, np.ndarray], values: dict[str, np.ndarray]) -> type:
    """Where onnxruntime does not run a form of a node, what the formulas make stands for it."""

    class Session:
        def __init__(self, contents: bytes) -> None:
            pass

        def run(self, names: list[str], feeds: dict[str, np.ndarray], options: object = None) -> list[np.ndarray]:
            known = {**values, **made}
            return [
                np.array(known[name.removeprefix("embstudio:shape:")].shape)
                if name.startswith("embstudio:shape:")
                else known[name]
                for name in names
            ]

    return Session


@pytest.mark.parametrize("kind", GATES)
@pytest.mark.parametrize("direction", ["forward", "reverse", "bidirectional"])
@pytest.mark.parametrize("with_", ["", "bias", "bias states"])
def test_every_direction(kind: str, direction: str, with_: str) -> None:
    check(kind, direction, with_)


@pytest.mark.parametrize("kind", GATES)
@pytest.mark.parametrize("direction", ["forward", "reverse", "bidirectional"])
def test_sequences_of_different_lengths(kind: str, direction: str) -> None:
    check(kind, direction, "bias states", [LENGTH, 2], ["Y", "Y_h"])


@pytest.mark.parametrize("outputs", [["Y_h"], ["Y_c"], ["Y", "Y_c"], ["Y", "Y_h", "Y_c"]])
def test_the_last_states(outputs: list[str]) -> None:
    check("lstm", "bidirectional", "bias states", outputs=outputs)
    check("gru", "forward", "bias states", outputs=["Y_h"])


@pytest.mark.parametrize("kind", GATES)
def test_the_batch_first(kind: str) -> None:
    check(kind, "bidirectional", "bias states", outputs=["Y", "Y_h"], layout=1)


def test_what_cells_may_be_asked_for() -> None:
    check("gru", linear_before_reset=1)
    check("lstm", with_="bias peepholes states")
    check("lstm", with_="bias peepholes states", input_forget=1)
    check("lstm", clip=0.4)
    check("rnn", activations=["Affine"], activation_alpha=[0.3], activation_beta=[0.1])
    check("rnn", activations=["Softsign"])
    check("gru", activations=["HardSigmoid", "ScaledTanh"], activation_alpha=[0.2, 1.2], activation_beta=[0.5, 0.8])
    check("lstm", "bidirectional", activations=["Sigmoid", "Softsign", "Tanh"] * 2)


def test_from_what_onnxruntime_computes() -> None:
    """The same numbers when the values come from a run in single precision."""
    values = given("lstm", 2, "bias states")
    node = node_of("lstm", values, False, {"direction": "bidirectional"})
    made = formula(node, values, None)
    seeds = {"Y": RNG.normal(size=(2, *made[0].shape))}
    feeds = {name: values[name].astype(np.float32) for name in ("X", "h0", "c0")}
    model = model_of(node, values, None)
    exact = gradients(model, feeds, seeds, ["X"], observed(dict(zip(node.output, made, strict=True)), values))
    found = gradients(model, feeds, seeds, ["X"], onnxruntime_session)
    np.testing.assert_allclose(found["X"], exact["X"], rtol=1e-5, atol=1e-6)
