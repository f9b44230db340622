"""The plane of two vectors: what it promises holds for any two."""

from __future__ import annotations

import math

import numpy as np
import pytest

from embstudio.space.plane import plane_of


def pairs() -> list[tuple[np.ndarray, np.ndarray]]:
    random = np.random.default_rng(8)
    a, b = random.normal(size=(2, 300))
    zero = np.zeros(300)
    return [
        (a, b), (a, 3 * a), (a, -a), (a, a), (a, zero), (zero, b), (zero, zero), (1e150 * a, 1e-150 * b),
        (a, a + 1e-9 * b), (a.astype(np.float32), b.astype(np.float16)),
    ]  # fmt: skip


@pytest.mark.parametrize("at", range(10))
def test_both_vectors_lie_in_it_exactly(at: int) -> None:
    a, b = pairs()[at]
    plane = plane_of(a, b)
    np.testing.assert_allclose(plane.basis @ plane.basis.T, np.eye(2), atol=1e-14)
    for vector, placed in ((a, plane.a), (b, plane.b)):
        x = vector.astype(np.float64)
        np.testing.assert_allclose(placed @ plane.basis, x, atol=1e-13 * max(np.abs(x).max(), 1e-300))
        np.testing.assert_allclose(plane.place(x[None])[0], placed, atol=1e-12 * max(np.abs(x).max(), 1e-300))
    assert plane.a[1] == 0
    assert plane.a[0] >= 0
    assert plane.b[1] >= 0


def test_the_angle_and_the_distance_are_true() -> None:
    plane = plane_of(np.array([3.0, 0, 4]), np.array([0, 2.0, 0]))
    assert plane.angle == pytest.approx(math.pi / 2)
    assert np.linalg.norm(plane.a - plane.b) == pytest.approx(math.sqrt(29))
    a, b = pairs()[0]
    assert plane_of(a, b).angle == pytest.approx(math.acos(a @ b / math.sqrt((a @ a) * (b @ b))))
    assert plane_of(a, -2 * a).angle == pytest.approx(math.pi)
    assert plane_of(a, 2 * a).angle == 0
    small = plane_of(a, a + 1e-9 * b)
    assert small.angle == pytest.approx(1e-9 * np.linalg.norm(b - (a @ b) / (a @ a) * a) / np.linalg.norm(a), rel=1e-5)
    assert plane_of(a, np.zeros(300)).angle is None


def test_what_has_no_plane() -> None:
    for a, b in ((np.ones(3), np.ones(4)), (np.ones(1), np.ones(1)), (np.ones((2, 2)), np.ones((2, 2)))):
        with pytest.raises(ValueError, match="same width, at least 2"):
            plane_of(a, b)
    with pytest.raises(ValueError, match="finite"):
        plane_of(np.array([1.0, np.nan]), np.ones(2))
