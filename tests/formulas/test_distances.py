"""Distances against figures worked out apart from this code, and against plain Python."""

from __future__ import annotations

import math
import statistics

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
        ("squared-euclidean", 1.14),
        ("correlation", 1 - statistics.correlation(CAT.tolist(), DOG.tolist())),
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


def test_where_a_metric_stands_for_nothing_there_is_a_number_and_a_reason() -> None:
    table = np.stack([CAT, np.zeros(3), np.full(3, 0.1), -DOG])
    undefined = {name: metric.undefined(table).tolist() for name, metric in METRICS.items()}
    none, zero, constant = [False] * 4, [False, True, False, False], [False, True, True, False]
    assert undefined == {
        "cosine": zero, "euclidean": none, "squared-euclidean": none, "dot": none, "angular": zero,
        "manhattan": none, "chebyshev": none, "correlation": constant,
    }  # fmt: skip
    for name, metric in METRICS.items():
        assert bool(metric.why) == any(undefined[name])
        if metric.why:
            right_angle = 0.5 if name == "angular" else 1.0
            assert metric.compare(DOG, table)[metric.undefined(table)].tolist() == [right_angle] * sum(undefined[name])


@pytest.mark.parametrize("name", ["cosine", "angular", "correlation"])
@pytest.mark.parametrize("size", [1e-300, 1e-30, 1e30, 1e300])
def test_length_does_not_change_a_direction(name: str, size: float) -> None:
    metric = METRICS[name]
    assert float(metric.compare(size * CAT, DOG)) == pytest.approx(float(metric.compare(CAT, DOG)), abs=1e-14)


def test_small_angles_keep_their_digits() -> None:
    a, b = np.array([1.0, 0.0]), np.array([math.cos(1e-9), math.sin(1e-9)])
    assert float(METRICS["angular"].compare(a, b)) == pytest.approx(1e-9 / math.pi, rel=1e-12, abs=0)
    assert float(METRICS["angular"].compare(a, -b)) == pytest.approx(1 - 1e-9 / math.pi, rel=1e-15)


def test_parallel_vectors_are_at_no_angle_whatever_the_rounding() -> None:
    a = np.full(7, 0.1)
    assert float(METRICS["angular"].compare(a, 3 * a)) == pytest.approx(0.0, abs=1e-15)
