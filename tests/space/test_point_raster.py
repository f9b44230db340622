"""Counts of pixels against numpy.histogram2d and sums worked out point by point."""

from __future__ import annotations

import numpy as np
import pytest

from embstudio.space.point_grid import PointGrid
from embstudio.space.point_raster import CHUNK, Window, counts, group_sums, value_sums

RANDOM = np.random.default_rng(3)
POINTS = RANDOM.normal(size=(3 * CHUNK + 17, 2)).astype(np.float32)
GRID = PointGrid(POINTS)
WINDOWS = {
    "dense": Window(-8.0, 8.0, 2.0, 32, 32),
    "all": Window(-8.0, 8.0, 20.0, 320, 320),
    "inside": Window(-0.5, 0.75, 160.0, 200, 130),
    "beside": Window(1.0, 2.0, 37.5, 90, 240),
    "close": Window(0.0, 0.0625, 4096.0, 64, 64),
    "nowhere": Window(40.0, 50.0, 10.0, 30, 20),
}


@pytest.fixture(params=WINDOWS)
def window(request: pytest.FixtureRequest) -> Window:
    return WINDOWS[request.param]


def _histogram(points: np.ndarray, window: Window, weights: np.ndarray | None = None) -> np.ndarray:
    """numpy's own, its last edges shut out (a picture's are not within it)."""
    exact = points.astype(float)
    columns, lines = (exact[:, 0] - window.left) * window.zoom, (window.top - exact[:, 1]) * window.zoom
    inner = (columns < window.width) & (lines < window.height)
    edges = (np.arange(window.height + 1), np.arange(window.width + 1))
    kept = None if weights is None else weights[inner]
    return np.histogram2d(lines[inner], columns[inner], bins=edges, weights=kept)[0]


def test_counts_are_those_of_numpy(window: Window) -> None:
    counted = counts(GRID, window)
    assert counted.shape == (window.height, window.width)
    np.testing.assert_array_equal(counted, _histogram(POINTS, window))
    assert bool(counted.any()) is (window is not WINDOWS["nowhere"])


def test_sums_of_values_are_those_of_numpy(window: Window) -> None:
    values = RANDOM.random(len(POINTS)).astype(np.float32)
    counted, sums = value_sums(GRID, window, values[GRID.rows])
    np.testing.assert_array_equal(counted, _histogram(POINTS, window))
    np.testing.assert_allclose(sums, _histogram(POINTS, window, values), rtol=1e-5, atol=1e-5)


def test_groups_mix_by_how_many_there_are_of_each(window: Window) -> None:
    codes = RANDOM.integers(0, 5, size=len(POINTS)).astype(np.uint8)
    weights = RANDOM.random((5, 3)) * 100
    counted, sums = group_sums(GRID, window, codes[GRID.rows], weights)
    np.testing.assert_array_equal(counted, _histogram(POINTS, window))
    for part in range(3):
        expected = _histogram(POINTS, window, weights[codes, part])
        np.testing.assert_allclose(sums[part], expected, rtol=1e-5, atol=1e-3)


@pytest.mark.parametrize("size", [1e-30, 1e30])
def test_extents_far_from_one(size: float) -> None:
    points = RANDOM.normal(size=(5000, 2)) * size
    window = Window(-2 * size, 1.5 * size, 50 / size, 220, 130)
    np.testing.assert_array_equal(counts(PointGrid(points), window), _histogram(points, window))


def test_points_that_are_all_the_same_or_none() -> None:
    window = Window(0.0, 4.0, 10.0, 40, 40)
    counted = counts(PointGrid(np.full((1000, 2), 2.25)), window)
    assert counted[17, 22] == counted.sum() == 1000
    assert not counts(PointGrid(np.zeros((0, 2))), window).any()
