"""Transforms by what they promise of mean, covariance and length."""

from __future__ import annotations

import numpy as np
import pytest

from embstudio.space.transforms import transform_of


def skewed(rows: int = 40_000, width: int = 6) -> np.ndarray:
    random = np.random.default_rng(4)
    return random.normal(size=(rows, width)) @ random.normal(size=(width, width)) + random.normal(size=width) * 9


def test_centred_vectors_have_no_mean_and_the_same_distances() -> None:
    x = skewed()
    transform = transform_of(x, centre=True)
    y = transform(x)
    assert transform.words == "centred"
    np.testing.assert_allclose(y.mean(axis=0), 0, atol=1e-11)
    np.testing.assert_allclose(y[0] - y[1], x[0] - x[1], atol=1e-12)


@pytest.mark.parametrize("kind", ["zca", "pca"])
def test_whitened_vectors_vary_alike_in_every_direction(kind: str) -> None:
    x = skewed()
    transform = transform_of(x, whiten=kind)
    assert transform.words == f"centred, whitened ({kind.upper()})"
    np.testing.assert_allclose(np.cov(transform(x).T, bias=True), np.eye(6), atol=1e-9)


def test_zca_moves_vectors_least_and_both_have_the_same_euclidean_distances() -> None:
    x = skewed(500)
    zca, pca = (transform_of(x, whiten=kind)(x) for kind in ("zca", "pca"))
    centred = x - x.mean(axis=0)
    rotation = np.linalg.qr(np.random.default_rng(0).normal(size=(6, 6)))[0]
    moved = [np.square(centred - white).sum() for white in (zca, pca, zca @ rotation)]
    assert moved[0] < min(moved[1:])
    apart = [np.linalg.norm(white[:50, None] - white[None, :50], axis=2) for white in (zca, pca)]
    np.testing.assert_allclose(apart[0], apart[1], atol=1e-9)


def test_directions_without_variance_are_taken_out_and_counted() -> None:
    x = skewed(2000, 4)
    flat = np.column_stack([x, x[:, 0] + x[:, 1], np.full(2000, 7.0)])
    transform = transform_of(flat, whiten="zca")
    assert transform.dropped == 2
    y = transform(flat)
    assert np.linalg.matrix_rank(np.cov(y.T)) == 4
    assert np.abs(y).max() < 10


def test_unit_length_comes_last_and_zeros_stay() -> None:
    x = np.array([[3.0, 4.0], [0.0, 0.0], [-1.0, 0.0]], np.float32)
    transform = transform_of(x, unit=True)
    assert transform.words == "unit length"
    assert transform(x).dtype == np.float32
    np.testing.assert_allclose(transform(x), [[0.6, 0.8], [0, 0], [-1, 0]], rtol=1e-7)
    all_three = transform_of(skewed(), whiten="zca", unit=True)
    assert all_three.words == "centred, whitened (ZCA), unit length"
    np.testing.assert_allclose(np.linalg.norm(all_three(skewed()), axis=1), 1)


def test_nothing_asked_is_nothing_done_and_rows_of_no_number_do_not_spoil_the_rest() -> None:
    x = skewed(100)
    assert transform_of(x)(x) is x
    broken = np.concatenate([x, [[np.nan] * 6]])
    expected, found = transform_of(x, whiten="zca"), transform_of(broken, whiten="zca")
    np.testing.assert_allclose(found(x), expected(x))
    with pytest.raises(ValueError, match="zca, pca"):
        transform_of(x, whiten="cholesky")
