"""A cell in every way of writing it, unrolled, in a Loop and in a Scan: its gates and states are those of the formulas,
and so are its weights."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from embstudio.formulas.cell_run import run
from embstudio.formulas.cell_weights import CellWeights
from embstudio.session.messages import GradientRequest, ModelRef, TraceRequest
from embstudio.session.runner import Runner
from embstudio.trace.trace import Provenance
from tests.session.cells import writing
from tests.session.cells.writing import IDS, Form, Model, random_cell

PEEPHOLES = np.random.default_rng(9).normal(size=3 * writing.UNITS)
AFTER = {"linear_before_reset": True}
CELLS: dict[str, tuple[Form, CellWeights]] = {
    "lstm, one Gemm each for x and h": (writing.lstm(writing.gates_by_gemm("ifgo")), random_cell("lstm", 1)),
    "lstm, x and h together": (writing.lstm(writing.gates_by_concat("fgoi")), random_cell("lstm", 2)),
    "lstm, a matrix for each gate": (writing.lstm(writing.gates_one_by_one("ogif")), random_cell("lstm", 3)),
    "lstm, peepholes": (writing.lstm(writing.gates_by_gemm("iofg")), random_cell("lstm", 4, peepholes=PEEPHOLES)),
    "rnn": (writing.rnn, random_cell("rnn", 5)),
    "rnn, relu": (writing.rnn, random_cell("rnn", 6, functions=("Relu",))),
    **{
        f"gru, {update}, {'after' if settings else 'before'} the matrix": (
            writing.gru(update), random_cell("gru", 7, **settings)
        )
        for update in ("(1-z)n+zh", "(1-u)h+un", "n+z(h-n)", "h+u(n-h)", "h-u(h-n)")
        for settings in ({}, AFTER)
    },
    "gru, x and h together": (writing.gru("(1-z)n+zh", sums=writing.gates_by_concat), random_cell("gru", 8)),
}  # fmt: skip
WAYS = {"unrolled": writing.unrolled, "Loop": writing.looped, "Scan": writing.scanned}


def opened(model: Model, folder: Path) -> tuple[Runner, TraceRequest]:
    ref = ModelRef(model.saved(folder))
    return Runner.open(ref), TraceRequest(ref, ids=IDS)


@pytest.mark.parametrize("reverse", [False, True], ids=["forward", "reverse"])
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", CELLS)
def test_gates_states_and_weights(name: str, way: str, reverse: bool, tmp_path: Path) -> None:
    form, cell = CELLS[name]
    model = WAYS[way](form, cell, reverse=reverse)
    runner, request = opened(model, tmp_path)
    (layer,) = runner.opened.anatomy.recurrent
    direction = "reverse" if reverse else "forward"
    assert (layer.kind, layer.layer, layer.directions) == (cell.kind, 0, (direction,))
    assert (layer.units, layer.input_width, layer.activations) == (
        writing.UNITS, writing.WIDTH, tuple(each.name for each in cell.activations)
    )  # fmt: skip
    trace = runner.trace(request)
    for gate, value in model.expected(cell, reverse=reverse).items():
        point = f"{cell.kind}.0.{direction}.{gate}"
        np.testing.assert_allclose(trace[point].values, value, atol=1e-5, err_msg=point)
    findings = {finding.law: finding for finding in runner.opened.findings}
    assert len(findings) == (2 if cell.kind == "lstm" else 1)
    assert all(finding.holds and finding.worst < 1e-5 for finding in findings.values())
    _check_weights(runner.cell_weights(layer)[direction], cell, model)


def _check_weights(found: CellWeights, cell: CellWeights, model: Model) -> None:
    """Matrices are those that were written; biases may be split otherwise, but do the same."""
    np.testing.assert_allclose(found.W, cell.W, atol=1e-5)
    np.testing.assert_allclose(found.R, cell.R, atol=1e-5)
    assert (found.activations, found.linear_before_reset) == (cell.activations, cell.linear_before_reset)
    assert (found.peepholes is None) == (cell.peepholes is None)
    X = model.table[list(IDS)].astype(np.float64)
    expected = run(cell, X)
    for gate, value in run(found, X).items():
        np.testing.assert_allclose(value, expected[gate], atol=1e-5, err_msg=gate)


def test_a_gate_that_the_model_holds_the_other_way_round_is_recomputed(tmp_path: Path) -> None:
    model = writing.unrolled(writing.gru("(1-u)h+un"), random_cell("gru", 7))
    runner, request = opened(model, tmp_path)
    trace = runner.trace(request)
    assert trace.provenance["gru.0.forward.z"] is Provenance.RECOMPUTED
    assert trace.provenance["gru.0.forward.r"] is Provenance.OBSERVED
    (layer,) = runner.opened.anatomy.recurrent
    assert layer.cell is not None
    assert layer.cell.notes == ("Its update gate is 1 − a gate of the model, which stands for what is written.",)


@pytest.mark.parametrize("way", ["Loop", "Scan"])
def test_a_loop_takes_texts_of_any_length(way: str, tmp_path: Path) -> None:
    form, cell = CELLS["lstm, one Gemm each for x and h"]
    model = WAYS[way](form, cell)
    runner, request = opened(model, tmp_path)
    for ids in ((3,), (1, 2, 3, 4, 5, 6, 7, 8, 9, 10)):
        trace = runner.trace(TraceRequest(request.model, ids=ids))
        expected = model.expected(cell, ids=ids)
        np.testing.assert_allclose(trace["lstm.0.forward.c"].values, expected["c"], atol=1e-5)
        assert trace.notes == ()


def fixed(tmp_path: Path) -> tuple[Runner, ModelRef, Model, CellWeights]:
    form, cell = CELLS["lstm, one Gemm each for x and h"]
    model = writing.unrolled(form, cell)
    runner, request = opened(model, tmp_path)
    return runner, request.model, model, cell


@pytest.mark.parametrize("ids", [(4,), (4, 1, 8)])
def test_a_shorter_text_is_padded_and_the_padding_not_shown(ids: tuple[int, ...], tmp_path: Path) -> None:
    runner, ref, model, cell = fixed(tmp_path)
    trace = runner.trace(TraceRequest(ref, ids=ids))
    expected = model.expected(cell, ids=ids)
    for gate in "iofgch":
        np.testing.assert_allclose(trace[f"lstm.0.forward.{gate}"].values, expected[gate], atol=1e-5)
    (note,) = trace.notes
    assert note.startswith("This model takes exactly 5 tokens")
    assert "not shown" in note


def test_of_a_longer_text_a_window_is_run_and_said(tmp_path: Path) -> None:
    runner, ref, model, cell = fixed(tmp_path)
    trace = runner.trace(TraceRequest(ref, ids=(*IDS, 1, 2)))
    np.testing.assert_allclose(trace["lstm.0.forward.c"].values, model.expected(cell)["c"], atol=1e-5)
    assert trace.notes == ("5 of 7 tokens were run, from token 0: the model was exported for no more.",)


def test_how_far_a_state_of_written_out_steps_reaches_back(tmp_path: Path) -> None:
    """Against differences of the formulas, in double precision."""
    form, cell = CELLS["gru, (1-u)h+un, after the matrix"]
    model = writing.unrolled(form, cell)
    runner, request = opened(model, tmp_path)
    found = runner.gradients(GradientRequest(request.model, request, token=3))
    assert found.reached is not None
    assert found.of == "gru.0.forward.h"
    X, small = model.table[list(IDS)].astype(np.float64), 1e-6
    for token in range(len(IDS)):
        columns = []
        for axis in range(writing.WIDTH):
            step = np.zeros_like(X)
            step[token, axis] = small
            columns.append((run(cell, X + step)["h"][3] - run(cell, X - step)["h"][3]) / (2 * small))
        norm = np.linalg.norm(columns)
        assert 10.0 ** found.reached[token] == pytest.approx(norm, rel=1e-4, abs=1e-12)
