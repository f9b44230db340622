"""Distances against figures worked out apart from this code, and against plain Python."""

from __future__ import annotations

import math

import numpy as np
import pytest

from embstudio.formulas.distances import METRICS, cosine_similarity

CAT, DOG = np.array([0.2, 0.8, 0.1]), np.array([0.7, 0.3, 0.9])


@pytest.mark.parametrize(
    ("metric", "expected"),
    [
        ("euclidean", 1.0677078),
        ("cosine", 1 - 0.4799168),
        ("dot", 0.47),
        ("manhattan", 1.8),
        ("chebyshev", 0.8),
        ("angular", math.acos(0.4799168) / math.pi),
    ],
)
def test_cat_and_dog(metric: str, expected: float) -> None:
    assert METRICS[metric].compare(CAT, DOG) == pytest.approx(expected, abs=1e-7)


def test_a_vector_against_a_table() -> None:
    table = np.stack([CAT, DOG, np.zeros(3)])
    for metric in METRICS.values():
        one_by_one = [float(metric.compare(DOG, row)) for row in table]
        np.testing.assert_allclose(metric.compare(DOG, table), one_by_one)


def test_a_zero_vector_has_no_direction() -> None:
    assert float(cosine_similarity(CAT, np.zeros(3))) == 0.0


def test_parallel_vectors_are_at_no_angle_whatever_the_rounding() -> None:
    a = np.full(7, 0.1)
    assert float(METRICS["angular"].compare(a, 3 * a)) == pytest.approx(0.0, abs=1e-7)
