"""The plane of two vectors: the one flat picture in which their lengths, their distance and their angle are true."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

_PARALLEL = 1e-12  # of b's length: what of b stands out of a's direction by less is rounding


@dataclass(frozen=True)
class Plane:
    """basis: [2, width], orthonormal, whose span contains a and b. a, b: [2], where they lie in it.

    a lies along the first axis and b above it or on it. angle: between them in radians, 0 to π; None where one is zero
    and there is none.
    """

    basis: np.ndarray
    a: np.ndarray
    b: np.ndarray
    angle: float | None

    def place(self, vectors: np.ndarray) -> np.ndarray:
        """Where other vectors [n, width] fall on the plane, [n, 2]; what leaves the plane is not seen."""
        return np.asarray(vectors.astype(np.float64) @ self.basis.T)


def plane_of(a: np.ndarray, b: np.ndarray) -> Plane:
    """The plane of the origin, a and b, each [width]; width at least 2.

    Gram and Schmidt, twice, which is enough for orthogonality to rounding (Giraud, Langou and Rozložník 2005). Of
    parallel vectors any plane will do, and so the second axis is then taken nearest to the dimension they use least.
    Raises ValueError for vectors of different or no width, or with values that are no numbers.
    """
    if a.shape != b.shape or a.ndim != 1 or len(a) < 2:
        raise ValueError(f"a plane is of two vectors of the same width, at least 2, not {a.shape} and {b.shape}")
    x, y = a.astype(np.float64), b.astype(np.float64)
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise ValueError("a plane is of finite vectors")
    first = _direction(x) if x.any() else _direction(y) if y.any() else np.eye(len(x))[0]
    second = _direction(_beside(y, first))
    out = np.linalg.norm(_beside(y, first)) > _PARALLEL * np.linalg.norm(y)
    if not out:
        second = _direction(_beside(np.eye(len(x))[np.abs(first).argmin()], first))
    basis = np.stack([first, second])
    in_plane = np.array([basis @ x, basis @ y])
    in_plane[0, 1] = 0  # by the choice of the axes; what is computed there is rounding
    if not out:
        in_plane[1, 1] = 0
    angle = float(np.arctan2(in_plane[1, 1], in_plane[1, 0])) if x.any() and y.any() else None
    return Plane(basis, in_plane[0], in_plane[1], angle)


def _direction(x: np.ndarray) -> np.ndarray:
    largest = np.abs(x).max()
    x = x / largest if largest > 0 else x
    length = np.linalg.norm(x)
    return np.asarray(x / length if length > 0 else x)


def _beside(x: np.ndarray, axis: np.ndarray) -> np.ndarray:
    """What of x is at a right angle to the axis."""
    for _ in range(2):
        x = x - (x @ axis) * axis
    return x
