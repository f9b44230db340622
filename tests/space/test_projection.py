"""PCA against the singular value decomposition of the centred table."""

from __future__ import annotations

import numpy as np
import pytest

from embstudio.space import projection
from embstudio.space.projection import pca


def test_points_and_shares_are_those_of_the_svd() -> None:
    rng = np.random.default_rng(11)
    vectors = (rng.normal(size=(40_000, 12)) * np.linspace(3, 0.5, 12) @ rng.normal(size=(12, 12)) + 5).astype("f4")
    got = pca(vectors, 3)
    centred = vectors.astype(np.float64) - vectors.astype(np.float64).mean(axis=0)
    U, S, Vt = np.linalg.svd(centred, full_matrices=False)
    np.testing.assert_allclose(got.explained, (S**2 / np.sum(S**2))[:3], rtol=1e-7)
    signs = np.sign(np.sum(got.axes * Vt[:3], axis=1))
    np.testing.assert_allclose(got.axes, signs[:, None] * Vt[:3], atol=1e-7)
    np.testing.assert_allclose(got.points, (signs * U[:, :3] * S[:3]), atol=1e-4)


@pytest.mark.parametrize("scale", [1e-25, 1e25])
def test_numbers_whose_squares_float32_cannot_hold(scale: float) -> None:
    vectors = (np.random.default_rng(2).normal(size=(300, 5)) * np.arange(1, 6)).astype(np.float32)
    plain, scaled = pca(vectors), pca((vectors * scale).astype(np.float32))
    np.testing.assert_allclose(scaled.explained, plain.explained, rtol=1e-6)
    np.testing.assert_allclose(scaled.points / scale, plain.points, rtol=1e-3, atol=1e-5)


def test_the_sign_does_not_depend_on_the_solver() -> None:
    vectors = np.random.default_rng(1).normal(size=(100, 6))
    for axis in pca(vectors, 6).axes:
        assert axis[np.abs(axis).argmax()] > 0


def test_fewer_columns_than_dimensions() -> None:
    got = pca(np.array([[1.0], [3.0]]), 2)
    assert got.points.tolist() == [[-1.0, 0.0], [1.0, 0.0]]
    assert got.explained.tolist() == [1.0, 0.0]


def test_equal_vectors_explain_nothing() -> None:
    assert pca(np.ones((5, 3))).explained.tolist() == [0.0, 0.0]


def test_no_vectors() -> None:
    with pytest.raises(ValueError, match="no vectors"):
        pca(np.empty((0, 3)))


def test_of_a_wide_table_the_leading_directions_are_found_without_its_covariance() -> None:
    rng = np.random.default_rng(7)
    rows, width = 20_000, 2_300
    assert rows * width**2 > projection._MOST_WORK
    low = rng.normal(size=(rows, 40)) * np.geomspace(9, 1, 40)
    vectors = (low @ rng.normal(size=(40, width)) / 6 + rng.normal(size=(rows, width)) + 3).astype(np.float32)
    got = pca(vectors, 2)
    centred = vectors.astype(np.float64) - vectors.mean(axis=0, dtype=np.float64)
    values, directions = np.linalg.eigh(centred.T @ centred / rows)
    np.testing.assert_allclose(got.explained, values[::-1][:2] / values.sum(), rtol=1e-4)
    cosines = np.abs(np.sum(got.axes * directions.T[::-1][:2], axis=1))
    np.testing.assert_allclose(cosines, 1, atol=1e-4)
    np.testing.assert_allclose(got.points, centred @ got.axes.T, atol=1e-3)
