"""Half precision is seen in the values themselves, and never taken for it by chance."""

from __future__ import annotations

import numpy as np
import pytest

from embstudio.stepper.precision import grid, precision, rounding_of

RNG = np.random.default_rng(4)
VALUES = RNG.standard_normal((40, 50)).astype(np.float32)


def test_values_of_half_precision_are_seen_whatever_they_are_held_in() -> None:
    half = VALUES.astype(np.float16)
    assert precision(half.astype(np.float32)) == np.float16
    assert precision(half) == np.float16
    assert precision(VALUES) == np.float32


def test_masks_zeros_and_infinities_say_nothing() -> None:
    scores = VALUES.astype(np.float16).astype(np.float32)
    scores[np.triu_indices(40, 1, 50)] = np.finfo(np.float32).min
    scores[0, 1] = -np.inf
    assert precision(scores) == np.float16
    assert precision(np.eye(50, dtype=np.float32)) == np.float32


def test_one_value_of_full_precision_is_enough() -> None:
    values = VALUES.astype(np.float16).astype(np.float32)
    values[0, 0] = np.float32(np.pi)
    assert precision(values) == np.float32


def test_large_arrays_are_looked_at_in_part() -> None:
    values = np.tile(VALUES.astype(np.float16).astype(np.float32), (100, 1, 1))
    assert precision(values) == np.float16
    assert precision(np.tile(VALUES, (100, 1, 1))) == np.float32


def test_half_precision_separates_further() -> None:
    full, half = rounding_of(3.0, VALUES), rounding_of(3.0, VALUES.astype(np.float16).astype(np.float32))
    products = VALUES[:, :30].astype(np.float64) @ VALUES[:30].astype(np.float64)
    rough = products.astype(np.float16).astype(np.float64)
    assert np.abs(products - rough).max() < rounding_of(float(np.abs(products).max()), rough.astype(np.float32))
    assert 100 * full < half < 0.05


def test_the_steps_of_8_bits_are_seen() -> None:
    shares = np.exp(VALUES) / np.exp(VALUES).sum(1, keepdims=True)
    step = shares.max() / 255
    quantised = (np.round(shares / step) * step).astype(np.float32)
    assert grid(quantised) == pytest.approx(step, rel=1e-3)
    assert grid(shares) == grid(np.eye(50, dtype=np.float32)) == grid(VALUES.astype(np.float16)) == 0
    assert np.abs(quantised - shares).max() <= rounding_of(1.0, quantised)
    assert rounding_of(1.0, shares) < step / 50
