"""The points of a scatter as they lie in the plane now: where they were given, or as they look from a side."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.random import default_rng  # here, and not when millions of points are waiting to be seen

from embstudio.space.point_grid import LARGEST, PointGrid
from embstudio.space.turning import Turn, cloud_of, flatten

TURNING = 60_000  # points that are drawn while the cloud turns, or all of many are being sorted
AT_ONCE = 150_000  # points that are sorted without anybody noticing
_SEED = 0


class PointSet:
    """Points [n, 2 or 3]. `grid` is what is drawn and pointed at: of all points, or, while a cloud turns or all are
    being sorted beside the window, of some of them, chosen at random.

    aside: more than 150,000 points are sorted by somebody else, who then lets them `take` the result.
    """

    def __init__(self, points: np.ndarray, order: np.ndarray | None = None, *, aside: bool = False) -> None:
        """order: rows from the most important on; as they come if not given. Raises ValueError for another shape."""
        points = np.asarray(points)
        if points.ndim != 2 or points.shape[1] not in (2, 3):
            raise ValueError(f"points must be [n, 2] or [n, 3], not {points.shape}")
        if not np.issubdtype(points.dtype, np.floating) or points.dtype == np.float16:
            points = points.astype(np.float32)
        self.points = points
        self.order = None if order is None else np.asarray(order, dtype=np.int32)
        self.turn = Turn()
        self.turning = False
        self.aside = aside and len(points) > AT_ONCE
        self._cloud = cloud_of(points) if self.is_cloud else None
        self._whole: PointGrid | None = None  # of all points, from the side they are seen from
        self._grid: PointGrid | None = None

    def __len__(self) -> int:
        return len(self.points)

    @property
    def is_cloud(self) -> bool:
        """Whether there are three dimensions."""
        return bool(self.points.shape[1] == 3)

    def turn_to(self, turn: Turn, *, turning: bool) -> None:
        """Look from another side. turning: it will go on, and of many points some are enough."""
        if turn != self.turn:
            self._whole = None
        self.turn, self.turning = turn, turning
        self._grid = None

    @property
    def partial(self) -> bool:
        """Whether only some of the points are drawn."""
        return len(self.points) > TURNING and (self.turning or (self.aside and self._whole is None))

    @property
    def grid(self) -> PointGrid:
        """Built when it is first wanted after a change."""
        if self._grid is None:
            self._grid = self._sorted(self._some, self.turn) if self.partial else self.whole
        return self._grid

    @property
    def whole(self) -> PointGrid:
        """Of all points, now, however long it takes."""
        if self._whole is None:
            self._whole = self.sorted_from(self.turn)
            self._grid = None
        return self._whole

    @property
    def known_whole(self) -> PointGrid | None:
        """The same, if it is there."""
        return self._whole

    def sorted_from(self, turn: Turn) -> PointGrid:
        """All points as they lie from a side; changes nothing, and may be called on any thread."""
        return self._sorted(self.order, turn)

    def take(self, grid: PointGrid, turn: Turn) -> bool:
        """Take what came of `sorted_from`; whether it is still wanted."""
        if turn != self.turn or self.turning:
            return False
        self._whole = self._grid = grid
        return True

    def flat(self, rows: np.ndarray) -> np.ndarray:
        """Where points are in the plane now, float64 [rows, 2]."""
        return self.flat_of(self.points[np.asarray(rows, dtype=np.intp)])

    def flat_of(self, places: np.ndarray) -> np.ndarray:
        """The same of any places [m, dimensions] among the points."""
        if self._cloud is None:
            return np.asarray(places, dtype=np.float64)
        return flatten(np.asarray(places), self._cloud, self.turn)[0].astype(np.float64)

    def nearness(self, rows: np.ndarray) -> np.ndarray:
        """How near points of a cloud are to the viewer, from about −1 to 1; of a plane all 0."""
        if self._cloud is None:
            return np.zeros(len(rows), np.float32)
        return flatten(self.points[np.asarray(rows, dtype=np.intp)], self._cloud, self.turn)[1]

    @property
    def bounds(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """Two corners of what should be in sight: of a cloud the same from all sides, so that turning does not zoom."""
        if self._cloud is not None:
            reach = 1.9 if self.turn.perspective else 1.55
            return (-reach, -reach), (reach, reach)
        if self.partial:  # of all there are, so that nothing moves when all are there
            x, y = self.points.T
            edges = [float(each) for each in (x.min(), y.min(), x.max(), y.max())]
            if all(abs(edge) <= LARGEST for edge in edges):
                return (edges[0], edges[1]), (edges[2], edges[3])
        return self.grid.low, self.grid.high

    @property
    def frame(self) -> np.ndarray:
        """Corners [8, 2] of the box around a cloud, and in bits of their places which side of each axis they are on."""
        assert self._cloud is not None
        sides = np.array([[(corner >> axis & 1) * 2 - 1 for axis in range(3)] for corner in range(8)])
        return self.flat_of(self._cloud.middle + self._cloud.radius * sides)

    @cached_property
    def _some(self) -> np.ndarray:
        """Rows of some points, chosen at random."""
        chosen = default_rng(_SEED).choice(len(self.points), TURNING, replace=False)
        if self.order is None:
            chosen.sort()
        return np.asarray(chosen, np.int32)

    def _sorted(self, rows: np.ndarray | None, turn: Turn) -> PointGrid:
        shown = self.points if rows is None else self.points[rows]
        if self._cloud is not None:
            shown, _nearness = flatten(shown, self._cloud, turn)
        return PointGrid(shown, rows)
