"""A flat picture of vectors that change, in which points glide: each picture is turned to lie on the one before."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from embstudio.space.projection import pca


@dataclass(frozen=True)
class Plane:
    """points: [rows, 2] float32. explained: [2], the share of the whole variance along each axis."""

    points: np.ndarray
    explained: np.ndarray


class GlidingPlane:
    """The plane of the first two principal components, turned within itself.

    Which way a plane's axes point means nothing, and the components change places as training goes on. So the picture
    is turned, or mirrored, by the orthogonal R with the least ‖P R − P_before‖ (Schönemann 1966): no distance changes.
    """

    def __init__(self) -> None:
        self._before: np.ndarray | None = None

    def of(self, vectors: np.ndarray) -> Plane:
        """The next picture, of vectors [rows, width] that stand for the same things in the same order."""
        found = pca(vectors, 2)
        points = found.points.astype(np.float64)
        before = self._before
        if before is not None and before.shape == points.shape:
            left, _, right = np.linalg.svd(points.T @ before)
            points = points @ (left @ right)
        self._before = points
        spread = points.var(axis=0)
        share = found.explained.sum() * spread / max(float(spread.sum()), np.finfo(float).tiny)
        return Plane(points.astype(np.float32), share)
