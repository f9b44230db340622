"""Points of three dimensions seen from a side: turned, and flattened straight or with perspective."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

DISTANCE = 4.0  # of the eye in perspective, in radii of the cloud
_STEEPEST = np.pi / 2
_BLOCK = 1 << 15  # points turned at a time, so that what is in between stays in the cache


@dataclass(frozen=True)
class Turn:
    """A side to look from, in radians. azimuth: around the upright axis; elevation: above the floor.

    At 0, 0 the first axis points right, the second up and the third at the viewer.
    """

    azimuth: float = 0.0
    elevation: float = 0.0
    perspective: bool = False

    def by(self, azimuth: float, elevation: float) -> Turn:
        """Turned further; never over the top, where up would become down."""
        tilt = min(_STEEPEST, max(-_STEEPEST, self.elevation + elevation))
        return replace(self, azimuth=(self.azimuth + azimuth + np.pi) % (2 * np.pi) - np.pi, elevation=tilt)

    @property
    def matrix(self) -> np.ndarray:
        """[3, 3], orthonormal: its rows are the directions that point right, up and at the viewer."""
        ca, sa = np.cos(self.azimuth), np.sin(self.azimuth)
        ce, se = np.cos(self.elevation), np.sin(self.elevation)
        return np.array([[ca, 0, sa], [sa * se, ce, -ca * se], [-sa * ce, se, ca * ce]])


@dataclass(frozen=True)
class Cloud:
    """What is turned: its middle [3], and how far its points lie from that at most along an axis."""

    middle: np.ndarray
    radius: float


def cloud_of(points: np.ndarray) -> Cloud:
    """The middle and the radius of points [n, 3]; those with a coordinate that is not finite do not count."""
    low, high = _bounds(points)
    if not np.isfinite([*low, *high]).all():
        low, high = _bounds(points[np.isfinite(points).all(axis=1)])
    return Cloud(low / 2 + high / 2, float((high / 2 - low / 2).max()) or 1.0)


def _bounds(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The least and the largest of each coordinate, float64; NaN where one is. Column by column: ten times as quick."""
    if not len(points):
        return np.zeros(3), np.zeros(3)
    columns = points.T
    return np.array([float(each.min()) for each in columns]), np.array([float(each.max()) for each in columns])


def flatten(points: np.ndarray, cloud: Cloud, turn: Turn) -> tuple[np.ndarray, np.ndarray]:
    """Points [n, 3] as the viewer sees them: places [n, 2] and nearness [n], float32, in radii of the cloud.

    (u, v, w) = M (p − middle) / radius; straight: (u, v); with perspective: (u, v) · D / (D − w). Larger w is nearer.
    """
    flat = np.empty((len(points), 2), dtype=np.float32)
    near = np.empty(len(points), dtype=np.float32)
    exact = np.float32 if points.dtype == np.float32 and 1e-20 < cloud.radius < 1e20 else np.float64
    axes = (turn.matrix / cloud.radius).astype(exact)
    shift = (turn.matrix / cloud.radius @ cloud.middle).astype(exact)
    with np.errstate(invalid="ignore", over="ignore"):  # of points that are not finite; grids leave them out
        for start in range(0, len(points), _BLOCK):
            block = slice(start, start + _BLOCK)
            x, y, z = np.ascontiguousarray(points[block].T, dtype=exact)
            # Written out: a product of matrices this narrow takes five times as long.
            u, v, w = (axis[0] * x + axis[1] * y + (axis[2] * z - off) for axis, off in zip(axes, shift, strict=True))
            if turn.perspective:
                nearer = DISTANCE / np.maximum(DISTANCE - w, 0.05)
                u, v = u * nearer, v * nearer
            flat[block, 0], flat[block, 1], near[block] = u, v, w
    return flat, near
