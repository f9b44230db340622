"""Pictures that glide: turned, never bent."""

from __future__ import annotations

import numpy as np

from embstudio.lab.gliding import GlidingPlane


def distances(points: np.ndarray) -> np.ndarray:
    return np.asarray(np.linalg.norm(points[:, None] - points[None], axis=2))


def test_a_picture_that_swaps_its_axes_stays_where_it_is() -> None:
    chance = np.random.default_rng(1)
    vectors = chance.normal(size=(60, 6)) * [3.0, 2.99, 0.5, 0.4, 0.3, 0.2]
    plane = GlidingPlane()
    first = plane.of(vectors)
    moved = vectors * [0.98, 1.02, 1, 1, 1, 1]  # now the second axis is the longer one
    second = plane.of(moved)
    alone = GlidingPlane().of(moved)
    assert np.allclose(distances(second.points), distances(alone.points), atol=1e-4)
    assert second.explained.sum() == np.float64(second.explained.sum())
    assert np.isclose(second.explained.sum(), alone.explained.sum())
    jumped = np.linalg.norm(alone.points - first.points, axis=1).mean()
    glided = np.linalg.norm(second.points - first.points, axis=1).mean()
    assert glided < 0.15 < jumped


def test_shares_are_those_of_the_variance_along_each_axis() -> None:
    vectors = np.random.default_rng(2).normal(size=(40, 5))
    plane = GlidingPlane()
    plane.of(vectors[:, ::-1])
    found = plane.of(vectors)
    whole = vectors.var(axis=0).sum()
    assert np.allclose(found.explained, found.points.astype(float).var(axis=0) / whole, rtol=1e-4)
