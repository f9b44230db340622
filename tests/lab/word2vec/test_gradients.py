"""The gradients of every variant, against central differences of its loss in float64."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from embstudio.lab.word2vec.account import learn
from embstudio.lab.word2vec.batch import Gradients, cbow, descend, skip_gram
from embstudio.lab.word2vec.windows import Windows, windows_at

WORDS, WIDTH, STEP = 9, 4, 1e-6
IDS = np.array([0, 1, 2, 0, 3, 4, 1, 0, 5])  # a word stands in the window of itself
SENTENCES = np.array([0, 0, 0, 0, 0, 0, 1, 1, 1])


def tables() -> tuple[np.ndarray, np.ndarray]:
    chance = np.random.default_rng(3)
    return chance.normal(size=(WORDS, WIDTH)), chance.normal(size=(WORDS, WIDTH))


def differences(loss: Callable[[], float], table: np.ndarray) -> np.ndarray:
    """dL/dtable by (L(x + ε) − L(x − ε)) / 2ε."""
    found = np.empty_like(table)
    for place in np.ndindex(*table.shape):
        held = table[place]
        table[place] = held + STEP
        above = loss()
        table[place] = held - STEP
        below = loss()
        table[place] = held
        found[place] = (above - below) / (2 * STEP)
    return found


def whole(rows: np.ndarray | None, gradient: np.ndarray) -> np.ndarray:
    """A gradient by rows as one of the whole table."""
    if rows is None:
        return gradient
    found = np.zeros((WORDS, WIDTH))
    np.add.at(found, rows, gradient)
    return found


@pytest.mark.parametrize("model", [skip_gram, cbow])
@pytest.mark.parametrize("negatives", [None, np.array([0, 7, 8, 7, 1, 3])], ids=["softmax", "negatives"])
def test_gradients_are_those_of_the_loss(model: Callable[..., Gradients], negatives: np.ndarray | None) -> None:
    V, U = tables()
    windows = windows_at(IDS, SENTENCES, 1, 8, 2)
    found = model(V, U, windows, negatives, 5)

    def loss() -> float:
        return model(V, U, windows, negatives, 5).loss

    assert np.allclose(whole(*found.inputs), differences(loss, V), atol=1e-7)
    assert np.allclose(whole(*found.outputs), differences(loss, U), atol=1e-7)


def pair(centre: int, context: int) -> Windows:
    return Windows(np.array([centre]), np.array([context]), np.ones((1, 1), bool))


def test_losses_are_those_of_the_papers() -> None:
    """For one pair, written out with scalars."""
    V, U = tables()
    h, drawn = V[2], [4, 6, 4]

    def sigma(x: float) -> float:
        return float(1 / (1 + np.exp(-x)))

    expected = -np.log(sigma(U[1] @ h)) - sum(np.log(sigma(-U[word] @ h)) for word in drawn)
    assert skip_gram(V, U, pair(2, 1), np.array(drawn), 3).loss == pytest.approx(expected, rel=1e-12)
    odds = np.exp(U @ h)
    assert skip_gram(V, U, pair(2, 1), None, 3).loss == pytest.approx(-np.log(odds[1] / odds.sum()), rel=1e-12)


def test_a_negative_that_is_the_true_word_is_passed_over() -> None:
    V, U = tables()
    with_true = skip_gram(V, U, pair(2, 1), np.array([4, 1]), 2)
    without = skip_gram(V, U, pair(2, 1), np.array([4]), 1)
    assert with_true.loss == pytest.approx(without.loss, rel=1e-12)


@pytest.mark.parametrize("negatives", [None, np.array([0, 7, 8, 7])], ids=["softmax", "negatives"])
def test_a_step_moves_the_vectors_as_its_account_says(negatives: np.ndarray | None) -> None:
    V, U = tables()
    V2, U2 = V.copy(), U.copy()
    found = learn(V, U, (2,), 1, negatives, 0.1, 0, 1)
    batch = skip_gram(V2, U2, pair(2, 1), negatives, 4)
    descend(V2, *batch.inputs, 0.1)
    descend(U2, *batch.outputs, 0.1)
    assert np.allclose(V, V2, atol=1e-12)
    assert np.allclose(U, U2, atol=1e-12)
    assert found.loss == pytest.approx(batch.loss, rel=1e-12)
    assert found.targets[0].true
    assert found.targets[0].word == 1
    assert np.allclose(found.after[0], found.before[0] - 0.1 * found.gradient)
    for target in found.targets:
        assert np.allclose(target.after, U[target.word])
        assert target.score == pytest.approx(float(target.before @ found.hidden))
    if negatives is not None:
        assert sum(target.loss for target in found.targets) == pytest.approx(found.loss)
        assert [target.word for target in found.targets[1:]] == [0, 7, 8, 7]


def test_a_cbow_step_is_that_of_its_window() -> None:
    V, U = tables()
    V2, U2 = V.copy(), U.copy()
    inputs = (1, 4, 1)
    learn(V, U, inputs, 3, np.array([0, 5]), 0.1, 0, None)
    windows = Windows(np.array([3]), np.array(inputs), np.ones((1, 3), bool))
    batch = cbow(V2, U2, windows, np.array([0, 5]), 2)
    descend(V2, *batch.inputs, 0.1)
    descend(U2, *batch.outputs, 0.1)
    assert np.allclose(V, V2, atol=1e-12)
    assert np.allclose(U, U2, atol=1e-12)


def test_gradients_of_equal_rows_are_summed() -> None:
    table = np.zeros((3, 2))
    descend(table, np.array([2, 0, 2, 2]), np.arange(8.0).reshape(4, 2), 0.5)
    assert table.tolist() == [[-1.0, -1.5], [0.0, 0.0], [-5.0, -6.5]]


def test_windows_are_as_drawn() -> None:
    """The worked example, a window of three words over "the cat sat on the mat": four whole windows, none missing."""
    ids, sentences = np.array([0, 1, 2, 3, 0, 4]), np.zeros(6, int)
    windows = windows_at(ids, sentences, 0, 6, 1)
    seen = [ids[np.flatnonzero(row)].tolist() for row in windows.seen]
    assert seen == [[1], [0, 2], [1, 3], [2, 0], [3, 4], [0]]
    whole_ones = [(left, int(centre), right) for centre, (left, right) in zip(ids[1:5], seen[1:5], strict=True)]
    assert whole_ones == [(0, 1, 2), (1, 2, 3), (2, 3, 0), (3, 0, 4)]


def test_windows_end_with_the_sentence() -> None:
    windows = windows_at(IDS, SENTENCES, 5, 7, 3)
    assert np.flatnonzero(windows.seen[0]).tolist() == [0, 1, 2]
    assert replace(windows).around[windows.seen[1]].tolist() == [0, 5]
