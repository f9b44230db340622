"""In which precision a model computed a value: traces hold float32, models may work in half precision."""

from __future__ import annotations

import numpy as np

from embstudio.stepper.working import rounding

SAMPLE = 2048  # values looked at
LEVELS = 256  # of 8 bits
OFF_GRID = 0.01  # of a step: float32 rounds the multiples
FEWEST = 8  # different ones that make it more than chance: each float32 is a float16 too by a chance of 1 in 8192


def precision(values: np.ndarray) -> np.dtype:
    """float16 where all values of an array are numbers of half precision, else the array's own type.

    What a model computed in half precision can only be worked out again to that precision.
    """
    if values.dtype != np.float32 or not values.size:
        return values.dtype
    some = values.reshape(-1)[:: max(1, values.size // SAMPLE)]
    some = np.unique(some[np.isfinite(some) & (np.abs(some) < np.finfo(np.float16).max)])
    if len(some) < FEWEST or not np.array_equal(some, some.astype(np.float16).astype(np.float32)):
        return values.dtype
    return np.dtype(np.float16)


def grid(values: np.ndarray) -> float:
    """The step between the values of an 8-bit tensor, of which all are whole multiples; 0 where there is none."""
    some = values.reshape(-1)[:: max(1, values.size // SAMPLE)].astype(np.float64)
    some = np.unique(np.abs(some[np.isfinite(some)]))
    if not FEWEST <= len(some) <= LEVELS:
        return 0.0
    step = float(np.diff(some).min())
    multiples = some / step
    on_grid = multiples[-1] < LEVELS and float(np.abs(multiples - np.round(multiples)).max()) < OFF_GRID
    return step if on_grid else 0.0


def rounding_of(size: float, *arrays: np.ndarray) -> float:
    """How far rounding alone separates a sum of terms of this total size from what the first of `arrays` holds for it,
    the others being what it was made of.

    In half precision that is 8 units in the last place: onnxruntime adds up in float32 there, and rounds the result. A
    quantised result is rounded to the nearest step of its grid.
    """
    held_in = [precision(values) for values in arrays]
    half = np.dtype(np.float16)
    within = rounding(size, half) / 8 if half in held_in else rounding(size, held_in[0])
    return within + grid(arrays[0]) / 2


def roundings(sizes: np.ndarray, *arrays: np.ndarray) -> np.ndarray:
    """The same for many sums at once, each of its own total size."""
    least = rounding_of(0.0, *arrays)
    return np.asarray(least + (rounding_of(1.0, *arrays) - least) * sizes)
