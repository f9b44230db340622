"""Two aligned sets in one picture, against numpy's SVD in float64."""

from __future__ import annotations

import numpy as np

from embstudio.space.aligned_picture import aligned_picture
from embstudio.space.alignment import align


def prepared(x: np.ndarray, width: int) -> np.ndarray:
    x = np.pad(x.astype(np.float64), ((0, 0), (0, width - x.shape[1])))
    x -= x.mean(axis=0)
    return np.asarray(x / np.linalg.norm(x, axis=1, keepdims=True))


def test_the_places_are_those_of_procrustes_and_svd() -> None:
    random = np.random.default_rng(5)
    a = random.normal(size=(400, 7)).astype(np.float32) * np.linspace(4, 1, 7, dtype=np.float32)
    turn = np.linalg.qr(random.normal(size=(9, 9)))[0]
    b = (np.pad(a, ((0, 0), (0, 2))) @ turn + 0.1 * random.normal(size=(400, 9)) + 1).astype(np.float32)
    alignment = align(a, b)
    x, y = prepared(a, 9), prepared(b, 9)
    u, _, vt = np.linalg.svd(x.T @ y)
    x = x @ (u @ vt)
    np.testing.assert_allclose(alignment.moved, np.linalg.norm(x - y, axis=1), atol=1e-6)
    both = np.concatenate([x, y])
    _, values, axes = np.linalg.svd(both - both.mean(axis=0), full_matrices=False)
    expected = (both - both.mean(axis=0)) @ axes[:2].T
    found = aligned_picture((a, b), alignment)
    shown = np.concatenate([found.first, found.second])
    for axis in range(2):
        sign = np.sign(shown[:, axis] @ expected[:, axis])
        np.testing.assert_allclose(sign * shown[:, axis], expected[:, axis], atol=1e-5)
    np.testing.assert_allclose(found.explained, values[:2] ** 2 / np.sum(values**2), atol=1e-6)
    assert found.fitted == 400
    # A line on the picture is never longer than the movement it is the shadow of.
    assert (np.linalg.norm(found.first - found.second, axis=1) <= alignment.moved + 1e-5).all()
