"""Trustworthiness and continuity against their definition, written out pair by pair."""

from __future__ import annotations

import numpy as np
import pytest

from embstudio.base.errors import InputError
from embstudio.space.trust import Trust, TrustMeasure


def defined(vectors: np.ndarray, points: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Venna and Kaski's two measures of each point."""
    n = len(vectors)
    ranks = []
    for table in (vectors, points):
        distances = np.sqrt(np.square(table[:, None].astype(np.float64) - table[None]).sum(axis=-1))
        np.fill_diagonal(distances, -1)
        ranks.append(distances.argsort(axis=1).argsort(axis=1))  # 0: itself
    measures = []
    for own, other in (ranks, ranks[::-1]):
        penalty = np.zeros(n)
        for i in range(n):
            for j in range(n):
                if 1 <= other[i, j] <= k and own[i, j] > k:
                    penalty[i] += own[i, j] - k
        measures.append(1 - 2 * penalty / (k * (2 * n - 3 * k - 1)))
    return measures[0], measures[1]


def measured(measure: TrustMeasure, vectors: np.ndarray) -> Trust:
    *_, last = measure.results(vectors)
    return last


VECTORS = np.random.default_rng(0).normal(size=(120, 6)) * np.arange(1, 7) + 100
PICTURE = VECTORS[:, :2].astype(np.float32)


@pytest.mark.parametrize("k", [1, 7, 40])
def test_each_point_is_as_defined(k: int) -> None:
    got = measured(TrustMeasure(PICTURE, k), VECTORS)
    trustworthiness, continuity = defined(VECTORS, PICTURE, k)
    np.testing.assert_allclose(got.trustworthiness, trustworthiness, atol=1e-12)
    np.testing.assert_allclose(got.continuity, continuity, atol=1e-12)
    assert got.overall == pytest.approx((trustworthiness.mean(), continuity.mean()))
    assert (got.finished, got.sentence) == (True, "")


def test_cosine_is_of_the_directions() -> None:
    unit = VECTORS / np.linalg.norm(VECTORS, axis=1, keepdims=True)
    np.testing.assert_allclose(
        measured(TrustMeasure(PICTURE, 5, metric="cosine"), VECTORS).trustworthiness, defined(unit, PICTURE, 5)[0]
    )


def test_the_vectors_themselves_are_trusted_and_chance_is_not() -> None:
    vectors = np.random.default_rng(1).normal(size=(400, 2))
    assert measured(TrustMeasure(vectors), vectors).overall == (1, 1)
    by_chance = measured(TrustMeasure(np.random.default_rng(2).normal(size=(400, 2))), vectors)
    assert by_chance.overall == pytest.approx((0.5, 0.5), abs=0.03)


def test_a_sample_of_points_is_measured_against_all_and_said() -> None:
    whole = measured(TrustMeasure(PICTURE, 7), VECTORS)
    part = measured(TrustMeasure(PICTURE, 7, seed=1, most_points=30), VECTORS)
    assert len(np.unique(part.rows)) == 30
    np.testing.assert_allclose(part.trustworthiness, whole.trustworthiness[part.rows])
    assert part.sentence == "Measured at 30 of 120 points, drawn at random, against all of them."
    again, other = (measured(TrustMeasure(PICTURE, 7, seed=seed, most_points=30), VECTORS).rows for seed in (1, 2))
    assert np.array_equal(part.rows, again)
    assert not np.array_equal(part.rows, other)


def test_blocks_add_up(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = measured(TrustMeasure(PICTURE), VECTORS)
    monkeypatch.setattr("embstudio.space.trust._BLOCK", 120 * 50)
    parts = list(TrustMeasure(PICTURE).results(VECTORS))
    assert [(len(part.rows), part.finished) for part in parts] == [(50, False), (100, False), (120, True)]
    np.testing.assert_allclose(parts[-1].continuity, whole.continuity)


def test_rows_at_one_place_cost_nothing() -> None:
    vectors = np.repeat(np.eye(4), 5, axis=0)
    assert measured(TrustMeasure(vectors[:, :3], 4), vectors).overall == (1, 1)


def test_more_neighbours_than_the_formula_allows_are_cut() -> None:
    assert measured(TrustMeasure(PICTURE[:9], 50), VECTORS[:9]).k == 4


@pytest.mark.parametrize(
    ("measure", "rows"), [(TrustMeasure(PICTURE), 119), (TrustMeasure(PICTURE[:2]), 2), (TrustMeasure(PICTURE, 0), 120)]
)
def test_what_cannot_be_measured(measure: TrustMeasure, rows: int) -> None:
    with pytest.raises(InputError):
        measured(measure, VECTORS[:rows])


def test_the_scale_of_the_vectors_does_not_count() -> None:
    vectors = np.random.default_rng(6).normal(size=(60, 5))
    points = vectors[:, :2].astype(np.float32)
    (usual,) = TrustMeasure(points).results(vectors)
    (large,) = TrustMeasure(points).results(vectors * 1e200)
    np.testing.assert_allclose(large.trustworthiness, usual.trustworthiness)
    np.testing.assert_allclose(large.continuity, usual.continuity)
