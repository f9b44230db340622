"""The grid of points against brute force over all of them."""

from __future__ import annotations

import numpy as np
import pytest

from embstudio.space.point_grid import PointGrid, inside

RANDOM = np.random.default_rng(7)
CLOUDS = {
    "normal": RANDOM.normal(size=(4000, 2)).astype(np.float32),
    "clusters": np.concatenate([RANDOM.normal(c, 0.01, size=(700, 2)) for c in RANDOM.normal(size=(6, 2))]),
    "outlier": np.concatenate([RANDOM.normal(size=(3000, 2)), [[1e6, -2e5]]]),
    "line": np.stack([np.linspace(-3, 9, 2500), np.zeros(2500)], axis=1),
    "one": np.array([[3.0, -4.0]]),
    "equal": np.full((50, 2), 2.5, np.float32),
    "tiny": RANDOM.normal(size=(1000, 2)) * 1e-30,
    "vast": (RANDOM.normal(size=(1000, 2)) * 1e30).astype(np.float32),
    "ties": RANDOM.integers(0, 12, size=(3000, 2)).astype(np.float32),
}


@pytest.fixture(params=CLOUDS)
def points(request: pytest.FixtureRequest) -> np.ndarray:
    return CLOUDS[request.param]


def _span(points: np.ndarray) -> float:
    exact = points.astype(float)
    return float(np.ptp(exact, axis=0).max()) or 1.0


def test_the_nearest_is_that_of_brute_force(points: np.ndarray) -> None:
    grid, exact, span = PointGrid(points), points.astype(float), _span(points)
    random = np.random.default_rng(1)
    around = exact[random.integers(len(exact), size=60)] + random.normal(size=(60, 2)) * span * 0.02
    anywhere = exact.min(axis=0) + random.uniform(-0.3, 1.3, size=(40, 2)) * span
    found = 0
    for x, y in np.concatenate([around, anywhere]):
        distances = np.hypot(exact[:, 0] - x, exact[:, 1] - y)
        for reach in (0.0, 1e-3 * span, 0.05 * span, 3 * span):
            expected = int(distances.argmin()) if distances.min() <= reach else None
            assert grid.nearest(float(x), float(y), reach) == expected
            found += expected is not None
    assert found > 100


def test_a_rectangle_holds_what_brute_force_says(points: np.ndarray) -> None:
    grid, exact, span = PointGrid(points), points.astype(float), _span(points)
    random = np.random.default_rng(2)
    for _ in range(40):
        x, y = exact[random.integers(len(exact))] + random.normal(size=2) * 0.1 * span
        wide, high = random.uniform(0, 0.6, size=2) * span
        held = (exact[:, 0] >= x) & (exact[:, 0] <= x + wide) & (exact[:, 1] >= y) & (exact[:, 1] <= y + high)
        found = grid.in_rectangle(x, y, x + wide, y + high)
        np.testing.assert_array_equal(found, np.flatnonzero(held))
        assert grid.near_count(x, y, x + wide, y + high) >= len(found)


@pytest.mark.parametrize("corners", [3, 5, 40])
def test_a_lasso_holds_what_brute_force_says(points: np.ndarray, corners: int) -> None:
    grid, exact, span = PointGrid(points), points.astype(float), _span(points)
    random = np.random.default_rng(corners)
    for _ in range(8):
        middle = exact[random.integers(len(exact))]
        outline = middle + random.normal(size=(corners, 2)) * 0.4 * span  # crosses itself as it likes
        held = _winding_is_odd(exact, outline)
        np.testing.assert_array_equal(grid.in_polygon(outline), np.flatnonzero(held))
    assert not len(grid.in_polygon(np.zeros((2, 2))))


def _winding_is_odd(points: np.ndarray, outline: np.ndarray) -> np.ndarray:
    """The even-odd rule point by point, written out on its own: crossings of a ray to the right."""
    held = []
    for x, y in points.tolist():
        crossings = 0
        for (ax, ay), (bx, by) in zip(outline.tolist(), [*outline.tolist()[1:], outline.tolist()[0]], strict=True):
            if (ay > y) != (by > y) and x < ax + (y - ay) / (by - ay) * (bx - ax):
                crossings += 1
        held.append(crossings % 2 == 1)
    return np.array(held)


def test_a_square_contains_its_middle_alone() -> None:
    square = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], float)
    x, y = np.array([0.5, 1.5, 0.5, -0.1]), np.array([0.5, 0.5, -0.5, 0.5])
    assert inside(x, y, square).tolist() == [True, False, False, False]


def test_points_without_a_place_are_left_out_and_counted() -> None:
    points = np.array([[0, 0], [np.nan, 1], [2, np.inf], [3, 3], [1e200, 0], [np.nan, np.nan]])
    grid = PointGrid(points)
    assert grid.left_out == 4
    assert sorted(grid.rows.tolist()) == [0, 3]
    assert grid.nearest(2.9, 3, 1) == 3
    assert (grid.low, grid.high) == ((0.0, 0.0), (3.0, 3.0))


def test_nothing_at_all() -> None:
    grid = PointGrid(np.zeros((0, 2), np.float32))
    assert grid.nearest(0, 0, 10) is None
    assert not len(grid.in_rectangle(-1, -1, 1, 1))
    assert not len(grid.in_polygon(np.eye(3)[:, :2]))
    with pytest.raises(ValueError, match=r"\[n, 2\]"):
        PointGrid(np.zeros((4, 3)))


def test_the_important_come_first_in_each_cell() -> None:
    points = RANDOM.normal(size=(5000, 2))
    order = RANDOM.permutation(5000)
    importance = np.empty(5000, int)
    importance[order] = np.arange(5000)
    grid = PointGrid(points[order], order)
    np.testing.assert_array_equal(np.sort(grid.rows), np.arange(5000))
    np.testing.assert_array_equal(grid.x, points[grid.rows, 0])
    np.testing.assert_array_equal(grid.rank, importance[grid.rows])
    for begin, end in zip(grid.starts[:-1], grid.starts[1:], strict=True):
        assert np.all(np.diff(grid.rank[begin:end]) > 0)


@pytest.mark.parametrize("halvings", [0, 1, 3, 8])
def test_leaders_are_the_most_important_of_joined_cells(halvings: int) -> None:
    points = np.concatenate([RANDOM.normal(size=(4000, 2)), [[np.nan, 0]]])
    order = RANDOM.permutation(len(points))
    grid = PointGrid(points[order], order)
    joined = (grid.cell_row(grid.y) >> halvings) * 256 + (grid.cell_column(grid.x) >> halvings)
    expected = {cell: grid.rank[joined == cell].min() for cell in np.unique(joined).tolist()}
    leaders = grid.leaders(halvings)
    assert {int(joined[place]): grid.rank[place] for place in leaders} == expected
    assert len(leaders) == len(expected)


def test_a_part_is_a_grid_of_its_own() -> None:
    points = RANDOM.normal(size=(3000, 2))
    chosen = np.flatnonzero(points[:, 0] > 0.3)
    part = PointGrid(points).part(chosen)
    assert len(part) == len(chosen)
    np.testing.assert_array_equal(part.in_rectangle(-1, -1, 1, 1), chosen[(np.abs(points[chosen]) <= 1).all(axis=1)])
    for begin, end in zip(part.starts[:-1], part.starts[1:], strict=True):
        assert 0 <= begin <= end <= len(chosen)
