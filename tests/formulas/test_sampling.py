"""Each filter against the definition in its paper, written out in plain Python."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from embstudio.formulas.sampling import (
    Sampling,
    as_scores,
    descending,
    draw,
    each_by_itself,
    min_p,
    tempered,
    top_k,
    top_p,
)

rng = np.random.default_rng(11)
LOGITS = (rng.normal(size=60) * 3).astype(np.float32)


def plain_softmax(logits: np.ndarray, temperature: float) -> np.ndarray:
    powers = np.exp(logits.astype(np.longdouble) / temperature)
    return np.asarray(powers / powers.sum(), dtype=float)


def normalised(p: np.ndarray, kept: list[int]) -> np.ndarray:
    total = sum(p[i] for i in kept)
    return np.array([p[i] / total if i in kept else 0.0 for i in range(len(p))])


@pytest.mark.parametrize("temperature", [0.1, 0.7, 1.0, 2.5])
def test_temperature_divides_the_scores(temperature: float) -> None:
    np.testing.assert_allclose(tempered(LOGITS, temperature), plain_softmax(LOGITS, temperature), rtol=1e-12)


def test_no_temperature_is_the_limit_of_a_small_one() -> None:
    assert tempered(LOGITS, 0).tolist() == np.round(tempered(LOGITS, 1e-6), 12).tolist()
    assert tempered(np.array([1.0, 5.0, 5.0]), 0).tolist() == [0, 1, 0]
    both = tempered(np.stack([LOGITS, -LOGITS]), 0)
    assert both.argmax(axis=1).tolist() == [int(LOGITS.argmax()), int(LOGITS.argmin())]
    np.testing.assert_allclose(tempered(np.array([6e4, 5e4], np.float16), 1e-9), [1, 0])
    for wrong in (-1.0, np.inf, np.nan):
        with pytest.raises(ValueError, match="temperature"):
            tempered(LOGITS, wrong)


@pytest.mark.parametrize("k", [1, 2, 7, 59, 60, 100, 0, -3])
def test_top_k_keeps_the_k_most_probable(k: int) -> None:
    p = plain_softmax(LOGITS, 1)
    kept = sorted(range(len(p)), key=lambda i: (-p[i], i))[: k if k > 0 else None]
    np.testing.assert_allclose(top_k(p, k), normalised(p, kept), rtol=1e-12)


@pytest.mark.parametrize("mass", [0.0, 0.05, 0.5, 0.9, 0.999, 1.0, 2.0])
def test_top_p_is_the_smallest_set_that_holds_the_mass(mass: float) -> None:
    p = plain_softmax(LOGITS, 1)
    kept: list[int] = []
    for i in sorted(range(len(p)), key=lambda i: (-p[i], i)):
        if kept and sum(p[j] for j in kept) >= mass and mass < 1:
            break
        kept.append(i)
    np.testing.assert_allclose(top_p(p, mass), normalised(p, kept), rtol=1e-12)


def test_top_p_stops_exactly_at_the_mass() -> None:
    assert top_p(np.array([0.25, 0.5, 0.25]), 0.5).tolist() == [0, 1, 0]
    np.testing.assert_allclose(top_p(np.array([0.25, 0.5, 0.25]), 0.51), [1 / 3, 2 / 3, 0])


@pytest.mark.parametrize("share", [0.0, 0.01, 0.3, 1.0, 5.0])
def test_min_p_keeps_a_share_of_the_best(share: float) -> None:
    p = plain_softmax(LOGITS, 1)
    kept = [i for i in range(len(p)) if p[i] >= min(share, 1) * max(p)]
    np.testing.assert_allclose(min_p(p, share), normalised(p, kept), rtol=1e-12)


def test_the_order_is_temperature_then_top_k_then_top_p_then_min_p() -> None:
    p = plain_softmax(LOGITS, 2.0)
    order = sorted(range(len(p)), key=lambda i: (-p[i], i))[:20]
    p = normalised(p, order)
    kept: list[int] = []
    for i in order:
        if sum(p[j] for j in kept) >= 0.8:
            break
        kept.append(i)
    p = normalised(p, kept)
    p = normalised(p, [i for i in kept if p[i] >= 0.2 * max(p)])
    np.testing.assert_allclose(Sampling(2.0, 20, 0.8, 0.2).of(LOGITS), p, rtol=1e-12)


def test_the_defaults_change_nothing() -> None:
    assert Sampling().is_plain
    assert not Sampling(top_k=3).is_plain
    np.testing.assert_allclose(Sampling().of(LOGITS), plain_softmax(LOGITS, 1), rtol=1e-12)


def test_a_word_is_drawn_as_often_as_its_probability_says() -> None:
    p = np.array([0.0, 1, 2, 0, 5, 0]) / 8
    edges = [Fraction(n, 16) for n in range(16)]
    drawn = [draw(p, float(u)) for u in edges]
    assert drawn == [1, 1, 2, 2, 2, 2, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4]
    assert draw(p, float(np.nextafter(1.0, 0.0))) == 4
    often = np.bincount([draw(p, u) for u in np.random.default_rng(0).random(20_000)], minlength=6) / 20_000
    np.testing.assert_allclose(often, p, atol=0.012)  # three standard deviations


def test_equals_are_ordered_by_their_index() -> None:
    assert descending(np.array([1.0, 3.0, 3.0, 0.0])).tolist() == [1, 2, 0, 3]
    assert top_k(np.full(4, 0.25), 2).tolist() == [0.5, 0.5, 0, 0]


def test_what_are_probabilities_already_is_not_put_through_softmax_again() -> None:
    p = np.stack([plain_softmax(LOGITS, 1), plain_softmax(-LOGITS, 2)]).astype(np.float32)
    np.testing.assert_allclose(tempered(as_scores(p), 1), p, rtol=1e-5)
    np.testing.assert_array_equal(as_scores(LOGITS), LOGITS)
    np.testing.assert_allclose(tempered(as_scores(np.log(p)), 1), p, rtol=1e-5)
    sure = np.array([[0.0, 1.0, 0.0]], np.float32)
    assert tempered(as_scores(sure), 1).tolist() == [[0, 1, 0]]
    one_of_many = np.stack([p[0], LOGITS])  # one row may look like probabilities by chance, all rows do not
    np.testing.assert_array_equal(as_scores(one_of_many), one_of_many)


def test_each_by_itself_is_the_logistic_function_in_both_tails() -> None:
    x = np.array([-700, -40, -3.5, -1e-9, 0, 1e-9, 2.25, 40, 700])
    expected = [float(1 / (1 + np.exp(-np.longdouble(value)))) for value in x]
    np.testing.assert_allclose(each_by_itself(x), expected, rtol=1e-15)
    assert each_by_itself(np.array([-np.inf, np.inf])).tolist() == [0, 1]
    assert each_by_itself(x.astype(np.float32).reshape(3, 3)).dtype == np.float64
