"""Points of a plane in a grid of 256 × 256 cells: which lie in a rectangle or a lasso, and which is nearest.

The points are sorted by their cell, row of cells by row of cells, so that what lies in a stretch of cells is a stretch
of the arrays. Cells are laid over the bulk of the points; a cell at the edge goes on to infinity, so that one outlier
does not put all others into a single cell.
"""

from __future__ import annotations

import numpy as np

CELLS = 256  # in a row and in a column: a cell's number fits 16 bits, which numpy sorts by radix
LARGEST = 1e150  # coordinates beyond are left out as those that are not finite: their squares would not be
_BULK = (0.002, 0.998)  # quantiles between which the cells are laid
_BLOCK = 1 << 15  # points worked on at a time, so that what is in between stays in the cache
_SAMPLE = 20_000  # points from which these are estimated


class PointGrid:
    """Points in the order of their cells.

    x, y: [kept], as exact as they were given. rows: [kept], which point each is. rank: [kept], how many points are more
    important, those left out too; within a cell the most important comes first. starts: [CELLS² + 1], where each cell
    begins. left_out: how many points have a coordinate that is no finite number; they are in no cell.
    """

    def __init__(self, points: np.ndarray, rows: np.ndarray | None = None) -> None:
        """Sort points [n, 2], the most important first. rows: [n], which each is, if not the first, the second ..."""
        points = np.asarray(points)
        points = points.astype(np.float64) if points.dtype not in (np.float32, np.float64) else points
        if points.ndim != 2 or points.shape[1] != 2:
            raise ValueError(f"points must be [n, 2], not {points.shape}")
        rows = None if rows is None else np.asarray(rows, dtype=np.int32)
        x, y = np.ascontiguousarray(points.T)
        largest = min(LARGEST, float(np.finfo(points.dtype).max))
        given: np.ndarray | None = None  # which of the points are kept, if not all
        if len(x) and not (-largest <= min(x.min(), y.min()) and max(x.max(), y.max()) <= largest):
            given = np.flatnonzero((np.abs(x) <= largest) & (np.abs(y) <= largest)).astype(np.int32)
            x, y = x[given], y[given]
        self.left_out = len(points) - len(x)
        self._west, self._per_x = _laid(x)
        self._south, self._per_y = _laid(y)
        cell = np.empty(len(x), np.uint16)
        for start in range(0, len(x), _BLOCK):
            block = slice(start, start + _BLOCK)
            cell[block] = self.cell_row(y[block]) << 8 | self.cell_column(x[block])
        placed = np.argsort(cell, kind="stable")
        self.x, self.y = x.take(placed), y.take(placed)
        self.rank = placed.astype(np.int32) if given is None else given[placed]
        self.rows = self.rank if rows is None else rows[self.rank]
        self.starts = np.zeros(CELLS * CELLS + 1, dtype=np.int64)
        np.cumsum(np.bincount(cell, minlength=CELLS * CELLS), out=self.starts[1:])
        self._leaders: dict[int, np.ndarray] = {}
        empty = not len(x)
        self.low = (0.0, 0.0) if empty else (float(x.min()), float(y.min()))
        self.high = (0.0, 0.0) if empty else (float(x.max()), float(y.max()))

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def per_unit(self) -> tuple[float, float]:
        """Cells to one unit of x and of y; 0 where all points have the same."""
        return self._per_x, self._per_y

    def cell_column(self, x: np.ndarray | float) -> np.ndarray:
        """The columns of cells in which x coordinates lie, int32."""
        return _cell(x, self._west, self._per_x)

    def cell_row(self, y: np.ndarray | float) -> np.ndarray:
        """The rows of cells in which y coordinates lie, int32."""
        return _cell(y, self._south, self._per_y)

    def stretches(self, left: float, bottom: float, right: float, top: float) -> list[tuple[int, int]]:
        """Slices (start, stop) of the arrays that hold all points of a rectangle, and some beside it, in the order of
        the rows of cells. Neighbouring ones are joined."""
        first, last = int(self.cell_column(left)), int(self.cell_column(right))
        rows = np.arange(int(self.cell_row(bottom)), int(self.cell_row(top)) + 1) * CELLS
        begins, ends = self.starts[rows + first], self.starts[rows + last + 1]
        held = ends > begins
        found: list[tuple[int, int]] = []
        for begin, end in zip(begins[held].tolist(), ends[held].tolist(), strict=True):
            if found and found[-1][1] == begin:
                found[-1] = (found[-1][0], end)
            else:
                found.append((begin, end))
        return found

    def near_count(self, left: float, bottom: float, right: float, top: float) -> int:
        """How many points the cells hold that a rectangle touches: at least as many as lie in it, at once."""
        first, last = int(self.cell_column(left)), int(self.cell_column(right))
        rows = np.arange(int(self.cell_row(bottom)), int(self.cell_row(top)) + 1) * CELLS
        return int((self.starts[rows + last + 1] - self.starts[rows + first]).sum())

    def places_in(self, left: float, bottom: float, right: float, top: float) -> np.ndarray:
        """Places in the arrays of all points of a rectangle, its edges included."""
        around = self._places(self.stretches(left, bottom, right, top))
        x, y = self.x[around].astype(np.float64), self.y[around].astype(np.float64)
        return np.asarray(around[(x >= left) & (x <= right) & (y >= bottom) & (y <= top)])

    def in_rectangle(self, left: float, bottom: float, right: float, top: float) -> np.ndarray:
        """Rows of the points in a rectangle, its edges included, rising."""
        return np.sort(self.rows[self.places_in(left, bottom, right, top)])

    def nearest(self, x: float, y: float, reach: float) -> int | None:
        """The row of the point nearest to a place, within a distance, or None; of several the lowest.

        Squares of cells around the place, each twice as large as the one before, until one holds a point; what then
        lies within that point's distance decides.
        """
        if not len(self.rows) or not reach >= 0:
            return None
        side = min(reach, 0.5 / max(self._per_x, self._per_y, 1e-300))
        while True:
            distances, places = self._distances(x, y, side)
            best = float(distances.min()) if len(places) else np.inf
            if best <= side or side >= reach:
                break
            side = min(reach, max(2 * side, reach * 1e-6) if best > reach else min(best, reach))
        if best > reach:
            return None
        return int(self.rows[places[distances == best]].min())

    def in_polygon(self, corners: np.ndarray) -> np.ndarray:
        """Rows of the points inside a polygon [corners, 2] (even-odd rule), rising.

        Cells that its outline does not touch are in or out as a whole; in the others each point is tested.
        """
        corners = np.asarray(corners, dtype=np.float64)
        if len(corners) < 3 or not len(self.rows):
            return np.zeros(0, dtype=self.rows.dtype)
        low, high = corners.min(axis=0), corners.max(axis=0)
        places = self.places_in(low[0], low[1], high[0], high[1])
        cell = self.cell_row(self.y[places]) * CELLS + self.cell_column(self.x[places])
        apart = ~self._touched(corners)[cell]
        held = np.zeros(len(places), dtype=bool)
        held[~apart] = inside(self.x[places[~apart]], self.y[places[~apart]], corners)
        # One point of a cell that the outline leaves alone tells of all of them.
        some, first, which = np.unique(cell[apart], return_index=True, return_inverse=True)
        if len(some):
            tell = places[apart][first]
            held[apart] = inside(self.x[tell], self.y[tell], corners)[which]
        return np.sort(self.rows[places[held]])

    def leaders(self, halvings: int) -> np.ndarray:
        """Places of the most important point of each cell that holds any, the cells joined 2 by 2 as often as said."""
        found = self._leaders.get(halvings)
        if found is None:
            if not halvings:
                found = self.starts[:-1][self.starts[1:] > self.starts[:-1]]
            else:
                finer = self.leaders(halvings - 1)
                joined = (self.cell_row(self.y[finer]) >> halvings) * CELLS + (
                    self.cell_column(self.x[finer]) >> halvings
                )
                best = np.full(CELLS * CELLS, np.iinfo(np.int32).max, dtype=np.int32)
                np.minimum.at(best, joined, self.rank[finer])
                found = finer[self.rank[finer] == best[joined]]
            self._leaders[halvings] = found
        return found

    def part(self, rows: np.ndarray) -> PointGrid:
        """The grid of some of the points, in the same cells."""
        rows = np.asarray(rows, dtype=np.intp)
        last = max(int(each.max(initial=0)) for each in (rows, self.rows))
        chosen = np.zeros(last + 1, dtype=bool)
        chosen[rows] = True
        kept = chosen[self.rows]
        part = object.__new__(PointGrid)
        part.__dict__.update(self.__dict__)
        part.left_out = 0
        part.x, part.y, part.rows, part.rank = self.x[kept], self.y[kept], self.rows[kept], self.rank[kept]
        part._leaders = {}
        part.starts = np.concatenate([[0], np.cumsum(kept, dtype=np.int64)])[self.starts]
        return part

    def _places(self, stretches: list[tuple[int, int]]) -> np.ndarray:
        if not stretches:
            return np.zeros(0, dtype=np.intp)
        return np.concatenate([np.arange(begin, end) for begin, end in stretches])

    def _distances(self, x: float, y: float, side: float) -> tuple[np.ndarray, np.ndarray]:
        """Distances from a place of all points in the cells within `side` of it, float64, and their places."""
        stretches = self.stretches(x - side, y - side, x + side, y + side)
        if not stretches:
            return np.zeros(0), np.zeros(0, dtype=np.intp)
        across = np.concatenate([self.x[begin:end] for begin, end in stretches]).astype(np.float64) - x
        up = np.concatenate([self.y[begin:end] for begin, end in stretches]).astype(np.float64) - y
        return np.hypot(across, up), self._places(stretches)

    def _touched(self, corners: np.ndarray) -> np.ndarray:
        """Which cells [CELLS²] the outline of a polygon passes through or near."""
        columns = (corners[:, 0] - self._west) * self._per_x
        lines = (corners[:, 1] - self._south) * self._per_y
        marked = np.zeros((CELLS + 2, CELLS + 2), dtype=bool)
        for a in range(len(corners)):
            here, there = (columns[a], lines[a]), (columns[a - 1], lines[a - 1])
            first, last = _within_cells(here, there)
            if first > last:
                continue
            along = [
                (start + first * (end - start), start + last * (end - start))
                for start, end in zip(here, there, strict=True)
            ]
            steps = 2 + int(2 * max(abs(start - end) for start, end in along))
            c, r = (np.floor(np.linspace(*ends, steps)).astype(int).clip(0, CELLS - 1) + 1 for ends in along)
            for up in (-1, 0, 1):
                for right in (-1, 0, 1):
                    marked[r + up, c + right] = True
        # Cells at the edge have no end: there each point is tested.
        marked[[1, CELLS], :] = True
        marked[:, [1, CELLS]] = True
        return marked[1:-1, 1:-1].ravel()


def inside(x: np.ndarray, y: np.ndarray, corners: np.ndarray) -> np.ndarray:
    """Whether points [n] lie in a polygon [corners, 2]: a ray from each crosses its outline an odd number of times."""
    x, y = x.astype(np.float64), y.astype(np.float64)
    held = np.zeros(len(x), dtype=bool)
    for (ax, ay), (bx, by) in zip(corners, np.roll(corners, 1, axis=0), strict=True):
        if ay != by:
            held ^= ((ay > y) != (by > y)) & (x < (bx - ax) * ((y - ay) / (by - ay)) + ax)
    return held


def _within_cells(here: tuple[float, float], there: tuple[float, float]) -> tuple[float, float]:
    """The shares of the way from one place to another between which it runs over the cells (Liang and Barsky 1984)."""
    first, last = 0.0, 1.0
    for start, end in zip(here, there, strict=True):
        if start != end:
            enters, leaves = sorted(((-1 - start) / (end - start), (CELLS + 1 - start) / (end - start)))
            first, last = max(first, enters), min(last, leaves)
        elif not -1 <= start <= CELLS + 1:
            last = -1.0
    return first, last


def _laid(values: np.ndarray) -> tuple[float, float]:
    """Where the first cell begins, and cells per unit."""
    if not len(values):
        return 0.0, 0.0
    low, high = float(values.min()), float(values.max())
    sample = values[:: max(1, len(values) // _SAMPLE)]
    bulk_low, bulk_high = (float(bound) for bound in np.quantile(sample.astype(np.float64), _BULK))
    spare = 0.25 * (bulk_high - bulk_low)
    if spare > 0:
        low, high = max(low, bulk_low - spare), min(high, bulk_high + spare)
    span = high - low
    per = CELLS / span if span > 0 else 0.0
    return low, per if np.isfinite(per) else 0.0


def _cell(values: np.ndarray | float, start: float, per_unit: float) -> np.ndarray:
    if not per_unit:
        return np.zeros(np.shape(values), dtype=np.int32)
    cells = np.subtract(values, start, dtype=np.float64)
    cells *= per_unit
    return np.clip(cells, 0, CELLS - 1).astype(np.int32)
