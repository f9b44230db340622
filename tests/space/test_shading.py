"""From counts to colours: every point is seen, more is stronger, and dots cover what discs cover."""

from __future__ import annotations

import numpy as np
import pytest

from embstudio.space.shading import dot_sums, dots, mean_colour, shade_density, shade_mixed, strength

RAMP = np.arange(256, dtype=np.uint32)


@pytest.mark.parametrize("most", [1, 2, 30, 4000, 1_000_000])
def test_more_points_are_stronger_and_one_is_seen(most: int) -> None:
    counts = np.zeros((60, 60), np.int32)
    counts.ravel()[:2000] = np.geomspace(1, most, 2000).astype(int)
    strengths = strength(counts)
    shaded = shade_density(counts, strengths, RAMP)
    assert shaded[counts == 0].max() == 0
    order = np.argsort(counts.ravel(), kind="stable")
    assert np.all(np.diff(shaded.ravel()[order].astype(int)) >= 0)
    assert shaded[counts == 1].min() >= 90
    if most < 4000:
        assert shaded.max() == 255
    assert strengths.top == pytest.approx(np.quantile(counts[counts > 0], 0.995), rel=0.05, abs=1)


def test_nothing_is_shaded_where_nothing_is() -> None:
    empty = np.zeros((4, 5), np.int32)
    assert not shade_density(empty, strength(empty), RAMP).any()
    assert not shade_mixed(empty, strength(empty), np.zeros(0, int), np.zeros((3, 0))).any()


@pytest.mark.parametrize("reach", [0.5, 1.3, 2.0, 3.5])
def test_a_dot_covers_about_what_its_disc_covers(reach: float) -> None:
    counts = np.zeros((21, 31), np.int32)
    counts[10, 12] = 1
    assert dots(counts, reach)[10, 12] == dots(counts, reach).max() == 8
    spread = dots(counts, reach) / 8
    np.testing.assert_allclose(dot_sums(counts * 2.5, reach), 2.5 * spread)
    np.testing.assert_array_equal(spread[:, :25], spread[:, :25][::-1, ::-1])
    assert spread.sum() == pytest.approx(np.pi * reach**2, rel=0.45 if reach < 1 else 0.1)
    counts[0, 30] = 2  # at the edge it is cut off, and does not come in on the other side
    assert dots(counts, reach)[:, 0].max() == 0
    assert dots(counts, reach)[0, 30] == 16


def test_many_and_few_dots_are_drawn_alike() -> None:
    counts = np.random.default_rng(0).integers(0, 3, size=(40, 50))
    together = dots(counts, 2.1)  # densely
    apart = sum(dots(np.where(np.arange(50) % 25 == column, counts, 0), 2.1) for column in range(25))  # sparsely
    np.testing.assert_allclose(together, apart, atol=1e-4)


def test_dots_count_in_eighths_of_a_point() -> None:
    counts = np.zeros((20, 20), np.int32)
    counts[5, 5], counts[12, 12] = 1, 1
    steps = dots(counts, 1.3)
    assert steps[5, 5] == 8
    shaded = shade_density(steps, strength(steps, 8), RAMP)
    assert shaded[5, 5] == 255  # lone dots are whole
    assert 0 < shaded[5, 6] < 255 or steps[5, 6] == 8
    assert shaded[9, 9] == 0


def test_colours_mix_as_light_does() -> None:
    counts = np.array([[2, 1, 0]])
    red, blue = np.array([200.0, 0, 0]), np.array([0, 0, 100.0])
    mixed = mean_colour(counts[0, :2], np.stack([red**2 + blue**2, blue**2], axis=1))
    np.testing.assert_allclose(mixed[:, 0], [200 / np.sqrt(2), 0, 100 / np.sqrt(2)])
    np.testing.assert_allclose(mixed[:, 1], blue)
    pixels = shade_mixed(counts, strength(counts), np.array([0, 1]), mixed)
    assert pixels[0, 2] == 0
    alpha = pixels >> 24
    assert 0 < alpha[0, 1] < alpha[0, 0] == 255
    tall = np.tile(counts, (900, 1))
    shaded = shade_mixed(tall, strength(tall), np.flatnonzero(tall), np.tile(mixed, (1, 900)))
    np.testing.assert_array_equal(shaded, np.tile(pixels, (900, 1)))
    # Premultiplied: no part is larger than the pixel's opacity allows.
    assert (pixels[0, 1] & 255) == round(100 * float(alpha[0, 1]) / 255)
