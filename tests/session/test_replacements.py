"""Gates and states replaced while a model runs: by identities, and against float64 cells that are replaced alike."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from embstudio.base.errors import InputError
from embstudio.formulas.cell_weights import CellWeights
from embstudio.session.messages import GradientRequest, ModelRef, PrefixRequest, TraceRequest
from embstudio.session.replacement import Replacement
from embstudio.session.runner import Runner
from embstudio.trace.trace import Provenance, Trace
from tests.session.cells import writing

WORDS, WIDTH, UNITS, CLASSES = 11, 6, 4, 3
IDS = (3, 1, 4, 1, 5, 9)
GATES = {"lstm": 4, "gru": 3, "rnn": 1}
STATES = {"lstm": "iofgch", "gru": "zrnh", "rnn": "ah"}
Node = helper.make_node


def random(seed: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(scale=0.6, size=shape).astype(np.float32)


TABLE, HEAD = random(0, WORDS, WIDTH), random(1, UNITS, CLASSES)


def opened(
    folder: Path, kind: str, direction: str = "forward", peepholes: bool = False, **attributes: object
) -> Runner:
    """ids → embedding → one recurrent node → the sum over its directions → y [pos, batch, class]."""
    D, rows = 2 if direction == "bidirectional" else 1, GATES[kind] * UNITS
    weights = {"E": TABLE, "W_out": HEAD, "W": random(2, D, rows, WIDTH), "R": random(3, D, rows, UNITS),
               "B": random(4, D, 2 * rows), "P": random(5, D, 3 * UNITS)}  # fmt: skip
    names = ["x", "W", "R", "B", *(["", "", "", "P"] if peepholes else [])]
    nodes = [
        Node("Gather", ["E", "ids"], ["e"]),
        Node("Transpose", ["e"], ["x"], perm=[1, 0, 2]),
        Node(kind.upper(), names, ["Y"], hidden_size=UNITS, direction=direction, **attributes),
        Node("ReduceMean", ["Y"], ["h"], axes=[1], keepdims=0),
        Node("MatMul", ["h", "W_out"], ["y"]),
    ]
    graph = helper.make_graph(
        nodes, "one", [helper.make_tensor_value_info("ids", TensorProto.INT64, ["batch", "pos"])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["pos", "batch", CLASSES])],
        [numpy_helper.from_array(value, name) for name, value in weights.items()],
    )  # fmt: skip
    path = folder / "model.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)
    return Runner.open(ModelRef(path))


def traced(runner: Runner, *replacements: Replacement, ids: tuple[int, ...] = IDS) -> Trace:
    return runner.trace(TraceRequest(runner.opened.model, ids=ids, replacements=replacements))


def assert_same(one: Trace, other: Trace) -> None:
    assert set(one.arrays) == set(other.arrays)
    for name, array in one.arrays.items():
        np.testing.assert_array_equal(array.values, other[name].values, err_msg=name)


def own_values(trace: Trace, point: str) -> list[Replacement]:
    values = trace[point].values
    return [
        Replacement(point, (unit,), token, token + 1, "set", float(values[token, unit]))
        for token in range(values.shape[0]) for unit in range(values.shape[1])
    ]  # fmt: skip


FORMS = [
    ("lstm", {}), ("gru", {}), ("gru", {"linear_before_reset": 1}), ("rnn", {}), ("lstm", {"peepholes": True}),
    ("lstm", {"input_forget": 1}), ("lstm", {"clip": 0.5}),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "attributes"), FORMS, ids=str)
@pytest.mark.parametrize("direction", ["forward", "reverse", "bidirectional"])
def test_what_is_set_to_what_it_was_changes_nothing(
    tmp_path: Path, kind: str, attributes: dict, direction: str
) -> None:
    runner = opened(tmp_path, kind, direction, **attributes)
    plain = traced(runner)
    for point in [name for name in plain.arrays if name.startswith(kind)]:
        assert_same(traced(runner, *own_values(plain, point)), plain)
        assert_same(traced(runner, Replacement(point, how="scale", value=1.0)), plain)
    everything = [each for name in plain.arrays if name.startswith(kind) for each in own_values(plain, name)]
    assert_same(traced(runner, *everything), plain)


@pytest.mark.parametrize("direction", ["forward", "reverse"])
def test_a_memory_that_is_neither_forgotten_nor_written_stays(tmp_path: Path, direction: str) -> None:
    runner, prefix = opened(tmp_path, "lstm", direction), f"lstm.0.{direction}"
    places = slice(2, None) if direction == "forward" else slice(0, 4)
    kept = traced(
        runner,
        Replacement(f"{prefix}.f", None, places.start or 0, places.stop, "set", 1.0),
        Replacement(f"{prefix}.i", None, places.start or 0, places.stop, "set", 0.0),
    )
    before = traced(runner)[f"{prefix}.c"].values[1 if direction == "forward" else 4]
    c = kept[f"{prefix}.c"].values[places]
    np.testing.assert_array_equal(c, np.broadcast_to(before, c.shape))
    assert not np.array_equal(kept["logits"].values, traced(runner)["logits"].values)


def test_a_state_that_is_all_kept_stays(tmp_path: Path) -> None:
    runner = opened(tmp_path, "gru")
    h = traced(runner, Replacement("gru.0.forward.z", None, 2, None, "set", 1.0))["gru.0.forward.h"].values
    np.testing.assert_array_equal(h[2:], np.broadcast_to(h[1], h[2:].shape))


def test_the_last_state_decides_the_scores(tmp_path: Path) -> None:
    runner = opened(tmp_path, "lstm")
    plain, last = traced(runner), len(IDS) - 1
    changed = traced(runner, Replacement("lstm.0.forward.h", (1, 3), last, last + 1, "set", 0.75))
    h = plain["lstm.0.forward.h"].values.astype(np.float64)
    h[last, [1, 3]] = 0.75
    np.testing.assert_allclose(changed["logits"].values, h @ HEAD.astype(np.float64), atol=1e-6)
    np.testing.assert_array_equal(changed["logits"].values[:last], plain["logits"].values[:last])


Change = Callable[[str, int, np.ndarray], np.ndarray]


def logistic(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def replaced_cell(cell: CellWeights, X: np.ndarray, change: Change, places: range) -> dict[str, np.ndarray]:
    """A plain cell in float64, each value given to `change`, with its name and token, before it is used."""
    h, c = np.zeros(cell.units), np.zeros(cell.units)
    found: dict[str, np.ndarray] = {name: np.zeros((len(X), cell.units)) for name in STATES[cell.kind]}
    Wb, Rb = np.split(cell.B, 2)
    for at in places:

        def settled(name: str, value: np.ndarray, at: int = at) -> np.ndarray:
            found[name][at] = change(name, at, value)
            return found[name][at]

        x_part, h_part = np.split(cell.W @ X[at] + Wb, GATES[cell.kind]), np.split(cell.R @ h + Rb, GATES[cell.kind])
        if cell.kind == "lstm":
            i, o, f = (settled(name, logistic(x_part[k] + h_part[k])) for k, name in enumerate("iof"))
            g = settled("g", np.tanh(x_part[3] + h_part[3]))
            c = settled("c", f * c + i * g)
            h = settled("h", o * np.tanh(c))
        elif cell.kind == "gru":
            z, r = (settled(name, logistic(x_part[k] + h_part[k])) for k, name in enumerate("zr"))
            n = settled("n", np.tanh(x_part[2] + cell.R[2 * cell.units :] @ (r * h) + Rb[2 * cell.units :]))
            h = settled("h", (1 - z) * n + z * h)
        else:
            h = settled("h", np.tanh(settled("a", x_part[0] + h_part[0])))
    return found


@pytest.mark.parametrize("kind", GATES)
@pytest.mark.parametrize("direction", ["forward", "reverse"])
def test_all_that_follows_is_what_float64_cells_say(tmp_path: Path, kind: str, direction: str) -> None:
    runner, prefix = opened(tmp_path, kind, direction), f"{kind}.0.{direction}"
    cell = runner.cell_weights(runner.opened.anatomy.recurrent[0])[direction].in_float64()
    places = range(len(IDS)) if direction == "forward" else range(len(IDS) - 1, -1, -1)
    ways: dict[str, Callable[[np.ndarray], np.ndarray]] = {
        "set": lambda v: np.full_like(v, 0.4), "scale": lambda v: 0.4 * v, "add": lambda v: v + 0.4,
    }  # fmt: skip
    for name in STATES[kind]:
        for how, made in ways.items():

            def change(
                gate: str, at: int, value: np.ndarray, name: str = name,
                made: Callable[[np.ndarray], np.ndarray] = made,
            ) -> np.ndarray:  # fmt: skip
                units = np.isin(np.arange(UNITS), (0, 2))
                return np.where(units, made(value), value) if gate == name and 2 <= at < 4 else value

            expected = replaced_cell(cell, TABLE[list(IDS)].astype(np.float64), change, places)
            seen = traced(runner, Replacement(f"{prefix}.{name}", (0, 2), 2, 4, how, 0.4))
            for gate, value in expected.items():
                np.testing.assert_allclose(seen[f"{prefix}.{gate}"].values, value, atol=1e-6)
            np.testing.assert_allclose(seen["logits"].values, expected["h"] @ HEAD, atol=1e-5)


def test_replacements_of_one_value_are_made_one_after_the_other(tmp_path: Path) -> None:
    runner, point = opened(tmp_path, "rnn"), "rnn.0.forward.h"
    plain = traced(runner)[point].values[0]
    made = traced(
        runner, Replacement(point, (0,), 0, 1, "add", 1.0), Replacement(point, (0,), 0, 1, "scale", 2.0),
        Replacement(point, (1,), 0, 1, "scale", 2.0), Replacement(point, (1,), 0, 1, "add", 1.0),
        Replacement(point, (2,), 0, 1, "add", 1.0), Replacement(point, (2,), 0, 1, "set", 0.25),
        Replacement(point, (3,), 0, 1, "set", 0.25), Replacement(point, (3,), 0, 1, "scale", 2.0),
    )[point].values[0]  # fmt: skip
    np.testing.assert_allclose(made, [2 * (plain[0] + 1), 2 * plain[1] + 1, 0.25, 0.5], rtol=1e-6)


def test_a_trace_says_what_was_replaced_and_values_are_observed(tmp_path: Path) -> None:
    runner = opened(tmp_path, "lstm")
    many = [Replacement("lstm.0.forward.f", (unit,), 3, 4, "set", 1.0) for unit in range(4)]
    trace = traced(runner, *many, Replacement("lstm.0.forward.c", None, 2, None, "scale", 0.5))
    (note,) = trace.notes
    assert note.startswith("Replaced while the model ran: lstm.0.forward.f[0]@3:=1, ")
    assert "and 1 more" in note
    assert trace.provenance["lstm.0.forward.c"] is Provenance.OBSERVED
    assert not traced(runner).notes


@pytest.mark.parametrize(
    ("replacement", "words"),
    [
        (Replacement("lstm.0.reverse.f"), "no such gate"),
        (Replacement("logits"), "no such gate"),
        (Replacement("lstm.0.forward.f", (4,)), "no unit 4"),
        (Replacement("lstm.0.forward.f", None, 6, 7), "no token 6"),
        (Replacement("lstm.0.forward.f", None, 3, 8), "no token 7"),
    ],
)
def test_what_there_is_not_cannot_be_replaced(tmp_path: Path, replacement: Replacement, words: str) -> None:
    with pytest.raises(InputError, match=words):
        traced(opened(tmp_path, "lstm"), replacement)


@pytest.mark.zoo
@pytest.mark.parametrize("name", ["rnn-RNNtanh-1-dyn", "rnn-LSTMCell-1-dyn", "rnn-LSTMCell-1-ts"])
def test_cells_written_out_step_by_step(zoo: Path, name: str) -> None:
    model = ModelRef(zoo / name / "model.onnx")
    runner = Runner.open(model)
    (layer,) = runner.opened.anatomy.recurrent
    assert layer.cell is not None
    ids = tuple(range(1, 1 + (layer.cell.steps or 0)))
    plain = traced(runner, ids=ids)
    prefix = f"{layer.kind}.{layer.layer}.{layer.directions[0]}"
    for point in [name for name in plain.arrays if name.startswith(prefix)]:
        assert_same(traced(runner, *own_values(plain, point), ids=ids), plain)
    changed = traced(runner, Replacement(f"{prefix}.h", (2,), 3, 4, "set", 0.5), ids=ids)
    assert changed[f"{prefix}.h"].values[3, 2] == 0.5
    np.testing.assert_array_equal(changed[f"{prefix}.h"].values[:3], plain[f"{prefix}.h"].values[:3])
    assert not np.array_equal(changed[f"{prefix}.h"].values[4:], plain[f"{prefix}.h"].values[4:])
    assert not np.array_equal(changed["logits"].values[3:], plain["logits"].values[3:])


def test_gradients_and_beginnings_are_not_mixed_from_two_runs(tmp_path: Path) -> None:
    runner = opened(tmp_path, "lstm")
    held = TraceRequest(runner.opened.model, ids=IDS, replacements=(Replacement("lstm.0.forward.f", value=0.5),))
    with pytest.raises(InputError, match="the model's own run"):
        runner.gradients(GradientRequest(runner.opened.model, held, token=5))
    with pytest.raises(InputError, match="the model's own run"):
        runner.prefixes(PrefixRequest(runner.opened.model, held, (1,)))


FORMS_WRITTEN = {
    "lstm": (writing.lstm(writing.gates_by_gemm("ifgo")), writing.random_cell("lstm", 1)),
    "gru": (writing.gru("(1-z)n+zh"), writing.random_cell("gru", 7)),
    "gru with 1 - z": (writing.gru("(1-u)h+un"), writing.random_cell("gru", 7)),
    "rnn": (writing.rnn, writing.random_cell("rnn", 5)),
}
WAYS = {"unrolled": writing.unrolled, "Loop": writing.looped, "Scan": writing.scanned}


@pytest.mark.parametrize("direction", ["forward", "reverse"])
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", FORMS_WRITTEN)
def test_cells_in_plain_operators(tmp_path: Path, name: str, way: str, direction: str) -> None:
    form, cell = FORMS_WRITTEN[name]
    model, ids = WAYS[way](form, cell, reverse=direction == "reverse"), tuple(writing.IDS)
    runner = Runner.open(ModelRef(model.saved(tmp_path)))
    prefix = f"{cell.kind}.0.{direction}"
    plain = traced(runner, ids=ids)
    places = range(len(ids)) if direction == "forward" else range(len(ids) - 1, -1, -1)
    for state in STATES[cell.kind]:
        if plain.provenance[f"{prefix}.{state}"] is Provenance.OBSERVED:  # 1 - (1 - z) need not be z to the last bit
            assert_same(traced(runner, *own_values(plain, f"{prefix}.{state}"), ids=ids), plain)

        def change(gate: str, at: int, value: np.ndarray, state: str = state) -> np.ndarray:
            units = np.arange(len(value)) == 1
            return np.where(units, 0.3, value) if gate == state and 1 <= at < 3 else value

        expected = replaced_cell(cell.in_float64(), model.table[list(ids)].astype(np.float64), change, places)
        seen = traced(runner, Replacement(f"{prefix}.{state}", (1,), 1, 3, "set", 0.3), ids=ids)
        for gate, value in expected.items():
            np.testing.assert_allclose(seen[f"{prefix}.{gate}"].values, value, atol=1e-5)
