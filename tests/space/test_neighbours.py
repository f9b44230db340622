"""Neighbours against brute force over the whole table in float64."""

from __future__ import annotations

import numpy as np
import pytest

from embstudio.space.neighbours import NeighbourFinder


def brute_force(vectors: np.ndarray, row: int, count: int, metric: str) -> tuple[list[int], list[float]]:
    """Distances to every row, in float64 and Python's own stable sort."""
    table = vectors.astype(np.float64)
    if metric == "cosine":
        lengths = np.linalg.norm(table, axis=1)
        distances = 1 - (table @ table[row]) / (lengths * lengths[row])
    else:
        distances = np.linalg.norm(table - table[row], axis=1)
    order = sorted((other for other in range(len(table)) if other != row), key=lambda o: (round(distances[o], 12), o))
    return order[:count], [float(distances[other]) for other in order[:count]]


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_nearest_are_those_of_brute_force(metric: str, dtype: type) -> None:
    vectors = np.random.default_rng(5).normal(size=(20_000, 24)).astype(dtype)
    rows = [0, 8191, 8192, 19_999]
    got_rows, got = NeighbourFinder(vectors, metric).of_rows(rows, 12)
    for at, row in enumerate(rows):
        expected_rows, expected = brute_force(vectors, row, 12, metric)
        assert got_rows[at].tolist() == expected_rows
        np.testing.assert_allclose(got[at], expected, atol=1e-12)


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
def test_differences_that_float32_cannot_see_still_rank(metric: str) -> None:
    rng = np.random.default_rng(2)
    vectors = np.concatenate([rng.normal(size=(1, 16)) + 1e-7 * rng.normal(size=(60, 16)), rng.normal(size=(500, 16))])
    got, _ = NeighbourFinder(vectors, metric).of_rows([3], 20)
    if metric == "euclidean":
        assert got[0].tolist() == brute_force(vectors, 3, 20, metric)[0]
    else:
        assert set(got[0].tolist()) < set(range(60))


def test_ties_go_to_the_lower_row_and_a_row_is_not_its_own_neighbour() -> None:
    vectors = np.tile(np.array([[1.0, 0.0], [0.0, 1.0]], np.float32), (50, 1))
    rows, distances = NeighbourFinder(vectors).of_rows([4], 5)
    assert rows.tolist() == [[0, 2, 6, 8, 10]]
    assert distances.tolist() == [[0.0] * 5]


def test_a_zero_row_is_at_a_right_angle_to_everything() -> None:
    vectors = np.array([[1.0, 0.0], [0.0, 0.0], [-1.0, 0.0]], np.float32)
    rows, distances = NeighbourFinder(vectors).of_rows([0], 2)
    assert rows.tolist() == [[1, 2]]
    assert distances.tolist() == [[1.0, 2.0]]


def test_no_more_neighbours_than_there_are_rows() -> None:
    rows, distances = NeighbourFinder(np.eye(3)).of_rows([1], 12)
    assert rows.shape == distances.shape == (1, 2)


def test_rows_and_metrics_that_do_not_exist() -> None:
    with pytest.raises(IndexError):
        NeighbourFinder(np.eye(3)).of_rows([3], 1)
    with pytest.raises(ValueError, match="supported are cosine, euclidean"):
        NeighbourFinder(np.eye(3), "taxicab")


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
def test_vectors_that_are_not_in_the_table(metric: str) -> None:
    rng = np.random.default_rng(8)
    table = rng.normal(size=(9_000, 24)).astype(np.float32)
    vectors = 50 * rng.normal(size=(70, 24))
    rows, distances = NeighbourFinder(table, metric).of_vectors(vectors, 7)
    for at in (0, 63, 64, 69):
        expected_rows, expected = brute_force(np.concatenate([vectors[at : at + 1], table]), 0, 7, metric)
        assert (rows[at] + 1).tolist() == expected_rows
        np.testing.assert_allclose(distances[at], expected, atol=1e-9)
    rows, distances = NeighbourFinder(table, metric).of_vectors(table[5:6], 1)
    assert rows.tolist() == [[5]]
    assert distances[0, 0] == pytest.approx(0, abs=1e-12)


def test_a_vector_of_no_length_or_of_no_numbers_is_answered() -> None:
    table = np.random.default_rng(1).normal(size=(40, 4))
    rows, distances = NeighbourFinder(table).of_vectors(np.array([[0.0] * 4, [np.nan] * 4]), 50)
    assert rows.shape == (2, 40)
    assert distances[0].tolist() == [1.0] * 40
    with pytest.raises(ValueError, match="width 3"):
        NeighbourFinder(table).of_vectors(np.zeros((1, 3)), 2)
