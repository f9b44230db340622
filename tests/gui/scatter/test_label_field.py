"""Names over points: never one over another, the important first, and the same ones while the view moves."""

from __future__ import annotations

import numpy as np
import pytest

from embstudio.gui.plots.scatter.label_field import Label, label_field
from embstudio.gui.plots.scatter.plane_view import PlaneView
from embstudio.space.point_grid import PointGrid

RANDOM = np.random.default_rng(9)
SETS = {
    "ten": RANDOM.normal(size=(10, 2)),
    "crowd": RANDOM.normal(size=(30_000, 2)),
    "equal": np.zeros((300, 2)),
    "line": np.stack([np.linspace(0, 1, 4000), np.zeros(4000)], axis=1),
    "vast": RANDOM.normal(size=(2000, 2)) * 1e30,
}
CELL = (120.0, 40.0)


def _size(row: int) -> tuple[float, float]:
    return 20.0 + 37 * row % 90, 14.0


def _view(grid: PointGrid) -> PlaneView:
    view = PlaneView(width=700, height=500)
    view.fit_whole(grid.low, grid.high)
    return view


@pytest.mark.parametrize("name", SETS)
def test_labels_never_overlap_nor_leave_the_plot(name: str) -> None:
    grid = PointGrid(SETS[name])
    view = _view(grid)
    for _ in range(14):
        labels = label_field(grid, view, CELL, _size)
        for place, label in enumerate(labels):
            assert label.within(view.width, view.height)
            assert (label.width, label.height) == _size(label.row)
            assert not any(label.overlaps(other.left, other.top, other.right, other.bottom) for other in labels[:place])
            x, y = view.places(SETS[name][[label.row]])[0]
            assert label.left - 7 <= x <= label.right + 7
            assert label.top - 7 <= y <= label.bottom + 7
        assert len({label.row for label in labels}) == len(labels)
        view.zoom_by(1.5, 300, 200)
    assert name in ("line", "vast") or label_field(grid, _view(grid), CELL, _size)


def test_few_points_are_all_named() -> None:
    grid = PointGrid(np.array([[0.0, 0], [1, 1], [0.02, 0.9], [0.5, 0.5]]))
    assert {label.row for label in label_field(grid, _view(grid), CELL, _size)} == {0, 1, 2, 3}


def test_the_most_important_point_is_named() -> None:
    points = SETS["crowd"]
    order = RANDOM.permutation(len(points))
    grid = PointGrid(points[order], order)
    view = _view(grid)
    for _ in range(8):
        labels = label_field(grid, view, CELL, _size)
        rank = np.argsort(order)
        places = view.places(points)
        clear = ((places > [120, 20]) & (places < [view.width - 120, view.height - 20])).all(axis=1)
        first = int(np.flatnonzero(clear)[rank[clear].argmin()])
        assert first in {label.row for label in labels}
        view.zoom_by(1.6, 350, 250)


@pytest.mark.parametrize("zoomed", [1.0, 3.0, 40.0])
def test_labels_stay_while_the_view_moves(zoomed: float) -> None:
    grid = PointGrid(SETS["crowd"])
    view = _view(grid)
    view.zoom_by(zoomed, 350, 250)
    before = label_field(grid, view, CELL, _size)
    kept = shared = 0
    for _ in range(30):
        view.pan(9, -4)
        after = {label.row: label for label in label_field(grid, view, CELL, _size)}
        for label in before:
            moved = Label(label.row, label.left + 9, label.top - 4, label.width, label.height)
            if _clear(moved, view) and _clear(label, view):
                shared += 1
                held = after.get(label.row)
                kept += held is not None and abs(held.left - moved.left) + abs(held.top - moved.top) < 1e-6
        before = list(after.values())
    assert shared > 100
    assert kept >= 0.98 * shared


def _clear(label: Label, view: PlaneView) -> bool:
    """Whether a label stands away from the edges, where names may go to the other side of their point."""
    return label.left > 130 and label.right < view.width - 130 and label.top > 45 and label.bottom < view.height - 45
