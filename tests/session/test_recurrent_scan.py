"""Recurrent nodes as Scans against PyTorch's gates, float64 cells, the plain node, and onnx's reference evaluator."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper
from onnx.backend.test.case import node as onnx_cases
from onnx.backend.test.case.node import gru, lstm, rnn  # noqa: F401  # importing them makes their cases
from onnx.reference import ReferenceEvaluator

from embstudio.anatomy.anatomy import RecurrentLayer
from embstudio.formulas import cells
from embstudio.session.promote import copy_with_outputs
from embstudio.session.recurrent_scan import ScanCopy, copy_with_scans

GATES = {"lstm": 4, "gru": 3, "rnn": 1}
DIRECTIONS = {"forward": ("forward",), "reverse": ("reverse",), "bidirectional": ("forward", "reverse")}
LENGTH, BATCH, INPUT, UNITS = 6, 3, 5, 4


def layers_of(model: onnx.ModelProto) -> list[RecurrentLayer]:
    """The recurrent layers of a graph in its own order, as the anatomy states them."""
    found: list[RecurrentLayer] = []
    for place, node in enumerate(model.graph.node):
        if node.op_type.lower() in GATES:
            attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}
            directions = DIRECTIONS[attributes.get("direction", b"forward").decode()]
            kind, units = node.op_type.lower(), attributes["hidden_size"]
            found.append(RecurrentLayer(kind, len(found), directions, units, 0, (), place))
    return found


def run(model: bytes, feeds: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Every output of a model by name."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(names, feeds), strict=True))


def gates_of(copy: ScanCopy, feeds: dict[str, np.ndarray]) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """All outputs of a rewritten model: (the graph's own by name, gates and states by point)."""
    tensors = [point.tensor for point in copy.points]
    values = run(copy_with_outputs(copy.model.SerializeToString(), tensors), feeds)
    return values, {point.name: values[point.tensor] for point in copy.points}


# The zoo's exports, with the gates that PyTorch computed ------------------------------------------------------------


def check_against_pytorch(folder: Path) -> None:
    model = onnx.load(folder / "model.onnx")
    reference = np.load(folder / "reference.npz")
    feeds = {model.graph.input[0].name: reference["ids"]}
    own, gates = gates_of(copy_with_scans(model, layers_of(model)), feeds)
    for name, plain in run(model.SerializeToString(), feeds).items():
        np.testing.assert_allclose(own[name], plain, atol=1e-5)
    kind = next(iter(gates)).split(".")[0]
    for gate in set(reference.files) - {"ids"}:
        observed = gates[f"{kind}.0.forward.{gate}"].transpose(1, 0, 2)
        np.testing.assert_allclose(observed, reference[gate], atol=1e-5)


@pytest.mark.parametrize("name", ["rnn-LSTM-1-ts", "rnn-GRU-1-ts", "rnn-RNNtanh-1-ts"])
def test_gates_are_those_of_pytorch(data: Path, name: str) -> None:
    check_against_pytorch(data / name)


@pytest.mark.zoo
@pytest.mark.parametrize(
    "name", ["rnn-LSTM-1-dyn", "rnn-LSTM-2-tf-dyn", "rnn-LSTM-2-tf-ts", "rnn-GRU-1-dyn", "rnn-GRU-2-tf-dyn",
             "rnn-GRU-2-tf-ts"],
)  # fmt: skip
def test_gates_are_those_of_pytorch_in_every_export(zoo: Path, name: str) -> None:
    check_against_pytorch(zoo / name)


@pytest.mark.zoo
def test_a_trained_model_found_in_public_keeps_its_outputs(zoo: Path) -> None:
    model = onnx.load(zoo / "_public" / "nnsplit_en_v1.onnx")
    feeds = {model.graph.input[0].name: np.frombuffer(b"This is one. This is two", np.uint8)[None]}
    copy = copy_with_scans(model, layers_of(model))
    assert not copy.notes
    own, _ = gates_of(copy, feeds)
    for name, plain in run(model.SerializeToString(), feeds).items():
        np.testing.assert_allclose(own[name], plain, atol=1e-5)


# Nodes made here, in every form that is covered --------------------------------------------------------------------


def node_model(
    kind: str, direction: str, opset: int, *, inputs: frozenset[str], attributes: dict[str, object] | None = None
) -> tuple[onnx.ModelProto, dict[str, np.ndarray]]:
    """A graph of one recurrent node with random weights, and random feeds. inputs: of "B", "lengths", "states"."""
    rng = np.random.default_rng(13)
    D, G = len(DIRECTIONS[direction]), GATES[kind]
    shapes = {"W": (D, G * UNITS, INPUT), "R": (D, G * UNITS, UNITS), "B": (D, 2 * G * UNITS)}
    weights = {name: rng.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}
    feeds = {"X": rng.normal(size=(LENGTH, BATCH, INPUT)).astype(np.float32)}
    if "lengths" in inputs:
        feeds["lengths"] = np.array([LENGTH, 2, 4], np.int32)
    if "states" in inputs:
        feeds["h0"] = rng.normal(size=(D, BATCH, UNITS)).astype(np.float32)
        if kind == "lstm":
            feeds["c0"] = rng.normal(size=(D, BATCH, UNITS)).astype(np.float32)
    given = ["X", "W", "R", "B" if "B" in inputs else "", "lengths", "h0", "c0"]
    given = [name if name in {*feeds, *weights} and (name != "B" or "B" in inputs) else "" for name in given]
    while not given[-1]:
        given.pop()
    outputs = ["Y", "Y_h", *(["Y_c"] if kind == "lstm" else [])]
    node = helper.make_node(kind.upper(), given, outputs, hidden_size=UNITS, direction=direction, **(attributes or {}))
    graph = helper.make_graph(
        [node],
        "one",
        [helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(value.dtype), value.shape)
         for name, value in feeds.items()],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs],
        [numpy_helper.from_array(value, name) for name, value in weights.items() if name in given],
    )  # fmt: skip
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
    return model, feeds


FORMS = [
    (kind, direction, opset, frozenset(inputs), linear)
    for kind, direction, opset, inputs in product(
        GATES, DIRECTIONS, (9, 11, 13, 18, 22), ((), ("B",), ("B", "states"), ("B", "lengths", "states"))
    )
    for linear in ((0, 1) if kind == "gru" else (0,))
    if opset >= 11 or "lengths" not in inputs
]


def reference_gates(
    model: onnx.ModelProto, feeds: dict[str, np.ndarray], kind: str, at: int, direction: str, linear: int
) -> dict[str, np.ndarray]:
    """Gates and states in float64, one sequence of the batch at a time, 0 past its end: {gate: [pos, batch, unit]}."""
    weights = {tensor.name: numpy_helper.to_array(tensor)[at].astype(np.float64) for tensor in model.graph.initializer}
    B = weights.get("B", np.zeros(2 * GATES[kind] * UNITS))
    X = feeds["X"].astype(np.float64)
    lengths = feeds.get("lengths", np.full(BATCH, LENGTH))
    columns = []
    for sequence, length in enumerate(lengths):
        states = {"h": feeds["h0"][at, sequence].astype(np.float64)} if "h0" in feeds else {}
        if "c0" in feeds:
            states["c"] = feeds["c0"][at, sequence].astype(np.float64)
        extra = {"linear_before_reset": bool(linear)} if kind == "gru" else {}
        cell: Callable[..., dict[str, np.ndarray]] = getattr(cells, kind)
        found = cell(X[:length, sequence], weights["W"], weights["R"], B, reverse=direction == "reverse",
                     **states, **extra)  # fmt: skip
        columns.append({gate: np.pad(value, ((0, LENGTH - length), (0, 0))) for gate, value in found.items()})
    return {gate: np.stack([column[gate] for column in columns], axis=1) for gate in columns[0]}


@pytest.mark.parametrize(
    ("kind", "direction", "opset", "inputs", "linear"),
    FORMS,
    ids=lambda value: "+".join(sorted(value)) if isinstance(value, frozenset) else str(value),
)
def test_every_form_agrees_with_the_node_and_with_float64(
    kind: str, direction: str, opset: int, inputs: frozenset[str], linear: int
) -> None:
    attributes = {"linear_before_reset": linear} if kind == "gru" else {}
    model, feeds = node_model(kind, direction, opset, inputs=inputs, attributes=attributes)
    before = model.SerializeToString()
    copy = copy_with_scans(model, layers_of(model))
    assert model.SerializeToString() == before
    assert not copy.notes
    own, gates = gates_of(copy, feeds)
    for name, plain in run(before, feeds).items():
        np.testing.assert_allclose(own[name], plain, atol=1e-5)
    for at, name in enumerate(DIRECTIONS[direction]):
        expected = reference_gates(model, feeds, kind, at, name, linear)
        assert {gate.rpartition(".")[2] for gate in gates} == set(expected)
        for gate, value in expected.items():
            np.testing.assert_allclose(gates[f"{kind}.0.{name}.{gate}"], value, atol=1e-5)


@pytest.mark.parametrize("names", [["Relu"], ["Sigmoid"], ["Tanh"]])
def test_other_activations_of_a_plain_rnn(names: list[str]) -> None:
    model, feeds = node_model("rnn", "forward", 14, inputs=frozenset("B"), attributes={"activations": names})
    own, gates = gates_of(copy_with_scans(model, layers_of(model)), feeds)
    np.testing.assert_allclose(own["Y"], run(model.SerializeToString(), feeds)["Y"], atol=1e-5)
    function = {"relu": cells.relu, "sigmoid": cells.sigmoid, "tanh": np.tanh}[names[0].lower()]
    np.testing.assert_allclose(gates["rnn.0.forward.h"], function(gates["rnn.0.forward.a"]), atol=1e-6)


def test_double_precision() -> None:
    model, feeds = node_model("lstm", "bidirectional", 14, inputs=frozenset({"B", "lengths"}))
    for tensor in model.graph.initializer:
        tensor.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(tensor).astype(np.float64), tensor.name))
    for value in (*model.graph.input, *model.graph.output):
        if value.name != "lengths":
            value.type.tensor_type.elem_type = TensorProto.DOUBLE
    feeds["X"] = feeds["X"].astype(np.float64)
    own, gates = gates_of(copy_with_scans(model, layers_of(model)), feeds)
    assert own["Y"].dtype == np.float64
    for at, direction in enumerate(DIRECTIONS["bidirectional"]):
        for gate, value in reference_gates(model, feeds, "lstm", at, direction, 0).items():
            np.testing.assert_allclose(gates[f"lstm.0.{direction}.{gate}"], value, atol=1e-12)


# What onnx itself has to say ---------------------------------------------------------------------------------------


NOT_COVERED = {"test_lstm_with_peepholes": "peephole weights", "test_lstm_batchwise": "the batch-first layout",
               "test_gru_batchwise": "the batch-first layout",
               "test_simple_rnn_batchwise": "the batch-first layout"}  # fmt: skip


@pytest.mark.parametrize("case", onnx_cases._NodeTestCases, ids=lambda case: case.name)
def test_onnx_own_node_tests(case) -> None:
    copy = copy_with_scans(case.model, layers_of(case.model))
    if case.name in NOT_COVERED:
        assert NOT_COVERED[case.name] in copy.notes[0]
        assert copy.model.graph.node == case.model.graph.node
        return
    assert not copy.notes
    arrays, expected = case.data_sets[0]
    feeds = {value.name: array for value, array in zip(case.model.graph.input, arrays, strict=True)}
    own, _ = gates_of(copy, feeds)
    for value, array in zip(case.model.graph.output, expected, strict=True):
        np.testing.assert_allclose(own[value.name], array, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("kind", GATES)
def test_the_reference_evaluator_runs_the_rewritten_graph_too(kind: str) -> None:
    model, feeds = node_model(kind, "forward", 17, inputs=frozenset("B"))
    copy = copy_with_scans(model, layers_of(model))
    evaluated = ReferenceEvaluator(copy.model).run(["Y", "Y_h"], feeds)
    for name, value in zip(["Y", "Y_h"], evaluated, strict=True):
        np.testing.assert_allclose(value, run(model.SerializeToString(), feeds)[name], atol=1e-5)


# What is left alone ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "attributes", "reason"),
    [
        ("rnn", {"clip": 3.0}, "clipped sums"),
        ("lstm", {"input_forget": 1}, "a forget gate tied to the input gate"),
        ("lstm", {"activations": ["HardSigmoid", "Tanh", "Tanh"]}, "the activation HardSigmoid"),
    ],
)
def test_what_is_not_covered_keeps_the_node_and_says_so(kind: str, attributes: dict, reason: str) -> None:
    model, _ = node_model(kind, "forward", 14, inputs=frozenset("B"), attributes=attributes)
    copy = copy_with_scans(model, layers_of(model))
    assert not copy.points
    assert copy.notes == (f"The gates of {kind} layer 0 cannot be shown yet: it uses {reason}.",)
    assert copy.model.graph.node == model.graph.node


def test_an_operator_set_without_scan() -> None:
    model, _ = node_model("lstm", "forward", 7, inputs=frozenset("B"))
    assert "operator set 7" in copy_with_scans(model, layers_of(model)).notes[0]
