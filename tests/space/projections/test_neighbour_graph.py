"""The graph of neighbours against distances in float64."""

from __future__ import annotations

import numpy as np
import pytest

from embstudio.space.projections.neighbour_graph import NeighbourGraph, build


def graph_of(vectors: np.ndarray, count: int) -> NeighbourGraph:
    done: list[NeighbourGraph] = []
    assert list(build(vectors, count, done))[-1] == 1
    return done[0]


@pytest.mark.parametrize("count", [5, 40])  # by groups of columns, and among all of them
def test_neighbours_are_the_nearest(count: int) -> None:
    vectors = np.random.default_rng(0).normal(size=(1003, 12)) + 20
    graph = graph_of(vectors, count)
    distances = np.linalg.norm(vectors[:, None] - vectors[None], axis=-1)
    np.fill_diagonal(distances, np.inf)
    expected = np.argsort(distances, axis=1)[:, :count]
    assert np.array_equal(graph.rows, expected)
    np.testing.assert_allclose(graph.distances, np.take_along_axis(distances, expected, axis=1), rtol=1e-4)


def test_more_neighbours_than_there_are() -> None:
    graph = graph_of(np.array([[0.0], [1.0], [3.0]]), 10)
    assert graph.rows.tolist() == [[1, 2], [0, 2], [1, 0]]


def test_equal_rows_are_each_others_neighbours() -> None:
    graph = graph_of(np.repeat(np.eye(3), 2, axis=0), 1)
    assert graph.rows.ravel().tolist() == [1, 0, 3, 2, 5, 4]
    np.testing.assert_allclose(graph.distances, 0, atol=1e-3)


def test_a_rough_graph_looks_among_some_of_the_rows() -> None:
    random = np.random.default_rng(1)
    vectors, among = random.normal(size=(1003, 12)), np.sort(random.choice(1003, 250, replace=False))
    done: list[NeighbourGraph] = []
    assert list(build(vectors, 5, done, among))[-1] == 1
    distances = np.full((1003, 1003), np.inf)
    distances[:, among] = np.linalg.norm(vectors[:, None] - vectors[None, among], axis=-1)
    np.fill_diagonal(distances, np.inf)
    assert np.array_equal(done[0].rows, np.argsort(distances, axis=1)[:, :5])
