"""Which true neighbours a picture keeps, against ranks worked out by sorting all distances."""

from __future__ import annotations

import numpy as np
import pytest

from embstudio.space.true_neighbours import true_neighbours

RANDOM = np.random.default_rng(8)


@pytest.mark.parametrize(("n", "k", "among"), [(1000, 10, 30), (200, 10, 20), (60, 10, 10), (8, 10, 7)])
@pytest.mark.parametrize("dimensions", [2, 3])
def test_near_are_those_among_the_nearest_of_the_picture(n: int, k: int, among: int, dimensions: int) -> None:
    points = RANDOM.normal(size=(n, dimensions)).astype(np.float32)
    row = 5
    nearest = [each for each in RANDOM.permutation(n).tolist() if each != row][:k]
    distances = np.linalg.norm(points.astype(np.float64) - points[row].astype(np.float64), axis=1)
    rank = np.empty(n, int)
    rank[np.argsort(distances)] = np.arange(n)  # the row itself has rank 0
    found = true_neighbours(points, row, nearest)
    assert found.near == tuple(each for each in nearest if rank[each] <= among)
    assert found.torn == tuple(each for each in nearest if rank[each] > among)
    assert (found.among, found.without_place, found.count) == (among, 0, len(nearest))


def test_what_has_no_place_is_counted_and_is_nobody_s_neighbour() -> None:
    points = RANDOM.normal(size=(100, 2)).astype(np.float32)
    points[[3, 4]] = [[np.nan, 0], [0, np.inf]]
    found = true_neighbours(points, 0, [3, 1, 4])
    assert found.without_place == 2
    assert {*found.near, *found.torn} == {1}
    with pytest.raises(ValueError, match="no place"):
        true_neighbours(points, 3, [1])


def test_points_at_one_place_are_all_near() -> None:
    found = true_neighbours(np.zeros((50, 2), np.float32), 0, [9, 30, 4])
    assert (found.near, found.torn) == ((9, 30, 4), ())


def test_a_row_alone() -> None:
    found = true_neighbours(np.zeros((1, 2), np.float32), 0, [])
    assert (found.count, found.among) == (0, 0)
