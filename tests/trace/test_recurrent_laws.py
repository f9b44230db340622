"""The laws of recurrent cells hold for what the formulas compute, and each breaks when a number is changed."""

from __future__ import annotations

import numpy as np
import pytest

from embstudio.formulas.activations import Activation
from embstudio.formulas.cell_run import run
from embstudio.formulas.cell_weights import CellWeights
from embstudio.formulas.cells import ORDER
from embstudio.trace.axes import NamedArray
from embstudio.trace.recurrent_laws import recurrent_laws

UNITS, WIDTH, LENGTH = 5, 3, 7
FUNCTIONS = {"lstm": ("Sigmoid", "Tanh", "Tanh"), "gru": ("Sigmoid", "Tanh"), "rnn": ("Relu",)}
LAWS = {
    "lstm": {"c = f c₋₁ + i g": "figc", "h = o tanh(c)": "och"},
    "gru": {"h = (1 − z) n + z h₋₁": "znh"},
    "rnn": {"h = relu(a)": "ah"},
}


def made(kind: str, direction: str, lengths: np.ndarray | None = None) -> dict[str, NamedArray]:
    random = np.random.default_rng(2)
    rows = len(ORDER[kind]) * UNITS
    W, R, B = (random.normal(size=size) for size in ((rows, WIDTH), (rows, UNITS), (2 * rows,)))
    cell = CellWeights(kind, W, R, B, tuple(map(Activation.named, FUNCTIONS[kind])))
    X = random.normal(size=(LENGTH, 1, WIDTH))
    values = run(cell, X, reverse=direction == "reverse", lengths=lengths)
    return {f"{kind}.2.{direction}.{name}": NamedArray(value[:, 0], ("pos", "unit")) for name, value in values.items()}


def laws(values: dict[str, NamedArray], kind: str, direction: str) -> dict[str, float]:
    exposure = Activation.named(FUNCTIONS[kind][-1])
    return recurrent_laws(values, f"{kind}.2.{direction}", exposure)


@pytest.mark.parametrize("direction", ["forward", "reverse"])
@pytest.mark.parametrize("kind", LAWS)
def test_the_laws_hold_and_break(kind: str, direction: str) -> None:
    values = made(kind, direction)
    assert {law: apart < 1e-12 for law, apart in laws(values, kind, direction).items()} == dict.fromkeys(
        LAWS[kind], True
    )
    for law, needed in LAWS[kind].items():
        for name in needed:
            changed = values[f"{kind}.2.{direction}.{name}"].values.copy()
            changed[3, 1] += 0.5
            tampered = values | {f"{kind}.2.{direction}.{name}": NamedArray(changed, ("pos", "unit"))}
            assert laws(tampered, kind, direction)[law] > 1e-4, (law, name)


@pytest.mark.parametrize("kind", LAWS)
def test_tokens_past_the_end_of_a_sequence_count_for_nothing(kind: str) -> None:
    values = made(kind, "forward", np.array([4]))
    assert all(apart < 1e-12 for apart in laws(values, kind, "forward").values())


def test_what_is_not_a_number_breaks_a_law() -> None:
    values = made("gru", "forward")
    broken = values["gru.2.forward.n"].values.copy()
    broken[2] = np.nan
    values["gru.2.forward.n"] = NamedArray(broken, ("pos", "unit"))
    assert laws(values, "gru", "forward") == {"h = (1 − z) n + z h₋₁": float("inf")}


def test_laws_that_cannot_be_told_are_left_out() -> None:
    values = made("lstm", "forward")
    assert set(recurrent_laws(values, "lstm.2.forward", None)) == {"c = f c₋₁ + i g"}
    del values["lstm.2.forward.f"]
    assert set(recurrent_laws(values, "lstm.2.forward")) == {"h = o tanh(c)"}
    first = {name: NamedArray(array.values[:1], array.axes) for name, array in made("gru", "forward").items()}
    assert recurrent_laws(first, "gru.2.forward") == {}
