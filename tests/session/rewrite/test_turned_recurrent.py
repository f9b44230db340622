"""Recurrent operators fed with the text turned round: the states stand at the tokens they belong to.

Everything is held against `formulas.cell_run` in double precision, given the text the other way round.
"""

from __future__ import annotations

from itertools import product
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest

from embstudio.formulas.cell_run import run
from embstudio.formulas.cell_weights import CellWeights
from embstudio.session.messages import GradientRequest, ModelRef, TraceRequest
from embstudio.session.rewrite.open_up import open_up
from embstudio.session.runner import Runner
from tests.session.cells.writing import IDS, UNITS, WIDTH, Model, Writer, finished_model, looked_up, random_cell

KINDS = ("rnn", "gru", "lstm")
BEFORE_ALL = -(2**62)
WAYS = ("Slice", "ReverseSequence", "Slice with the batch first", "Gather")
Cells = dict[str, CellWeights]


def turn(out: Writer, x: str, way: str, axis: int = 0) -> str:
    """x [pos, batch, …], or the batch first for axis 1, turned round."""
    if way == "Slice":
        return out.add("Slice", x, out.weight([-1]), out.weight([BEFORE_ALL]), out.weight([axis]), out.weight([-1]))
    if way == "Gather":
        return out.add("Gather", x, out.weight(list(range(len(IDS)))[::-1]), axis=axis)
    if way == "ReverseSequence":
        shape = out.add("Shape", x)
        length, batch = (out.add("Slice", shape, out.weight([at]), out.weight([at + 1])) for at in (axis, 1 - axis))
        return out.add("ReverseSequence", x, out.add("Expand", length, batch), time_axis=axis, batch_axis=1 - axis)
    moved = out.add("Transpose", x, perm=[1, 0, 2])
    return out.add("Transpose", turn(out, moved, "Slice", 1 - axis), perm=[1, 0, 2])


def operator(out: Writer, x: str, cells: list[CellWeights], direction: str = "forward") -> str:
    """One operator; returns its states [pos, batch, directions·unit]."""
    parts = [np.stack([getattr(cell, name) for cell in cells]) for name in ("W", "R", "B")]
    settings = {"linear_before_reset": 1} if cells[0].linear_before_reset else {}
    made = out.add(cells[0].kind.upper(), x, *map(out.weight, parts), hidden_size=UNITS, direction=direction,
                   **settings)  # fmt: skip
    made = out.add("Transpose", made, perm=[0, 2, 1, 3])
    return out.add("Reshape", made, out.weight([0, 0, len(cells) * UNITS]))


def finished(out: Writer, table: np.ndarray, states: str, width: int = UNITS) -> Model:
    if width != UNITS:
        states = out.add("MatMul", states, out.weight(np.random.default_rng(3).normal(size=(width, UNITS))))
    return finished_model(out, out.add("Transpose", states, perm=[1, 0, 2]), table)


def traced(model: Model, folder: Path, ids: tuple[int, ...] = IDS) -> tuple[Runner, TraceRequest]:
    ref = ModelRef(model.saved(folder))
    return Runner.open(ref), TraceRequest(ref, ids=ids)


def outputs(model: onnx.ModelProto, ids: tuple[int, ...] = IDS) -> np.ndarray:
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return np.asarray(session.run(None, {"ids": np.array([ids])})[0])


def check(runner: Runner, request: TraceRequest, prefix: str, expected: dict[str, np.ndarray]) -> None:
    trace = runner.trace(request)
    for gate, value in expected.items():
        np.testing.assert_allclose(trace[f"{prefix}.{gate}"].values, value, atol=1e-5, err_msg=f"{prefix}.{gate}")


@pytest.mark.parametrize(
    ("kind", "way", "back"), [each for each in product(KINDS, WAYS, (True, False)) if each[0] != "rnn" or each[2]]
)
def test_a_layer_that_reads_backwards(kind: str, way: str, back: bool, tmp_path: Path) -> None:
    cell, out = random_cell(kind, 3), Writer()
    table, x = looked_up(out)
    states = operator(out, turn(out, out.add("Transpose", x, perm=[1, 0, 2]), way), [cell])
    model = finished(out, table, turn(out, states, way) if back else states)
    runner, request = traced(model, tmp_path)
    (layer,) = runner.opened.anatomy.recurrent
    assert (layer.kind, layer.layer, layer.directions) == (kind, 0, ("reverse",))
    check(runner, request, f"{kind}.0.reverse", model.expected(cell, reverse=True))
    np.testing.assert_allclose(outputs(open_up(model.proto).model), outputs(model.proto), atol=1e-6)
    (found,) = runner.cell_weights(layer).values()
    np.testing.assert_allclose(found.R, cell.R, atol=1e-6)
    assert runner.opened.findings
    assert all(finding.holds for finding in runner.opened.findings)


@pytest.mark.parametrize("way", WAYS)
def test_the_halves_of_a_bidirectional_layer_are_one_layers_and_the_next_reads_both(way: str, tmp_path: Path) -> None:
    first, second = (random_cell("lstm", seed) for seed in (1, 2))
    above = random_cell("gru", 4, width=2 * UNITS)
    out = Writer()
    table, x = looked_up(out)
    x = out.add("Transpose", x, perm=[1, 0, 2])
    back = turn(out, operator(out, turn(out, x, way), [second]), way)
    both = out.add("Concat", operator(out, x, [first]), back, axis=2)
    model = finished(out, table, operator(out, both, [above]))
    runner, request = traced(model, tmp_path)
    layers = runner.opened.anatomy.recurrent
    assert sorted((layer.kind, layer.layer, layer.directions) for layer in layers) == [
        ("gru", 1, ("forward",)), ("lstm", 0, ("forward",)), ("lstm", 0, ("reverse",)),
    ]  # fmt: skip
    one, other = model.expected(first), model.expected(second, reverse=True)
    check(runner, request, "lstm.0.forward", one)
    check(runner, request, "lstm.0.reverse", other)
    check(runner, request, "gru.1.forward", run(above, np.concatenate([one["h"], other["h"]], axis=1)))


def test_what_is_not_turned_back_is_read_the_other_way_round_by_the_next_layer(tmp_path: Path) -> None:
    first, second = random_cell("gru", 1), random_cell("lstm", 2, width=UNITS)
    out = Writer()
    table, x = looked_up(out)
    states = operator(out, turn(out, out.add("Transpose", x, perm=[1, 0, 2]), "Slice"), [first])
    model = finished(out, table, operator(out, states, [second]))
    runner, request = traced(model, tmp_path)
    below = model.expected(first, reverse=True)
    check(runner, request, "gru.0.reverse", below)
    check(runner, request, "lstm.1.reverse", run(second, below["h"], reverse=True))


def test_turned_twice_is_not_at_all_and_another_axis_is_not_the_texts(tmp_path: Path) -> None:
    cell, out = random_cell("lstm", 3), Writer()
    table, x = looked_up(out)
    x = turn(out, turn(out, out.add("Transpose", x, perm=[1, 0, 2]), "Slice"), "Gather")
    x = out.add("Slice", x, out.weight([-1]), out.weight([BEFORE_ALL]), out.weight([2]), out.weight([-1]))
    model = finished(out, table, operator(out, x, [cell]))
    assert open_up(model.proto).repairs == ()
    runner, request = traced(model, tmp_path)
    check(runner, request, "lstm.0.forward", run(cell, table[list(IDS)][:, ::-1].astype(np.float64)))


def test_a_bidirectional_operator_exchanges_its_directions(tmp_path: Path) -> None:
    cells, out = [random_cell("gru", seed) for seed in (1, 2)], Writer()
    table, x = looked_up(out)
    x = turn(out, out.add("Transpose", x, perm=[1, 0, 2]), "ReverseSequence")
    model = finished(out, table, operator(out, x, cells, "bidirectional"), 2 * UNITS)
    runner, request = traced(model, tmp_path)
    check(runner, request, "gru.0.forward", model.expected(cells[1]))
    check(runner, request, "gru.0.reverse", model.expected(cells[0], reverse=True))
    np.testing.assert_allclose(outputs(open_up(model.proto).model), outputs(model.proto), atol=1e-6)


def test_gradients_stand_at_the_tokens_too(tmp_path: Path) -> None:
    """Of the state at a token by every vector, against differences of the formulas in double precision."""
    cell, out = random_cell("gru", 3), Writer()
    table, x = looked_up(out)
    states = operator(out, turn(out, out.add("Transpose", x, perm=[1, 0, 2]), "ReverseSequence"), [cell])
    model = finished(out, table, states)
    runner, request = traced(model, tmp_path)
    found = runner.gradients(GradientRequest(request.model, request, token=1))
    assert found.of == "gru.0.h"
    assert found.reached is not None
    X, small = table[list(IDS)].astype(np.float64), 1e-6
    for token in range(len(IDS)):
        columns = []
        for axis in range(WIDTH):
            step = np.zeros_like(X)
            step[token, axis] = small
            up, down = (run(cell, each, reverse=True)["h"][1] for each in (X + step, X - step))
            columns.append((up - down) / (2 * small))
        assert 10.0 ** found.reached[token] == pytest.approx(np.linalg.norm(columns), rel=1e-4, abs=1e-12)
    (of_state,) = found.cells
    assert of_state.state == "gru.0.reverse.h"
    assert not np.isfinite(of_state.norms[0])  # token 0 is read after token 1


@pytest.mark.parametrize("kind", KINDS)
def test_sequences_shorter_than_the_padded_text(kind: str) -> None:
    """Turned by their lengths, which the operator is given too: two texts of a batch, one of them padded."""
    cell, out = random_cell(kind, 3), Writer()
    table, x = looked_up(out)
    turned = out.add("ReverseSequence", out.add("Transpose", x, perm=[1, 0, 2]), "lengths", time_axis=0, batch_axis=1)
    weights = [out.weight(getattr(cell, name)[None]) for name in ("W", "R", "B")]
    short = out.add("Cast", "lengths", to=onnx.TensorProto.INT32)
    states = out.add(kind.upper(), turned, *weights, short, hidden_size=UNITS)
    model = finished(out, table, out.add("Squeeze", states, out.weight([1]))).proto
    model.graph.input.append(onnx.helper.make_tensor_value_info("lengths", onnx.TensorProto.INT64, ["batch"]))
    opened = open_up(model)
    (repair,) = opened.repairs
    assert "other direction" in repair
    assert "lengths differ" not in repair
    (node,) = [node for node in opened.model.graph.node if node.op_type == kind.upper()]
    assert onnx.helper.get_node_attr_value(node, "direction") == b"reverse"
    opened.model.graph.output.append(onnx.helper.make_tensor_value_info(node.output[0], 1, None))
    feeds = {"ids": np.array([IDS, IDS[::-1]]), "lengths": np.array([5, 3])}
    session = onnxruntime.InferenceSession(opened.model.SerializeToString(), providers=["CPUExecutionProvider"])
    y, Y = session.run(None, feeds)
    as_it_is = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    np.testing.assert_allclose(y, as_it_is.run(None, feeds)[0], atol=1e-6)
    for row, length in enumerate((5, 3)):
        X = table[feeds["ids"][row, :length]].astype(np.float64)
        np.testing.assert_allclose(Y[:length, 0, row], run(cell, X, reverse=True)["h"], atol=1e-5)
    assert not Y[3:, 0, 1].any()
