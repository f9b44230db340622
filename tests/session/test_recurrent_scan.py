"""Recurrent nodes as Scans against PyTorch's gates, and onnx's own node tests. Every form: tests/session/recurrent."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import helper
from onnx.backend.test.case import node as onnx_cases
from onnx.backend.test.case.node import gru, lstm, rnn  # noqa: F401  # importing them makes their cases

from embstudio.anatomy.anatomy import RecurrentLayer
from embstudio.session.recurrent_scan import copy_with_scans
from tests.session.recurrent.one_node import DIRECTIONS, GATES, gates_of, run


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


# What onnx itself has to say ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", onnx_cases._NodeTestCases, ids=lambda case: case.name)
def test_onnx_own_node_tests(case) -> None:
    copy = copy_with_scans(case.model, layers_of(case.model))
    assert not copy.notes
    arrays, expected = case.data_sets[0]
    feeds = {value.name: array for value, array in zip(case.model.graph.input, arrays, strict=True)}
    own, _ = gates_of(copy, feeds)
    for value, array in zip(case.model.graph.output, expected, strict=True):
        np.testing.assert_allclose(own[value.name], array, rtol=1e-5, atol=1e-6)
