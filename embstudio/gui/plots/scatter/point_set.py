"""The points of a scatter as they lie in the plane now: where they were given, or as they look from a side."""

from __future__ import annotations

import numpy as np

from embstudio.space.point_grid import PointGrid
from embstudio.space.turning import Turn, cloud_of, flatten

TURNING = 60_000  # points that are drawn while the cloud turns
_SEED = 0


class PointSet:
    """Points [n, 2 or 3]. `grid` is what is drawn and pointed at: of all points, or, while a cloud turns, of some of
    them, chosen at random."""

    def __init__(self, points: np.ndarray, order: np.ndarray | None = None) -> None:
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
        self._cloud = cloud_of(points) if self.is_cloud else None
        self._grid: PointGrid | None = None
        self._some: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.points)

    @property
    def is_cloud(self) -> bool:
        """Whether there are three dimensions."""
        return bool(self.points.shape[1] == 3)

    def turn_to(self, turn: Turn, *, turning: bool) -> None:
        """Look from another side. turning: it will go on, and of many points some are enough."""
        self.turn, self.turning = turn, turning
        self._grid = None

    @property
    def grid(self) -> PointGrid:
        """Built when it is first wanted after a change."""
        if self._grid is None:
            rows = self._rows_drawn()
            shown = self.points if rows is None else self.points[rows]
            if self._cloud is not None:
                shown, _nearness = flatten(shown, self._cloud, self.turn)
            self._grid = PointGrid(shown, rows)
        return self._grid

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
        if self._cloud is None:
            return self.grid.low, self.grid.high
        reach = 1.9 if self.turn.perspective else 1.55
        return (-reach, -reach), (reach, reach)

    @property
    def frame(self) -> np.ndarray:
        """Corners [8, 2] of the box around a cloud, and in bits of their places which side of each axis they are on."""
        assert self._cloud is not None
        sides = np.array([[(corner >> axis & 1) * 2 - 1 for axis in range(3)] for corner in range(8)])
        return self.flat_of(self._cloud.middle + self._cloud.radius * sides)

    def _rows_drawn(self) -> np.ndarray | None:
        if not (self.turning and len(self.points) > TURNING):
            return self.order
        if self._some is None:
            chosen = np.random.default_rng(_SEED).choice(len(self.points), TURNING, replace=False)
            if self.order is None:
                chosen.sort()
            self._some = chosen.astype(np.int32)
        return self._some
