"""Names of points: the most important where there is room, none over another, and the same ones while the view moves.

The plane is cut into cells as large as a label, at the zoom it is seen at and no matter which part is seen. Each cell
proposes its most important point, and all it holds where these are few; proposals are placed in the order of their
importance, beside, above or below their point. What lies a little beyond the edges is placed too, so that moving the
view does not change what is inside it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from embstudio.gui.plots.scatter.plane_view import PlaneView
from embstudio.space.point_grid import CELLS, PointGrid

GAP = 6.0  # pixels from a point to its label
_AROUND = (1, 2)  # cells beyond the edges that are looked at too
_OFFERS = 8  # points of a cell of the grid that are looked at, for each label's cell that it covers
_MOST_OFFERS = 4096
_FINER = 4  # cells, joined or not, side by side in a label's
_COARSEST = 4
_FEW = 3  # points of a label's cell that are all proposed
_ROOMY = 0.1  # of a label's cell that a cell of the grid covers, from which on few points are few

Taken = dict[tuple[int, int], list[tuple[float, float, float, float]]]  # rectangles by the areas they touch


@dataclass(frozen=True)
class Label:
    """The name of a point, and the rectangle in the widget that it fills."""

    row: int
    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.left + self.width

    @property
    def bottom(self) -> float:
        return self.top + self.height

    def within(self, width: float, height: float) -> bool:
        """Whether all of it lies in a widget of a size."""
        return self.left >= 0 and self.top >= 0 and self.right <= width and self.bottom <= height

    def overlaps(self, left: float, top: float, right: float, bottom: float) -> bool:
        """Whether a rectangle shares more than an edge with this one."""
        return self.left < right and left < self.right and self.top < bottom and top < self.bottom


def label_field(
    grid: PointGrid,
    view: PlaneView,
    cell: tuple[float, float],
    size_of: Callable[[int], tuple[float, float]],
) -> list[Label]:
    """Labels in sight, the most important first.

    cell: the least width and height in pixels of the area in which one point may be named. size_of(row): width and
    height of a label.
    """
    proposed = _proposals(grid, view, cell)
    places = view.places(np.stack([grid.x[proposed], grid.y[proposed]], axis=1))
    rows, rank = grid.rows[proposed], grid.rank[proposed]
    taken: Taken = {}
    inside: list[Label] = []
    cut: list[tuple[int, float, float]] = []
    for place in np.argsort(rank).tolist():
        row, at_x, at_y = int(rows[place]), float(places[place, 0]), float(places[place, 1])
        label = _free(row, at_x, at_y, size_of(row), taken, cell)
        if label is not None and label.within(view.width, view.height):
            inside.append(label)
        elif 0 <= at_x <= view.width and 0 <= at_y <= view.height:
            cut.append((row, at_x, at_y))
    # What an edge would cut goes to another side of its point, if that is free: no label placed before gives way to it.
    for row, at_x, at_y in cut:
        label = _free(row, at_x, at_y, size_of(row), taken, cell, (view.width, view.height))
        if label is not None:
            inside.append(label)
    return inside


def _proposals(grid: PointGrid, view: PlaneView, cell: tuple[float, float]) -> np.ndarray:
    """Places in the grid of the most important point of each label's cell in and around sight."""
    if not len(grid):
        return np.zeros(0, np.intp)
    step = 2.0 ** (math.floor(2 * math.log2(view.zoom)) / 2)  # zooms between two steps share their cells' size
    wide, high = cell[0] / step, cell[1] / step
    window = view.window(1.0)
    west, south = math.floor(window.left / wide) - _AROUND[0], math.floor(window.bottom / high) - _AROUND[1]
    columns = math.floor(window.right / wide) + _AROUND[0] + 1 - west
    lines = math.floor(window.top / high) + _AROUND[1] + 1 - south
    places = _offers(grid, (west * wide, south * high, (west + columns) * wide, (south + lines) * high), wide, high)
    x, y = grid.x[places].astype(np.float64), grid.y[places].astype(np.float64)
    column, line = np.floor(x / wide) - west, np.floor(y / high) - south
    held = (column >= 0) & (column < columns) & (line >= 0) & (line < lines)
    places, flat = places[held], (line[held] * columns + column[held]).astype(np.intp)
    rank = grid.rank[places]
    best = np.full(columns * lines, np.iinfo(np.int32).max, dtype=np.int32)
    np.minimum.at(best, flat, rank)
    proposed = rank == best[flat]
    if _covered(grid, wide, high) >= _ROOMY or len(grid) <= _MOST_OFFERS:
        proposed |= np.bincount(flat, minlength=columns * lines)[flat] <= _FEW
    return np.asarray(places[proposed])


def _offers(grid: PointGrid, edges: tuple[float, float, float, float], wide: float, high: float) -> np.ndarray:
    """Places of points that may be the most important of a label's cell: the first of each cell of the grid, more of
    them where that is larger. How many depends on the zoom alone."""
    per_x, per_y = grid.per_unit
    across_cells, up_cells = wide * per_x / _FINER, high * per_y / _FINER
    if min(across_cells, up_cells) >= 1:
        # Seen from far: cells of the grid are joined, as long as many of them make a label's.
        return grid.leaders(min(_COARSEST, math.floor(math.log2(min(across_cells, up_cells)))))
    left, bottom, right, top = edges
    across = np.arange(int(grid.cell_column(left)), int(grid.cell_column(right)) + 1)
    up = np.arange(int(grid.cell_row(bottom)), int(grid.cell_row(top)) + 1)
    cells = (up[:, None] * CELLS + across).ravel()
    begins, ends = grid.starts[cells], grid.starts[cells + 1]
    held = ends > begins
    begins, ends = begins[held], ends[held]
    if not len(begins):
        return np.zeros(0, np.intp)
    most = int(min(max(1, math.ceil(_OFFERS * _covered(grid, wide, high))), _MOST_OFFERS, (ends - begins).max()))
    offered = begins[:, None] + np.arange(most)
    return np.asarray(offered[offered < ends[:, None]])


def _covered(grid: PointGrid, wide: float, high: float) -> float:
    """How much of a label's cell a cell of the grid covers; more than 1 where it is larger."""
    per_x, per_y = grid.per_unit
    return min(1e9, 1 / (wide * per_x) if per_x else 1e9) * min(1e9, 1 / (high * per_y) if per_y else 1e9)


def _free(
    row: int,
    x: float,
    y: float,
    size: tuple[float, float],
    taken: Taken,
    cell: tuple[float, float],
    room: tuple[float, float] | None = None,
) -> Label | None:
    """The label at the first of its four places that is free, and within a room if one is given; noted in `taken`.
    None if there is none."""
    width, height = size
    for left, top in (
        (x + GAP, y - height / 2),
        (x - GAP - width, y - height / 2),
        (x - width / 2, y - GAP - height),
        (x - width / 2, y + GAP),
    ):
        right, bottom = left + width, top + height
        if room is not None and not (left >= 0 and top >= 0 and right <= room[0] and bottom <= room[1]):
            continue
        first, last = int(left // cell[0]), int(right // cell[0]) + 1
        lines = range(int(top // cell[1]), int(bottom // cell[1]) + 1)
        covered = [(column, line) for column in range(first, last) for line in lines]
        if not _any_overlaps(taken, covered, left, top, right, bottom):
            for key in covered:
                taken.setdefault(key, []).append((left, top, right, bottom))
            return Label(row, left, top, width, height)
    return None


def _any_overlaps(
    taken: Taken, covered: list[tuple[int, int]], left: float, top: float, right: float, bottom: float
) -> bool:
    for key in covered:
        for other in taken.get(key, ()):
            if other[0] < right and left < other[2] and other[1] < bottom and top < other[3]:
                return True
    return False
