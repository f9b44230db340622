"""Alignment of sets whose rotation is known."""

from __future__ import annotations

import numpy as np
import pytest

from embstudio.space.alignment import align


def rotation(width: int, seed: int = 0) -> np.ndarray:
    return np.linalg.qr(np.random.default_rng(seed).normal(size=(width, width)))[0]


@pytest.mark.parametrize("unit", [True, False])
def test_a_rotation_is_found_again_and_the_word_that_moved_stands_out(unit: bool) -> None:
    a = np.random.default_rng(1).normal(size=(20_000, 12))
    b = a @ rotation(12)
    b[77] = -b[77]
    found = align(a, b, centre=False, unit=unit)
    np.testing.assert_allclose(found.rotation @ found.rotation.T, np.eye(12), atol=1e-12)
    np.testing.assert_allclose(found.rotation, rotation(12), atol=1e-3)
    assert found.moved.argmax() == 77
    assert found.moved[77] == pytest.approx(2 * (1 if unit else np.linalg.norm(b[77])), rel=1e-3)
    assert np.delete(found.moved, 77).max() < 0.01
    assert 0.999 < found.kept < 1
    np.testing.assert_allclose(np.linalg.norm(found.aligned(a) - found.target(b), axis=1), found.moved, atol=1e-12)


def test_no_rotation_found_by_trying_is_better() -> None:
    random = np.random.default_rng(3)
    a, b = random.normal(size=(2, 50, 4)) + 3
    found = align(a, b)
    x, y = (vectors - vectors.mean(axis=0) for vectors in (a, b))
    x, y = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True) for vectors in (x, y))
    least = np.square(found.moved).sum()
    assert least == pytest.approx(np.square(x @ found.rotation - y).sum())
    assert found.kept == pytest.approx(1 - least / 50)
    for seed in range(300):
        nudge = np.linalg.qr(np.eye(4) + 0.3 * random.normal(size=(4, 4)))[0]
        for other in (rotation(4, seed), found.rotation @ nudge):
            assert np.square(x @ other - y).sum() >= least


def test_sets_of_different_widths() -> None:
    a = np.random.default_rng(1).normal(size=(300, 5)).astype(np.float32)
    b = np.column_stack([a, np.zeros((300, 3))]) @ rotation(8)
    found = align(a, b)
    assert found.rotation.shape == (8, 8)
    assert found.moved.max() < 1e-6
    assert align(b, a).moved.max() < 1e-6


def test_what_cannot_be_aligned() -> None:
    with pytest.raises(ValueError, match="3 and 4 rows"):
        align(np.ones((3, 2)), np.ones((4, 2)))
    with pytest.raises(ValueError, match="no numbers"):
        align(np.full((3, 2), np.nan), np.ones((3, 2)))
