"""Cells whose states a mask keeps at some tokens, in every way of blending and of going from token to token.

Token 2 is padding, in the middle of the text too. Expected are the steps of `formulas.cell_run` in double precision,
each from the states that the step before left, and left out where the mask says so.
"""

from __future__ import annotations

from itertools import product
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from embstudio.formulas.cell_run import run
from embstudio.formulas.cell_weights import CellWeights
from embstudio.session.messages import GradientRequest, ModelRef, TraceRequest
from embstudio.session.replacement import Replacement
from embstudio.session.runner import Runner
from tests.session.cells import writing
from tests.session.cells.writing import IDS, STEPS, UNITS, WIDTH, Form, Model, Writer, random_cell

PADDING = 2
CELLS: dict[str, tuple[Form, CellWeights]] = {
    "lstm": (writing.lstm(writing.gates_by_gemm("ifgo")), random_cell("lstm", 1)),
    "gru": (writing.gru("(1-z)n+zh"), random_cell("gru", 7, linear_before_reset=True)),
    "gru, other gate": (writing.gru("h+u(n-h)"), random_cell("gru", 7)),
    "rnn": (writing.rnn, random_cell("rnn", 5)),
}
BLENDS = ("Where", "Where, padding", "m new + (1 - m) old", "m new + not m old", "old + m (new - old)")
WAYS = ("unrolled", "Loop", "Scan")


def blended(out: Writer, how: str, real: str, new: str, old: str) -> str:
    """real: bools [batch, 1]."""
    if how == "Where":
        return out.add("Where", real, new, old)
    if how == "Where, padding":
        return out.add("Where", out.add("Not", real), old, new)
    m = out.add("Cast", real, to=TensorProto.FLOAT)
    if how == "old + m (new - old)":
        return out.add("Add", old, out.add("Mul", out.add("Sub", new, old), m))
    if how == "m new + not m old":
        rest = out.add("Cast", out.add("Not", real), to=TensorProto.FLOAT)
    else:
        rest = out.add("Sub", out.weight(1.0), m)
    return out.add("Add", out.add("Mul", m, new), out.add("Mul", rest, old))


def masked(form: Form, cell: CellWeights, how: str, way: str) -> Model:
    out, body = Writer(), Writer("b")
    table, x = writing.looked_up(out)
    real = out.add("Unsqueeze", out.add("Not", out.add("Equal", "ids", out.weight(PADDING))), out.weight([2]))

    def step(here: Writer, made: writing.Step, x: str, real: str, h: str, c: str) -> tuple[str, str]:
        new, memory = made(x, h, c)
        return blended(here, how, real, new, h), blended(here, how, real, memory, c) if memory else ""

    if way == "unrolled":
        made, states = form(out, cell), []
        h = c = out.weight(np.zeros((1, UNITS)))
        for token in range(STEPS):
            each, kept = (out.add("Gather", tensor, out.weight(token), axis=1) for tensor in (x, real))
            h, c = step(out, made, each, kept, h, c)
            states.append(out.add("Unsqueeze", h, out.weight([1])))
        return writing.finished_model(out, out.add("Concat", *states, axis=1), table)
    zeros, info = writing.zeros(out, x), helper.make_tensor_value_info
    after = ("h", "c") if cell.kind == "lstm" else ("h",)
    if way == "Loop":
        each, kept = (body.add("Gather", tensor, "number", axis=1) for tensor in (x, real))
    else:
        each, kept = "x", "real"
    h, c = step(body, form(body, cell), each, kept, "h", "c")
    left, go_on = body.add("Identity", h), body.add("Identity", "go_on")
    results = [info(name, TensorProto.FLOAT, None) for name in ((h, c) if c else (h,))] + [info(left, 1, None)]
    inputs = [info(name, TensorProto.FLOAT, [None, UNITS]) for name in after]
    if way == "Loop":
        inputs = [info("number", TensorProto.INT64, []), info("go_on", TensorProto.BOOL, []), *inputs]
        graph = helper.make_graph(body.nodes, "body", inputs, [info(go_on, TensorProto.BOOL, []), *results],
                                  writing.constants(body))  # fmt: skip
        length = out.add("Gather", out.add("Shape", x), out.weight(1), axis=0)
        states = out.many("Loop", [length, "", *[zeros] * len(after)], len(after) + 1, {"body": graph})[-1]
    else:
        body.nodes.pop()
        inputs += [info("x", TensorProto.FLOAT, None), info("real", TensorProto.BOOL, None)]
        graph = helper.make_graph(body.nodes, "body", inputs, results, writing.constants(body))
        x, real = (out.add("Transpose", tensor, perm=[1, 0, 2]) for tensor in (x, real))
        states = out.many("Scan", [*[zeros] * len(after), x, real], len(after) + 1,
                          {"body": graph, "num_scan_inputs": 2})[-1]  # fmt: skip
    return writing.finished_model(out, out.add("Transpose", states, perm=[1, 0, 2]), table)


def expected(cell: CellWeights, X: np.ndarray, ids: tuple[int, ...]) -> dict[str, np.ndarray]:
    """Every gate and state [pos, unit] in double precision."""
    h, c = np.zeros(UNITS), np.zeros(UNITS)
    rows = []
    for x, token in zip(X, ids, strict=True):
        gates = {name: value[0] for name, value in run(cell, x[None], h, c).items()}
        if token == PADDING:
            gates |= {"h": h} | ({"c": c} if "c" in gates else {})
        h, c = gates["h"], gates.get("c", c)
        rows.append(gates)
    return {name: np.stack([row[name] for row in rows]) for name in rows[0]}


def opened(model: Model, folder: Path) -> tuple[Runner, TraceRequest]:
    ref = ModelRef(model.saved(folder))
    return Runner.open(ref), TraceRequest(ref, ids=IDS)


@pytest.mark.parametrize(("name", "how", "way"), [*product(CELLS, BLENDS, WAYS)])
def test_gates_states_and_weights(name: str, how: str, way: str, tmp_path: Path) -> None:
    form, cell = CELLS[name]
    model = masked(form, cell, how, way)
    runner, request = opened(model, tmp_path)
    anatomy = runner.opened.anatomy
    (layer,) = anatomy.recurrent
    assert (layer.kind, layer.layer, layer.directions, layer.units) == (cell.kind, 0, ("forward",), UNITS)
    assert layer.cell is not None
    assert layer.cell.masked
    assert any("mask" in note for note in layer.cell.notes)
    assert anatomy.unrecognised == ()
    trace = runner.trace(request)
    X = model.table[list(IDS)].astype(np.float64)
    for gate, value in expected(cell, X, IDS).items():
        np.testing.assert_allclose(trace[f"{cell.kind}.0.forward.{gate}"].values, value, atol=1e-5, err_msg=gate)
    assert runner.opened.findings
    assert all(finding.holds for finding in runner.opened.findings)
    found = runner.cell_weights(layer)["forward"]
    np.testing.assert_allclose(found.R, cell.R, atol=1e-5)
    np.testing.assert_allclose(found.W, cell.W, atol=1e-5)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", CELLS)
def test_gradients_pass_a_masked_token_as_they_are(name: str, way: str, tmp_path: Path) -> None:
    form, cell = CELLS[name]
    model = masked(form, cell, "Where", way)
    runner, request = opened(model, tmp_path)
    found = runner.gradients(GradientRequest(request.model, request, token=4))
    (of_h,) = [each for each in found.cells if each.state.endswith(".h")]
    assert np.isfinite(of_h.norms).all()
    np.testing.assert_array_equal(of_h.norms[[1, 3]], of_h.norms[[0, 2]])
    np.testing.assert_array_equal(of_h.steps[3], 1.0)


@pytest.mark.parametrize("name", CELLS)
def test_a_masked_token_reaches_no_later_state(name: str, tmp_path: Path) -> None:
    """Against differences of the formulas; a Loop or Scan of the file is not differentiated through."""
    form, cell = CELLS[name]
    model = masked(form, cell, "Where", "unrolled")
    runner, request = opened(model, tmp_path)
    found = runner.gradients(GradientRequest(request.model, request, token=4))
    X, small = model.table[list(IDS)].astype(np.float64), 1e-6
    assert found.reached is not None
    for token in range(STEPS):
        columns = []
        for axis in range(WIDTH):
            step = np.zeros_like(X)
            step[token, axis] = small
            up, down = (expected(cell, each, IDS)["h"][4] for each in (X + step, X - step))
            columns.append((up - down) / (2 * small))
        norm = np.linalg.norm(columns)
        if IDS[token] == PADDING:
            assert norm == 0
            assert not np.isfinite(found.reached[token])
        else:
            assert 10.0 ** found.reached[token] == pytest.approx(norm, rel=1e-4)


@pytest.mark.parametrize("way", WAYS)
def test_what_replaces_a_memory_is_what_the_state_shows(way: str, tmp_path: Path) -> None:
    form, cell = CELLS["lstm"]
    model = masked(form, cell, "Where", way)
    runner, request = opened(model, tmp_path)
    given = Replacement("lstm.0.forward.c", start=2, end=3)
    trace = runner.trace(TraceRequest(request.model, ids=IDS, replacements=(given,)))
    np.testing.assert_allclose(trace["lstm.0.forward.c"].values[2:4], 0, atol=1e-7)
    np.testing.assert_allclose(trace["lstm.0.forward.h"].values[2:4], 0, atol=1e-7)


def test_the_helpers_of_this_file_make_models_that_onnx_takes() -> None:
    form, cell = CELLS["lstm"]
    for how, way in product(BLENDS, WAYS):
        onnx.checker.check_model(masked(form, cell, how, way).proto, full_check=True)


@pytest.mark.parametrize("way", WAYS)
def test_steps_of_no_known_cell_are_said_to_be_closed(way: str, tmp_path: Path) -> None:
    """A state that is squared is no activation of a sum."""

    def squares(out: Writer, cell: CellWeights) -> writing.Step:
        w, r = (out.weight(np.asarray(matrix).T / 4) for matrix in (cell.W, cell.R))

        def step(x: str, h: str, c: str) -> tuple[str, str]:
            total = out.add("Add", out.add("MatMul", x, w), out.add("MatMul", h, r))
            return out.add("Tanh", out.add("Mul", total, total)), ""

        return step

    runner, _ = opened(masked(squares, CELLS["rnn"][1], "Where", way), tmp_path)
    assert runner.opened.anatomy.recurrent == ()
    assert any("recurrent steps" in sentence for sentence in runner.opened.anatomy.unrecognised)
