"""Every encoder with every loss: against central differences, and against what PyTorch made of the same weights."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from embstudio.lab.pairs.descent import Descent
from embstudio.lab.pairs.encoders import BagEncoder, Encoder, Slope, TableEncoder
from embstudio.lab.pairs.examples import Examples, losses_of
from embstudio.lab.pairs.items import Items
from embstudio.lab.pairs.losses import contrastive, cosine, cosine_distance, triplet
from embstudio.lab.pairs.lstm_encoder import LstmEncoder
from embstudio.lab.pairs.pair_list import Pair
from embstudio.lab.pairs.settings import ADAM, LOSSES, SGD, TRIPLET, Settings
from tests.conftest import PROJECT

REFERENCE = PROJECT / "tests" / "data" / "pairs" / "reference.npz"
# As in make_reference.py beside it.
NAMES = ("w0 w1 w2", "w2 w1 w0", "w3", "w4 w4 w5 w6", "w6 w0")
PAIRS = ((0, 1, True), (0, 2, False), (2, 3, True), (1, 3, False), (3, 4, False), (4, 4, True))
TRIPLETS = ((0, 1, 2), (1, 0, 3), (2, 3, 0), (3, 2, 4))
MARGIN, RATE, STEPS, TINY = 1.3, 0.05, 30, 1e-6
KINDS = ("table of vectors", "bag of words", "bag of words, linear", "LSTM")
CASES = [pytest.param(kind, loss, id=f"{kind}-{loss}") for kind in KINDS for loss in LOSSES]


def items() -> Items:
    """Five items; the vocabulary is that of the reference, in its order."""
    found = Items.of([Pair(NAMES[a], NAMES[b], same) for a, b, same in PAIRS], "LSTM")
    assert found.names == NAMES
    assert found.words == ("w0", "w1", "w2", "w3", "w4", "w5", "w6")
    return found


def encoder_of(kind: str, weights: dict[str, np.ndarray]) -> Encoder:
    if kind.startswith("table"):
        return TableEncoder(weights["E"])
    if kind == "LSTM":
        return LstmEncoder(items(), weights)
    return BagEncoder(items(), weights, linear="linear" in kind)


def case(kind: str, loss: str) -> tuple[Encoder, Examples, Settings, dict[str, np.ndarray]]:
    with np.load(REFERENCE) as file:
        start = f"{kind}.{loss}."
        kept = {name.removeprefix(start): file[name] for name in file.files if name.startswith(start)}
    weights = {name.partition(".")[2]: value.copy() for name, value in kept.items() if name.startswith("weights.")}
    if loss == TRIPLET:
        examples = Examples(np.array(TRIPLETS), np.zeros((len(TRIPLETS), 2), int), np.ones(len(TRIPLETS), bool))
    else:
        same = np.array([same for *_, same in PAIRS])
        examples = Examples(np.array([ends for *ends, _ in PAIRS]), np.arange(len(PAIRS))[:, None], same)
    return encoder_of(kind, weights), examples, Settings(loss=loss, margin=MARGIN), kept


def losses(encoder: Encoder, examples: Examples, settings: Settings) -> np.ndarray:
    vectors = [encoder.encode(rows)[0] for rows in examples.rows.T]
    return losses_of(vectors, examples.same, settings)[0]


def slopes(encoder: Encoder, examples: Examples, settings: Settings) -> dict[str, Slope]:
    """Of the sum of the losses: all items of all examples in one batch."""
    vectors, way = encoder.encode(examples.rows.T.reshape(-1))
    _, by_vector = losses_of(np.split(vectors, examples.rows.shape[1]), examples.same, settings)
    return encoder.back(way, np.concatenate(by_vector))


def whole(slope: Slope, weight: np.ndarray) -> np.ndarray:
    rows, values = slope
    if rows is None:
        return values
    assert len(np.unique(rows)) == len(rows)
    found = np.zeros_like(weight)
    found[rows] = values
    return found


def differences(loss: Callable[[], float], weight: np.ndarray) -> np.ndarray:
    """dL/dw by (L(w + ε) − L(w − ε)) / 2ε."""
    found = np.empty_like(weight)
    for place in np.ndindex(*weight.shape):
        held = weight[place]
        weight[place] = held + TINY
        above = loss()
        weight[place] = held - TINY
        below = loss()
        weight[place] = held
        found[place] = (above - below) / (2 * TINY)
    return found


@pytest.mark.parametrize(("kind", "loss"), CASES)
def test_slopes_are_those_of_the_loss(kind: str, loss: str) -> None:
    encoder, examples, settings, _ = case(kind, loss)
    found = slopes(encoder, examples, settings)
    assert set(found) == set(encoder.weights)
    for name, weight in encoder.weights.items():
        expected = differences(lambda: float(losses(encoder, examples, settings).sum()), weight)
        if name != "b":  # a layer that is linear adds the same to both sides
            assert np.abs(expected).max() > 1e-3
        assert np.allclose(whole(found[name], weight), expected, atol=1e-7), name


@pytest.mark.parametrize(("kind", "loss"), CASES)
def test_losses_and_slopes_are_pytorchs(kind: str, loss: str) -> None:
    encoder, examples, settings, kept = case(kind, loss)
    assert np.allclose(losses(encoder, examples, settings), kept["losses"], atol=1e-10)
    for name, slope in slopes(encoder, examples, settings).items():
        assert np.allclose(whole(slope, encoder.weights[name]), kept[f"slopes.{name}"], atol=1e-10), name


@pytest.mark.parametrize("optimiser", [SGD, ADAM])
@pytest.mark.parametrize(("kind", "loss"), CASES)
def test_many_steps_end_where_pytorchs_do(kind: str, loss: str, optimiser: str) -> None:
    encoder, examples, settings, kept = case(kind, loss)
    descent = Descent(encoder.weights, optimiser)
    taken = range(len(TRIPLETS)) if loss == TRIPLET else range(1, 5)
    for step in range(STEPS):
        at = [taken[step % len(taken)]]
        one = Examples(examples.rows[at], examples.pairs[at], examples.same[at])
        descent.step(slopes(encoder, one, settings), RATE)
    for name, weight in encoder.weights.items():
        assert np.allclose(weight, kept[f"{optimiser}.{name}"], atol=1e-8), name


def test_losses_are_those_of_the_papers() -> None:
    """Written out with scalars, for the two vectors of the worked example."""
    cat, dog = np.array([[0.2, 0.8, 0.1]]), np.array([[0.7, 0.3, 0.9]])
    apart = np.sqrt(0.25 + 0.25 + 0.64)
    assert apart == pytest.approx(1.0677078, abs=5e-8)
    far, slope = contrastive(cat, dog, np.array([False]), 2.0)
    assert far[0] == pytest.approx((2 - apart) ** 2 / 2)
    assert slope[0] == pytest.approx(-(2 - apart) / apart * (cat - dog)[0])
    assert contrastive(cat, dog, np.array([True]), 2.0)[0][0] == pytest.approx(1.14 / 2)
    assert contrastive(cat, dog, np.array([False]), 1.0)[0][0] == 0.0
    cos = 0.47 / np.sqrt(0.69 * 1.39)
    assert cosine_distance(cat, dog)[0] == pytest.approx(1 - cos)
    assert cosine(cat, dog, np.array([False]), 0.75)[0][0] == pytest.approx(0.75 - (1 - cos))
    assert triplet(cat, cat, dog, 2.0)[0][0] == pytest.approx(2.0 - 1.14)


def test_vectors_in_one_place_are_not_torn_in_no_direction() -> None:
    here = np.array([[0.5, -0.5]])
    loss, slope = contrastive(here, here, np.array([False]), 2.0)
    assert loss[0] == 2.0
    assert not slope.any()
    zero = np.zeros((1, 2))
    found, sides = cosine(zero, here, np.array([True]), 0.5)
    assert found[0] == 1.0
    assert np.isfinite(sides).all()
