"""Rank correlations against definitions written out in plain Python and figures from books."""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import pytest

from embstudio.formulas.rank_correlation import kendall, ranks, spearman


def test_ties_share_the_mean_rank() -> None:
    assert ranks(np.array([10.0, 20.0, 10.0, 5.0, 10.0])).tolist() == [3.0, 5.0, 3.0, 1.0, 3.0]


def test_hours_of_television_and_intelligence() -> None:
    # The worked example of Wikipedia's article on Spearman's coefficient: ρ = −29/165.
    iq = np.array([106.0, 100, 86, 101, 99, 103, 97, 113, 112, 110])
    hours = np.array([7.0, 27, 2, 50, 28, 29, 20, 12, 6, 17])
    assert spearman(iq, hours) == pytest.approx(-29 / 165, abs=1e-12)


def test_kendall_with_ties_is_what_counting_pairs_gives() -> None:
    random = np.random.default_rng(4)
    x, y = random.integers(0, 40, size=(2, 700)).astype(float)
    concordant = discordant = only_x = only_y = 0
    for i, j in combinations(range(len(x)), 2):
        u, v = x[i] - x[j], y[i] - y[j]
        concordant += u * v > 0
        discordant += u * v < 0
        only_x += v == 0 and u != 0
        only_y += u == 0 and v != 0
    untied = concordant + discordant
    expected = (concordant - discordant) / math.sqrt((untied + only_x) * (untied + only_y))
    assert kendall(x, y) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("correlate", [spearman, kendall])
def test_the_same_order_the_reverse_and_none(correlate) -> None:
    x = np.array([3.0, 1.0, 2.0, 7.0])
    assert correlate(x, np.exp(x)) == pytest.approx(1)
    assert correlate(x, -(x**3)) == pytest.approx(-1)
    assert math.isnan(correlate(x, np.ones(4)))
    with pytest.raises(ValueError, match="same length"):
        correlate(x, np.ones(3))
