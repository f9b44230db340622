"""The stages of a step against cells worked out in float64 from weights made here: every kind, both directions."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from embstudio.formulas import cells
from embstudio.formulas.activations import Activation
from embstudio.formulas.cell_weights import CellWeights
from embstudio.stepper.gate_split import GateSplit
from embstudio.stepper.probe import Probe
from embstudio.stepper.recurrent_flow import flow, recurrent_cells
from embstudio.stepper.step_place import BEGAN, EMPTY, StepSource
from embstudio.stepper.step_stages import BEYOND, step_stages
from embstudio.trace.axes import NamedArray
from embstudio.trace.token import Token
from embstudio.trace.trace import Provenance, Trace

LENGTH, INPUT, UNITS, UNIT = 6, 5, 4, 2
SIGMOID, TANH = Activation.named("Sigmoid"), Activation.named("Tanh")
DEFAULTS = {"lstm": (SIGMOID, TANH, TANH), "gru": (SIGMOID, TANH), "rnn": (TANH,)}
CASES = [
    ("lstm", False, False),
    ("lstm", True, False),
    ("gru", False, False),
    ("gru", True, True),
    ("gru", False, True),
    ("rnn", True, False),
]


def random_cell(kind: str, seed: int = 3, width: int = INPUT, *, late: bool = False) -> CellWeights:
    rng, rows = np.random.default_rng(seed), len(cells.ORDER[kind]) * UNITS
    given = [rng.normal(size=shape) for shape in ((rows, width), (rows, UNITS), (2 * rows,))]
    return CellWeights(kind, *given, DEFAULTS[kind], linear_before_reset=late)


def run(cell: CellWeights, texts: np.ndarray, *, reverse: bool = False, start: np.ndarray | None = None) -> dict:
    given = (texts, cell.W, cell.R, cell.B)
    if cell.kind == "lstm":
        return cells.lstm(*given, c=start, reverse=reverse)
    if cell.kind == "gru":
        return cells.gru(*given, h=start, linear_before_reset=cell.linear_before_reset, reverse=reverse)
    return cells.rnn(*given, h=start, reverse=reverse)


def trace_of(**arrays: np.ndarray) -> Trace:
    """Arrays by name, with "_" for ".", as float32."""
    named = {
        name.replace("_", "."): NamedArray(values.astype(np.float32), ("pos", "d_model" if name == "embed" else "unit"))
        for name, values in arrays.items()
    }
    tokens = tuple(Token(str(at), str(at), at) for at in range(LENGTH))
    return Trace("cells", "", tokens, named, dict.fromkeys(named, Provenance.OBSERVED))


def source_of(trace: Trace, weights: CellWeights | None, place: int = 0) -> StepSource:
    cell = recurrent_cells(trace)[place]
    split = GateSplit(trace, cell, weights) if weights is not None else None
    return StepSource(trace, cell, flow(trace, cell), split)


@pytest.fixture
def texts() -> np.ndarray:
    return np.random.default_rng(9).normal(size=(LENGTH, INPUT)).astype(np.float32).astype(np.float64)


@pytest.mark.parametrize(("kind", "reverse", "late"), CASES)
def test_every_stage_has_the_numbers_of_the_cell_and_says_that_they_add_up(
    texts: np.ndarray, kind: str, reverse: bool, late: bool
) -> None:
    weights = random_cell(kind, late=late)
    parts = run(weights, texts, reverse=reverse)
    prefix = f"{kind}_0_{'reverse' if reverse else 'forward'}"
    trace = trace_of(embed=texts, **{f"{prefix}_{name}": values for name, values in parts.items()})
    source = source_of(trace, weights)
    for token in range(LENGTH):
        found = step_stages(source, token).stages
        at = {name: values[token, UNIT] for name, values in parts.items()}
        before_at = token + 1 if reverse else token - 1
        inside = 0 <= before_at < LENGTH
        before = {name: values[before_at, UNIT] if inside else 0.0 for name, values in parts.items()}
        if kind == "lstm":
            expected = [
                [np.arctanh(at["g"]), at["g"]],
                [at["i"], at["g"], at["i"] * at["g"]],
                [at["f"], before["c"], at["f"] * before["c"]],
                [at["f"] * before["c"], at["i"] * at["g"], at["c"]],
                [at["o"], np.tanh(at["c"]), at["h"]],
            ]
        elif kind == "gru":
            reset = [at["r"]] if late else [at["r"], before["h"], at["r"] * before["h"]]
            kept, new = at["z"] * before["h"], (1 - at["z"]) * at["n"]
            expected = [reset, [np.arctanh(at["n"]), at["n"]], [at["z"], new, kept], [kept, new, at["h"]]]
        else:
            h = parts["h"][before_at] if inside else np.zeros(UNITS)
            word, memory = weights.W[UNIT] @ texts[token], weights.R[UNIT] @ h
            bias = weights.B[UNIT] + weights.B[UNITS + UNIT]
            expected = [[word, memory, bias, at["a"]], [before["h"], at["a"], at["h"]]]
        assert [len(stage.terms) for stage in found] == [len(rows) for rows in expected]
        for stage, rows in zip(found, expected, strict=True):
            shown = stage.of_unit(UNIT)
            np.testing.assert_allclose([row.value for row in shown.rows], rows, rtol=2e-5, atol=2e-6)
            assert not stage.missing
            assert shown.check is None or shown.check.agrees
            everybody = stage.of_all()
            assert everybody is None or everybody.agrees
            assert shown.probe is not None
            goes_on = shown.rows[-1]  # the inspector shows it, or else the gate that made it
            pointed = (
                goes_on if goes_on.probe is not None else next(row for row in shown.rows if row.role == stage.gate)
            )
            assert trace[shown.probe.point].values[shown.probe.index] == pytest.approx(pointed.value)
        assert sum(stage.apart is not None for stage in found) == (5 if kind == "lstm" else 4 if kind == "gru" else 2)
        assert (EMPTY in {stage.note for stage in found}) == (not inside and kind != "rnn")


def test_a_wrong_number_is_told(texts: np.ndarray) -> None:
    weights = random_cell("lstm")
    parts = run(weights, texts)
    parts["c"][3, UNIT] += 1e-3
    trace = trace_of(embed=texts, **{f"lstm_0_forward_{name}": values for name, values in parts.items()})
    stages = step_stages(source_of(trace, weights), 3).stages
    update = stages[3].of_unit(UNIT).check
    assert update is not None
    assert not update.agrees
    assert update.difference == pytest.approx(1e-3, rel=1e-3)
    other = stages[3].of_unit(UNIT + 1).check
    assert other is not None
    assert other.agrees
    everybody = stages[3].of_all()
    assert everybody is not None
    assert everybody.difference == pytest.approx(1e-3, rel=1e-3)


def test_a_start_of_its_own_is_worked_out_and_said(texts: np.ndarray) -> None:
    start = np.array([0.5, -1.0, 2.0, 0.0])
    weights = random_cell("lstm")
    parts = run(weights, texts, start=start)
    trace = trace_of(embed=texts, **{f"lstm_0_forward_{name}": values for name, values in parts.items()})
    forget = step_stages(source_of(trace, weights), 0).stages[2]
    assert forget.note == BEGAN
    np.testing.assert_allclose(forget.terms[1].values, start, atol=1e-5)


def test_a_hidden_state_before_the_first_token_shows_in_the_gates(texts: np.ndarray) -> None:
    start = np.array([0.5, -1.0, 2.0, 0.0])
    weights = random_cell("lstm")
    parts = cells.lstm(texts, weights.W, weights.R, weights.B, h=start)
    trace = trace_of(embed=texts, **{f"lstm_0_forward_{name}": values for name, values in parts.items()})
    source = source_of(trace, weights)
    forget = step_stages(source, 0).stages[2]
    assert forget.note == BEGAN
    assert not forget.of_all().agrees  # type: ignore[union-attr]
    assert step_stages(source, 1).stages[2].of_all().agrees  # type: ignore[union-attr]
    weights = random_cell("rnn")
    parts = run(weights, texts, start=start)
    trace = trace_of(embed=texts, **{f"rnn_0_forward_{name}": values for name, values in parts.items()})
    notes = [step_stages(source_of(trace, weights), token).stages[0].note for token in (0, 1)]
    assert notes == [BEGAN, ""]


def test_without_weights_the_trace_alone_is_told(texts: np.ndarray) -> None:
    parts = run(random_cell("gru"), texts)
    trace = trace_of(embed=texts, **{f"gru_0_forward_{name}": values for name, values in parts.items()})
    found = step_stages(source_of(trace, None), 2)
    assert not found.splits
    assert [[term.label for term in stage.terms] for stage in found.stages] == [
        ["reset gate r"],  # whether it comes before or after the matrix is not known
        ["candidate n"],
        ["update gate z", "new (1−z)·n", "kept z·h₋₁"],
        ["kept", "+ new", "state h"],
    ]


def test_parts_that_were_not_captured_are_named(texts: np.ndarray) -> None:
    weights = random_cell("lstm")
    parts = run(weights, texts)
    del parts["f"], parts["o"]
    trace = trace_of(embed=texts, **{f"lstm_0_forward_{name}": values for name, values in parts.items()})
    candidate, stored, forget, update, exposure = step_stages(source_of(trace, weights), 2).stages
    assert not candidate.missing
    assert not stored.missing
    assert forget.missing == "f not found in this trace"
    assert exposure.missing == "o not found in this trace"
    assert update.note == "f not found in this trace"
    assert update.of_all() is None


def test_past_the_end_of_what_was_read_there_are_no_stages(texts: np.ndarray) -> None:
    weights = random_cell("gru")
    parts = {name: np.where(np.arange(LENGTH)[:, None] < 4, values, 0) for name, values in run(weights, texts).items()}
    trace = trace_of(embed=texts, **{f"gru_0_forward_{name}": values for name, values in parts.items()})
    source = source_of(trace, weights)
    assert {stage.missing for stage in step_stages(source, 3).stages} == {""}
    assert {stage.missing for stage in step_stages(source, 4).stages} == {BEYOND}


# Where a gate comes from ----------------------------------------------------------------------------------------


def test_the_input_is_found_and_the_parts_are_its_products(texts: np.ndarray) -> None:
    weights = random_cell("lstm")
    parts = run(weights, texts)
    trace = trace_of(embed=texts, **{f"lstm_0_forward_{name}": values for name, values in parts.items()})
    split = GateSplit(trace, recurrent_cells(trace)[0], weights)
    assert split.source == ("embed",)
    rows = {part: slice(at * UNITS, (at + 1) * UNITS) for at, part in enumerate("iofg")}  # ONNX's order
    for part, found in split.at(3).items():
        assert found.exact
        np.testing.assert_allclose(found.word, weights.W[rows[part]] @ texts[3], rtol=1e-6)
        np.testing.assert_allclose(found.memory, weights.R[rows[part]] @ parts["h"][2], rtol=1e-4, atol=1e-6)
        np.testing.assert_allclose(split.memory_terms(part, 3, UNIT).sum(), found.memory[UNIT], rtol=1e-9)
        np.testing.assert_allclose(found.value, parts[part][3], rtol=1e-5, atol=1e-6)


def test_without_the_input_the_tokens_part_is_what_is_left(texts: np.ndarray) -> None:
    for late in (False, True):
        weights = random_cell("gru", late=late)
        parts = run(weights, texts)
        hidden = {f"gru_0_forward_{name}": values for name, values in parts.items()}
        strange = trace_of(embed=texts + 0.1, **hidden)  # something happens between the table and the layer
        split = GateSplit(strange, recurrent_cells(strange)[0], weights)
        assert split.source == ()
        for at, part in enumerate("zrn"):
            found = split.at(4)[part]
            assert not found.exact
            np.testing.assert_allclose(found.word, weights.W[at * UNITS : (at + 1) * UNITS] @ texts[4], atol=2e-4)
            assert found.value is found.observed
        (first, *_rest) = step_stages(source_of(strange, weights), 4).stages
        assert first.apart is None  # nothing independent to compare with


def test_a_gate_at_its_end_tells_nothing_of_its_sum(texts: np.ndarray) -> None:
    weights = random_cell("lstm")
    weights = replace(weights, W=40 * weights.W)
    parts = run(weights, texts)
    trace = trace_of(**{f"lstm_0_forward_{name}": values for name, values in parts.items()})
    words = np.stack([found.word for found in GateSplit(trace, recurrent_cells(trace)[0], weights).at(2).values()])
    assert np.isnan(words).any()


@pytest.mark.parametrize("turned", [False, True])
def test_a_layer_above_reads_what_is_below_it(texts: np.ndarray, turned: bool) -> None:
    below = {way: run(random_cell("gru", seed), texts, reverse=way == "reverse")
             for seed, way in ((1, "forward"), (2, "reverse"))}  # fmt: skip
    order = ["reverse", "forward"] if turned else ["forward", "reverse"]
    between = np.concatenate([below[way]["h"] for way in order], axis=1)
    above = random_cell("lstm", 5, 2 * UNITS)
    arrays = {f"gru_0_{way}_{name}": values for way, parts in below.items() for name, values in parts.items()}
    arrays |= {f"lstm_1_forward_{name}": values for name, values in run(above, between).items()}
    trace = trace_of(embed=texts, **arrays)
    cell = next(cell for cell in recurrent_cells(trace) if cell.layer == 1)
    split = GateSplit(trace, cell, above)
    assert split.source == tuple(f"gru.0.{way}.h" for way in order)
    source = StepSource(trace, cell, flow(trace, cell), split)
    assert all(stage.of_all().agrees for stage in step_stages(source, 3).stages)  # type: ignore[union-attr]


def test_stages_know_activations_that_are_not_the_usual_ones(texts: np.ndarray) -> None:
    weights = replace(random_cell("rnn"), activations=(Activation.named("Relu"),))
    parts = cells.rnn(texts, weights.W, weights.R, weights.B, activation=cells.relu)
    trace = trace_of(embed=texts, **{f"rnn_0_forward_{name}": values for name, values in parts.items()})
    stage = step_stages(source_of(trace, weights), 3).stages[1]
    assert stage.formula == "h = relu(a)"
    check = stage.of_all()
    assert check is not None
    assert check.agrees
    assert stage.probe(UNIT) == Probe("rnn.0.forward.h", (3, UNIT))
