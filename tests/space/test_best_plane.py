"""The flat picture of a few points, against numpy's own eigenvectors and distances."""

from __future__ import annotations

import numpy as np
import pytest

from embstudio.space.best_plane import best_plane


def test_a_parallelogram_lies_in_its_plane_whole() -> None:
    a, b, c = np.random.default_rng(1).normal(size=(3, 50))
    points = np.stack([a, b, c, a - b + c])
    plane = best_plane(points)
    assert plane.kept == pytest.approx(1, abs=1e-12)
    assert np.abs(plane.off).max() < 1e-7
    assert np.allclose(plane.points[0] - plane.points[1], plane.points[3] - plane.points[2])
    apart = np.linalg.norm(points[:, None] - points[None], axis=-1)
    assert np.allclose(np.linalg.norm(plane.points[:, None] - plane.points[None], axis=-1), apart)


def test_the_share_kept_is_that_of_the_two_largest_variances() -> None:
    points = np.random.default_rng(2).normal(size=(5, 30))
    plane = best_plane(points)
    values = np.sort(np.linalg.eigvalsh(np.cov(points, rowvar=False, bias=True)))[::-1]
    assert plane.kept == pytest.approx(values[:2].sum() / values.sum(), rel=1e-12)
    whole = np.square(points - points.mean(axis=0)).sum(axis=1)
    assert np.allclose(np.square(plane.points).sum(axis=1) + plane.off**2, whole)


def test_points_that_are_all_the_same_keep_everything() -> None:
    plane = best_plane(np.ones((3, 4)))
    assert plane.kept == 1
    assert not plane.points.any()


def test_one_number_each_is_a_line() -> None:
    plane = best_plane(np.array([[1.0], [3.0]]))
    assert plane.points.tolist() == [[-1, 0], [1, 0]]


def test_one_point_spans_nothing() -> None:
    with pytest.raises(ValueError, match="two vectors"):
        best_plane(np.ones((1, 4)))
