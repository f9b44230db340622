"""Unusual forms of a node saved, opened and traced: gates are those of float64 cells, and so are the weights told."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest

from embstudio.session.messages import ModelRef, TraceRequest
from embstudio.session.recurrent_scan import copy_with_scans
from embstudio.session.runner import Runner
from tests.session.recurrent.one_node import OneNode, gates_of, run

ALL = frozenset({"B", "lengths", "states", "P"})
FORMS = [
    OneNode("lstm", "bidirectional", layout=1, dtype=np.float16, extras=ALL),
    OneNode("gru", opset=9, dtype=np.float64),
    OneNode("rnn", "reverse", opset=7, dtype=np.float64),
    OneNode("lstm", opset=7, extras=ALL, clip=0.5),
    OneNode("gru", "bidirectional", layout=1, dtype=np.float64, weights_as_inputs=True),
    OneNode("lstm", "reverse", weights_as_inputs=True, extras=ALL, flags={"input_forget": 1}),
    OneNode("gru", activations=(("HardSigmoid", 0.3, 0.4), ("Elu", 0.8, None)), layout=1, extras=ALL),
]


@pytest.mark.parametrize(
    "form", FORMS, ids=lambda form: f"{form.kind}-{form.opset}-{form.dtype.__name__}-{form.layout}"
)
def test_what_is_traced_and_told(form: OneNode, tmp_path: Path) -> None:
    model, feeds = form.model()
    reference = ModelRef(tmp_path / "model.onnx")
    onnx.save(model, reference.path)
    runner = Runner.open(reference)
    assert runner.opened.verified is not None
    assert runner.opened.verified < 1e-3 if form.dtype is np.float16 else runner.opened.verified < 1e-5
    trace = runner.trace(TraceRequest(reference, feeds=feeds))
    for direction, gates in form.gates().items():
        for gate, value in gates.items():
            seen = trace[f"{form.kind}.0.{direction}.{gate}"].values
            np.testing.assert_allclose(seen, value[:, 0], rtol=1e-5, atol=1e-5)
    found = runner.cell_weights(runner.opened.anatomy.recurrent[0], feeds)
    for direction, cell in zip(form.directions, form.cells(), strict=True):
        told = found[direction]
        np.testing.assert_allclose(told.W, cell.W, rtol=1e-6)
        np.testing.assert_allclose(told.R, cell.R, rtol=1e-6)
        np.testing.assert_allclose(told.B, cell.B, rtol=1e-6)
        assert [each.name for each in told.activations] == [each.name for each in cell.activations]
        assert (told.clip, told.input_forget) == (cell.clip, cell.input_forget)


@pytest.mark.parametrize("name", ["Affine", "ThresholdedRelu", "ScaledTanh", "LeakyRelu", "HardSigmoid", "Elu"])
def test_numbers_that_are_left_out_are_those_that_onnxruntime_takes(name: str) -> None:
    form = OneNode("rnn", activations=((name, None, None),))
    model, feeds = form.model()
    own, _ = gates_of(copy_with_scans(model, [form.layer]), feeds)
    np.testing.assert_allclose(own["Y"], run(model.SerializeToString(), feeds)["Y"], rtol=1e-5, atol=1e-6)
