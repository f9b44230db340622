"""The gradients of the three cells, against PyTorch's autograd and against finite differences."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from embstudio.lab.recurrent.learner import Flow
from embstudio.lab.recurrent.network import Network
from embstudio.lab.recurrent.optimiser import Optimiser, clip
from embstudio.lab.recurrent.settings import GRU, LSTM, RNN
from embstudio.lab.recurrent.tasks import Examples
from tests.conftest import PROJECT

KINDS = (RNN, GRU, LSTM)
REFERENCE = PROJECT / "tests" / "data" / "lab-recurrent" / "reference.npz"


@pytest.fixture(scope="module")
def reference() -> Mapping[str, np.ndarray]:
    with np.load(REFERENCE) as stored:
        return dict(stored)


def loaded(kind: str, reference: Mapping[str, np.ndarray]) -> tuple[Network, Examples]:
    """The network with PyTorch's numbers, and the sequences."""
    words, answers, units = (len(reference[f"{kind}.{name}"]) for name in ("E", "v", "U"))
    units = reference[f"{kind}.U"].shape[1]
    network = Network(kind, words, answers, units, np.float64)
    for name, part in network.parts.items():
        part[...] = reference[f"{kind}.{name}"]
    return network, Examples(reference["ids"], reference["answers"])


@pytest.mark.parametrize("kind", KINDS)
def test_all_gradients_are_those_of_pytorch(kind: str, reference: Mapping[str, np.ndarray]) -> None:
    network, examples = loaded(kind, reference)
    learnt = network.learn(examples)
    assert learnt.guessed.loss == pytest.approx(float(reference[f"{kind}.loss"]), rel=1e-12)
    parts = network.parts_of(learnt.gradient)
    assert {f"{kind}.d{name}" for name in parts} <= reference.keys()
    for name, gradient in parts.items():
        expected = reference[f"{kind}.d{name}"]
        assert np.abs(expected).max() > 1e-4, name
        assert np.allclose(gradient, expected, rtol=1e-9, atol=1e-14), name
    assert np.allclose(learnt.dh, reference[f"{kind}.dh"], rtol=1e-9, atol=1e-14)
    if kind == LSTM:
        assert learnt.dc is not None
        assert np.allclose(learnt.dc, reference["LSTM.dc"], rtol=1e-9, atol=1e-14)
    else:
        assert learnt.dc is None


@pytest.mark.parametrize("kind", KINDS)
def test_chances_are_the_softmax_of_pytorchs_logits(kind: str, reference: Mapping[str, np.ndarray]) -> None:
    network, examples = loaded(kind, reference)
    odds = np.exp(reference[f"{kind}.logits"])
    assert np.allclose(network.guess(examples).chances, odds / odds.sum(axis=1, keepdims=True), rtol=1e-10)


@pytest.mark.parametrize("kind", KINDS)
def test_the_gradient_is_that_of_the_loss(kind: str) -> None:
    """Central differences in float64, for every number there is."""
    chance = np.random.default_rng(5)
    network = Network(kind, 4, 3, 3, np.float64)
    network.theta[...] = chance.normal(size=network.theta.size)
    examples = Examples(chance.integers(4, size=(6, 5)), chance.integers(3, size=5))
    gradient, step = network.learn(examples).gradient, 1e-6
    for place in range(network.theta.size):
        held = network.theta[place]
        network.theta[place] = held + step
        above = network.guess(examples).loss
        network.theta[place] = held - step
        below = network.guess(examples).loss
        network.theta[place] = held
        assert gradient[place] == pytest.approx((above - below) / (2 * step), abs=2e-8)


@pytest.mark.parametrize("kind", KINDS)
def test_single_precision_says_the_same(kind: str, reference: Mapping[str, np.ndarray]) -> None:
    exact, examples = loaded(kind, reference)
    network = Network(kind, len(exact.parts["E"]), len(exact.parts["v"]), exact.units)
    network.theta[...] = exact.theta
    learnt, expected = network.learn(examples), exact.learn(examples).gradient
    assert learnt.gradient.dtype == np.float32
    assert np.allclose(learnt.gradient, expected, rtol=2e-4, atol=2e-5 * np.abs(expected).max())


def test_the_flow_is_of_each_examples_own_loss(reference: Mapping[str, np.ndarray]) -> None:
    """One example at a time, its states' gradients are those of its own loss; the flow is the mean of their norms."""
    network, examples = loaded(LSTM, reference)
    flow = Flow.of(network.learn(examples))
    alone = [network.learn(examples[at : at + 1]) for at in range(len(examples))]
    h = np.mean([np.linalg.norm(each.dh[:, 0], axis=1) for each in alone], axis=0)
    c = np.mean([np.linalg.norm(each.dc[:, 0], axis=1) for each in alone if each.dc is not None], axis=0)
    assert np.allclose(flow.h, h[::-1])
    assert flow.c is not None
    assert np.allclose(flow.c, c[::-1])
    first = Flow.of(network.learn(examples), slice(0, 1))
    assert np.allclose(first.h, np.linalg.norm(alone[0].dh[::-1, 0], axis=1))


def test_adam_steps_as_pytorch_does(reference: Mapping[str, np.ndarray]) -> None:
    theta = reference["adam.start"].copy()
    optimiser = Optimiser(len(theta), np.float64)
    for gradient in reference["adam.gradients"]:
        optimiser.adam(theta, gradient, 0.03)
    assert np.allclose(theta, reference["adam.end"], rtol=1e-12)


def test_clipping_keeps_the_direction() -> None:
    gradient = np.array([3.0, -4.0], np.float32)
    assert clip(gradient, 0.0) == (5.0, False)
    assert clip(gradient, 5.0) == (5.0, False)
    assert clip(gradient, 1.0) == (5.0, True)
    assert np.allclose(gradient, [0.6, -0.8])
    huge = np.full(4, 1e30, np.float32)
    assert clip(huge, 1.0)[0] == pytest.approx(2e30)
    assert np.allclose(huge, 0.5)
