"""Linear pictures against the singular value decomposition and the arithmetic of shadows."""

from __future__ import annotations

import numpy as np
import pytest

from embstudio.space.projections import linear
from embstudio.space.projections.linear import PrincipalComponents, RandomDirections


def test_pca_is_that_of_the_svd() -> None:
    rng = np.random.default_rng(0)
    vectors = (rng.normal(size=(500, 7)) * np.arange(1, 8) + 3).astype(np.float32)
    (picture,) = PrincipalComponents(3).pictures(vectors, seed=0)
    U, S, _ = np.linalg.svd(vectors - vectors.mean(axis=0, dtype=np.float64), full_matrices=False)
    np.testing.assert_allclose(np.abs(picture.points), np.abs(U[:, :3] * S[:3]), atol=1e-4)
    assert picture.explained is not None
    np.testing.assert_allclose(picture.explained, (S**2 / np.sum(S**2))[:3], rtol=1e-6)
    assert picture.finished


def test_of_many_rows_a_sample_gives_the_first_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linear, "_SAMPLE", 2000)
    rng = np.random.default_rng(1)
    vectors = (rng.normal(size=(10_000, 6)) * [9, 5, 2, 1, 1, 1]).astype(np.float32)
    first, last = PrincipalComponents().pictures(vectors, seed=0)
    assert (first.finished, last.finished) == (False, True)
    assert "2,000 rows drawn at random" in first.stage
    assert first.points.shape == last.points.shape == (10_000, 2)
    for dimension in range(2):
        assert abs(np.corrcoef(first.points[:, dimension], last.points[:, dimension])[0, 1]) > 0.99


def test_random_directions_are_orthonormal_up_to_their_scale() -> None:
    vectors = np.random.default_rng(0).normal(size=(20, 50)).astype(np.float32)
    (picture,) = RandomDirections(3).pictures(vectors, seed=5)
    assert picture.axes is not None
    np.testing.assert_allclose(picture.axes @ picture.axes.T, 50 / 3 * np.eye(3), atol=1e-9)
    centred = vectors - vectors.mean(axis=0, dtype=np.float64)
    np.testing.assert_allclose(picture.points, centred @ picture.axes.T, atol=1e-4)


def test_random_directions_keep_inner_products_on_average() -> None:
    rng = np.random.default_rng(3)
    vectors = rng.normal(size=(8, 30))
    vectors -= vectors.mean(axis=0)
    exact = vectors @ vectors.T
    products = []
    for seed in range(3000):
        (picture,) = RandomDirections(2).pictures(vectors, seed)
        points = picture.points.astype(np.float64)
        products.append(points @ points.T)
    # One picture's deviates by about the product of the lengths; the mean of 3000 by a fiftieth of that.
    lengths = np.sqrt(np.diag(exact))
    assert np.max(np.abs(np.mean(products, axis=0) - exact) / np.outer(lengths, lengths)) < 0.1


def test_another_seed_is_another_picture_and_the_same_the_same() -> None:
    vectors = np.random.default_rng(0).normal(size=(20, 10))
    one, again, other = (next(iter(RandomDirections(2).pictures(vectors, seed))).points for seed in (1, 1, 2))
    assert np.array_equal(one, again)
    assert not np.allclose(one, other)


def test_more_dimensions_than_the_vectors_have() -> None:
    (picture,) = RandomDirections(3).pictures(np.array([[1.0], [3.0]]), seed=0)
    np.testing.assert_allclose(np.abs(picture.points), [[1, 0, 0], [1, 0, 0]])
