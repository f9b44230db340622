"""Axes made of words."""

from __future__ import annotations

import numpy as np
import pytest

from embstudio.base.errors import InputError
from embstudio.space.directions import between, named_axis

WORDS = ("he", "she", "king", "queen", "bad", "good", "same")
VECTORS = np.array([[0, 0, 1], [2, 0, 1], [0, 5, 1], [4, 5, 1], [1, 0, 0], [1, 3, 0], [0, 0, 1]], np.float32)


def test_one_pair_lies_around_zero_and_others_where_they_are_between() -> None:
    axis = named_axis(WORDS, VECTORS, [(0, 1)])
    assert axis.name == "he → she"
    np.testing.assert_allclose(axis.place(VECTORS), [-1, 1, -1, 3, 0, 0, -1])
    assert axis.pairs.tolist() == [1]


def test_pairs_weigh_alike_whatever_their_length() -> None:
    axis = named_axis(WORDS, VECTORS, [(0, 1), (4, 5)])
    assert axis.name == "he → she, bad → good"
    np.testing.assert_allclose(axis.direction, np.array([1, 1, 0]) / np.sqrt(2))
    np.testing.assert_allclose(axis.pairs, np.sqrt(0.5))
    np.testing.assert_allclose(axis.middle, [1, 0.75, 0.5])
    gender, worth = named_axis(WORDS, VECTORS, [(0, 1), (2, 3)]), named_axis(WORDS, VECTORS, [(4, 5)])
    assert between(gender, worth) == pytest.approx(0)
    assert between(gender, axis) == pytest.approx(np.sqrt(0.5))


def test_pairs_that_lead_nowhere() -> None:
    with pytest.raises(InputError, match="'he' and 'same' have the same vector"):
        named_axis(WORDS, VECTORS, [(2, 3), (0, 6)])
    with pytest.raises(InputError, match="cancel"):
        named_axis(WORDS, VECTORS, [(0, 1), (3, 2)])
    with pytest.raises(ValueError, match="at least one"):
        named_axis(WORDS, VECTORS, [])
