"""onnx's own node tests for RNN, GRU and LSTM through opening, trace and command line, step by step."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import helper
from onnx.backend.test.case import node as onnx_cases
from onnx.backend.test.case.node import gru, lstm, rnn  # noqa: F401  # importing them makes their cases

from embstudio.__main__ import main
from embstudio.formulas import cell_run
from embstudio.formulas.activations import Activation
from embstudio.formulas.cell_weights import CellWeights
from embstudio.session.messages import ModelRef, TraceRequest
from embstudio.session.runner import Runner
from embstudio.trace.trace import load_trace
from tests.session.recurrent.one_node import DEFAULTS, DIRECTIONS, GATES

# Those of other operators may have been made before, by another test of the same run.
CASES = [case for case in onnx_cases._NodeTestCases if case.model.graph.node[0].op_type.lower() in GATES]
INPUTS = ("X", "W", "R", "B", "lengths", "h", "c", "P")  # by their place in the specification


class Case:
    """A node test as float64 arrays by the names of the specification, tokens first."""

    def __init__(self, case) -> None:
        self.node = case.model.graph.node[0]
        given, made = case.data_sets[0]
        self.feeds = {value.name: array for value, array in zip(case.model.graph.input, given, strict=True)}
        self.made = {value.name: array for value, array in zip(case.model.graph.output, made, strict=True)}
        self.kind = self.node.op_type.lower()
        self.attributes = {a.name: helper.get_attribute_value(a) for a in self.node.attribute}
        self.directions = DIRECTIONS[self.attributes.get("direction", b"forward").decode()]
        self.batch_first = bool(self.attributes.get("layout"))
        self.arrays = {
            name: self.feeds[tensor].astype(np.float64) for name, tensor in zip(INPUTS, self.node.input, strict=False)
            if tensor
        }  # fmt: skip
        if self.batch_first:
            self.arrays |= {name: self.arrays[name].swapaxes(0, 1) for name in "Xhc" if name in self.arrays}

    def cell(self, at: int) -> CellWeights:
        rows = self.arrays["W"].shape[1]
        B, P = self.arrays.get("B"), self.arrays.get("P")
        return CellWeights(
            self.kind, self.arrays["W"][at], self.arrays["R"][at], np.zeros(2 * rows) if B is None else B[at],
            tuple(Activation.named(name) for name in DEFAULTS[self.kind]), None if P is None else P[at],
            linear_before_reset=bool(self.attributes.get("linear_before_reset")),
        )  # fmt: skip

    def gates(self, at: int, direction: str) -> dict[str, np.ndarray]:
        """Of the first sequence, {gate: [pos, unit]}."""
        start = [None if name not in self.arrays else self.arrays[name][at] for name in "hc"]
        lengths = self.arrays.get("lengths")
        found = cell_run.run(self.cell(at), self.arrays["X"], *start, reverse=direction == "reverse", lengths=lengths)
        return {name: value[:, 0] for name, value in found.items()}

    def outputs(self, at: int) -> dict[str, np.ndarray]:
        """What onnx expects of the first sequence: Y [pos, unit] and Y_h, Y_c [unit] of one direction."""
        found = {}
        for place, name in enumerate(("Y", "Y_h", "Y_c")):
            if place < len(self.node.output) and (tensor := self.node.output[place]):
                array = self.made[tensor]
                if place == 0:
                    found[name] = array[0, :, at] if self.batch_first else array[:, at, 0]
                else:
                    found[name] = array[0, at] if self.batch_first else array[at, 0]
        return found


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_it_is_opened_and_every_step_is_right(case, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    expected, path = Case(case), tmp_path / "model.onnx"
    onnx.save(case.model, path)
    np.savez(tmp_path / "in.npz", **expected.feeds)
    runner = Runner.open(ModelRef(path))
    assert runner.opened.verified is not None
    assert runner.opened.verified < 1e-5
    traced = runner.trace(TraceRequest(ModelRef(path), feeds=expected.feeds))
    assert len(traced.tokens) == len(expected.arrays["X"])
    given = ["--feeds", str(tmp_path / "in.npz"), "--out", str(tmp_path / "out.npz")]
    assert main(["trace", str(path), *given]) == 0
    assert not capsys.readouterr().err
    for trace in (traced, load_trace(tmp_path / "out.npz")):
        for at, direction in enumerate(expected.directions):
            gates = expected.gates(at, direction)
            for name, value in gates.items():
                np.testing.assert_allclose(trace[f"{expected.kind}.0.{direction}.{name}"].values, value, atol=1e-5)
            ends = {"Y_h": "h", "Y_c": "c"}
            for name, value in expected.outputs(at).items():
                states = trace[f"{expected.kind}.0.{direction}.{ends.get(name, 'h')}"].values
                last = states if name == "Y" else states[0 if direction == "reverse" else -1]
                np.testing.assert_allclose(last, value, atol=1e-5)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_its_weights_are_told_with_the_input(case, tmp_path: Path) -> None:
    expected = Case(case)
    onnx.save(case.model, tmp_path / "model.onnx")
    runner = Runner.open(ModelRef(tmp_path / "model.onnx"))
    found = runner.cell_weights(runner.opened.anatomy.recurrent[0], expected.feeds)
    for at, direction in enumerate(expected.directions):
        wanted, got = expected.cell(at), found[direction]
        for name in ("W", "R", "B", "peepholes"):
            assert (getattr(wanted, name) is None) == (getattr(got, name) is None)
            if getattr(wanted, name) is not None:
                np.testing.assert_allclose(getattr(got, name), getattr(wanted, name), atol=1e-7)
        assert got.activations == wanted.activations
        assert got.linear_before_reset == wanted.linear_before_reset
