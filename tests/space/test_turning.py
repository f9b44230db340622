"""Turned points against rotations written out, and perspective against similar triangles."""

from __future__ import annotations

import numpy as np
import pytest

from embstudio.space.turning import DISTANCE, Turn, cloud_of, flatten

POINTS = np.random.default_rng(5).normal(size=(500, 3)) * [1.0, 3.0, 0.2] + [5.0, -7.0, 100.0]


@pytest.mark.parametrize(("azimuth", "elevation"), [(0, 0), (0.7, 0.3), (-2.5, -1.2), (3.1, 1.57)])
def test_a_turn_is_a_rotation_about_two_axes(azimuth: float, elevation: float) -> None:
    turn = Turn().by(azimuth, elevation)
    about_up = np.array([
        [np.cos(azimuth), 0, np.sin(azimuth)], [0, 1, 0], [-np.sin(azimuth), 0, np.cos(azimuth)],
    ])  # fmt: skip
    tilted = np.array([
        [1, 0, 0], [0, np.cos(elevation), -np.sin(elevation)], [0, np.sin(elevation), np.cos(elevation)],
    ])  # fmt: skip
    np.testing.assert_allclose(turn.matrix, tilted @ about_up, atol=1e-12)
    assert np.linalg.det(turn.matrix) == pytest.approx(1)


@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize("size", [1e-30, 1.0, 1e30])
def test_straight_view_keeps_right_and_up(kind: type, size: float) -> None:
    points = (POINTS * size).astype(kind)
    turn, cloud = Turn(0.4, -0.8), cloud_of(points)
    flat, near = flatten(points, cloud, turn)
    turned = (points.astype(float) - cloud.middle) / cloud.radius @ turn.matrix.T
    np.testing.assert_allclose(flat, turned[:, :2], atol=1e-4)
    np.testing.assert_allclose(near, turned[:, 2], atol=1e-4)
    assert np.abs(points.astype(float) - cloud.middle).max() == pytest.approx(cloud.radius, rel=1e-5)


def test_perspective_makes_the_near_larger() -> None:
    cloud = cloud_of(POINTS)
    flat, near = flatten(POINTS, cloud, Turn(0.4, -0.8, perspective=True))
    straight, _ = flatten(POINTS, cloud, Turn(0.4, -0.8))
    np.testing.assert_allclose(flat, straight * (DISTANCE / (DISTANCE - near))[:, None], rtol=1e-4, atol=1e-6)


def test_up_stays_up() -> None:
    turn = Turn().by(0, 5)
    assert turn.elevation == np.pi / 2
    assert turn.by(0, -9).elevation == -np.pi / 2
    assert turn.by(7, 0).azimuth == pytest.approx(7 - 2 * np.pi)


def test_degenerate_clouds() -> None:
    assert cloud_of(np.zeros((0, 3))).radius == 1
    assert cloud_of(np.ones((4, 3))).radius == 1
    holed = np.array([[0, 0, 0], [np.nan, 1, 1], [np.inf, 1, 1], [2, 2, 2]], np.float32)
    cloud = cloud_of(holed)
    np.testing.assert_array_equal(cloud.middle, [1, 1, 1])
    flat, _near = flatten(holed, cloud, Turn(0.5, 0.5))
    assert np.isfinite(flat[[0, 3]]).all()
    assert not np.isfinite(flat[[1, 2]]).any()
