"""Gradients through recurrent cells against PyTorch's automatic differentiation, in float64."""

from pathlib import Path

import numpy as np
import pytest

from embstudio.formulas.activations import Activation
from embstudio.formulas.back_propagation import back_propagate
from embstudio.formulas.cell_weights import CellWeights
from embstudio.formulas.gradients import state_gradients

STORED = np.load(Path(__file__).parents[1] / "data" / "recurrent-gradients" / "reference.npz")
ACTIVATIONS = {"rnn_tanh": ("Tanh",), "rnn_relu": ("Relu",), "gru": ("Sigmoid", "Tanh"),
               "lstm": ("Sigmoid", "Tanh", "Tanh")}  # fmt: skip


def of(case: str, start: str) -> dict[str, np.ndarray]:
    begin = f"{case}.{start}"
    return {name.removeprefix(begin): STORED[name] for name in STORED.files if name.startswith(begin)}


def weights(case: str) -> CellWeights:
    stored = of(case, "")
    return CellWeights(
        case.partition("_")[0], stored["W"], stored["R"], stored["B"],
        tuple(map(Activation.named, ACTIVATIONS[case])), linear_before_reset=True,
    )  # fmt: skip


@pytest.mark.parametrize("case", ACTIVATIONS)
def test_every_earlier_state_has_the_gradient_that_automatic_differentiation_gives(case: str) -> None:
    expected_norms, expected_largest = of(case, "norms."), of(case, "singular.")
    found = state_gradients(weights(case), of(case, "values."), last=13)
    assert set(found) == set(expected_norms)
    for state, gradients in found.items():
        with np.errstate(divide="ignore"):  # units that relu switched off pass on nothing: −∞ on both sides
            np.testing.assert_allclose(gradients.norms, np.log10(expected_norms[state]), rtol=0, atol=1e-9)
            np.testing.assert_allclose(gradients.largest, np.log10(expected_largest[state]), rtol=0, atol=1e-7)


@pytest.mark.parametrize("case", ACTIVATIONS)
def test_what_is_read_after_the_last_token_is_not_a_number(case: str) -> None:
    whole, part = (state_gradients(weights(case), of(case, "values."), last=last)["h"] for last in (13, 6))
    assert np.isnan(part.norms[7:]).all()
    assert not np.isnan(part.norms[:7]).any()
    np.testing.assert_allclose(part.steps[1:7], whole.steps[1:7])


@pytest.mark.parametrize("case", ACTIVATIONS)
def test_one_step_back_is_the_jacobian_of_that_step(case: str) -> None:
    for at in (1, 5, 13):
        for gradients in state_gradients(weights(case), of(case, "values."), last=at).values():
            assert np.log10(gradients.steps[at]) == pytest.approx(gradients.largest[at - 1], abs=1e-9)


@pytest.mark.parametrize("case", ACTIVATIONS)
def test_derivatives_go_back_to_the_inputs_and_the_first_state(case: str) -> None:
    stored = of(case, "")
    found = back_propagate(weights(case), of(case, "values."), stored["seeds"], h=stored["h0"], c=stored["c0"])
    np.testing.assert_allclose(found.by_x, stored["by_x"], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(found.by_first.h, stored["by_h0"], rtol=1e-9, atol=1e-12)
    if case == "lstm":
        assert found.by_first.c is not None
        np.testing.assert_allclose(found.by_first.c, stored["by_c0"], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("length", [400, 4000])
def test_a_gradient_that_double_precision_cannot_hold_is_still_told(length: int) -> None:
    """h = tanh(a) at 0 with R = r·1: the gradient is r to the number of steps, times √units."""
    for r in (0.1, 3.0):
        one = np.eye(4)
        cell = CellWeights("rnn", np.zeros((4, 2)), r * one, np.zeros(8), (Activation.named("Tanh"),))
        found = state_gradients(cell, {"h": np.zeros((length, 4)), "a": np.zeros((length, 4))}, length - 1)["h"]
        steps = np.arange(length)[::-1]
        np.testing.assert_allclose(found.norms, steps * np.log10(r) + np.log10(2), rtol=1e-12, atol=1e-9)
        np.testing.assert_allclose(found.steps[1:], r)


def test_a_gradient_of_exactly_nothing_is_minus_infinity() -> None:
    cell = CellWeights("rnn", np.zeros((2, 2)), np.eye(2), np.zeros(4), (Activation.named("Relu"),))
    h = np.array([[1.0, 1.0], [0.0, 0.0], [1.0, 1.0]])  # switched off at the second token
    found = state_gradients(cell, {"h": h, "a": h - 0.5}, last=2)["h"]
    assert found.norms[0] == -np.inf
    assert np.isfinite(found.norms[1:]).all()


def test_looking_back_can_be_stopped() -> None:
    class StopNowError(Exception):
        pass

    def stop() -> None:
        raise StopNowError

    with pytest.raises(StopNowError):
        state_gradients(weights("lstm"), of("lstm", "values."), last=13, check=stop)
