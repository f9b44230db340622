"""Two named axes: where words fall, and how much of the variance the plane holds, against numpy in float64."""

from __future__ import annotations

import numpy as np
import pytest

from embstudio.base.errors import InputError
from embstudio.space.semantic_plane import semantic_plane

WORDS = [f"word{row}" for row in range(400)]


@pytest.fixture
def vectors() -> np.ndarray:
    return (np.random.default_rng(3).normal(size=(400, 12)) + 5).astype(np.float32)


def test_words_fall_where_their_projection_is(vectors: np.ndarray) -> None:
    plane = semantic_plane(WORDS, vectors, [(0, 1)], [(2, 3), (4, 5)])
    x = vectors.astype(np.float64)
    u = (x[1] - x[0]) / np.linalg.norm(x[1] - x[0])
    v = sum((x[b] - x[a]) / np.linalg.norm(x[b] - x[a]) for a, b in [(2, 3), (4, 5)])
    v /= np.linalg.norm(v)
    assert np.allclose(plane.points[:, 0], (x - (x[0] + x[1]) / 2) @ u, atol=1e-5)
    assert np.allclose(plane.points[:, 1], (x - x[2:6].mean(axis=0)) @ v, atol=1e-5)
    assert plane.cosine == pytest.approx(u @ v, abs=1e-12)
    basis = np.linalg.qr(np.stack([u, v], axis=1))[0]
    assert plane.share == pytest.approx((x @ basis).var(axis=0).sum() / x.var(axis=0).sum(), rel=1e-9)


def test_the_same_axis_twice_counts_once(vectors: np.ndarray) -> None:
    plane = semantic_plane(WORDS, vectors, [(0, 1)], [(0, 1)])
    x = vectors.astype(np.float64)
    u = (x[1] - x[0]) / np.linalg.norm(x[1] - x[0])
    assert plane.cosine == pytest.approx(1)
    assert plane.share == pytest.approx((x @ u).var() / x.var(axis=0).sum(), rel=1e-9)


def test_rows_without_numbers_have_no_place(vectors: np.ndarray) -> None:
    whole = semantic_plane(WORDS[:399], vectors[:399], [(0, 1)], [(2, 3)])
    vectors[399, 4] = np.nan
    plane = semantic_plane(WORDS, vectors, [(0, 1)], [(2, 3)])
    assert np.isnan(plane.points[399]).all()
    assert np.isfinite(plane.points[:399]).all()
    assert plane.share == pytest.approx(whole.share, rel=1e-9)


def test_words_with_the_same_vector_give_no_axis(vectors: np.ndarray) -> None:
    vectors[1] = vectors[0]
    with pytest.raises(InputError, match="same vector"):
        semantic_plane(WORDS, vectors, [(0, 1)], [(2, 3)])
