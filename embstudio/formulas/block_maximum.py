"""Fitting a table of numbers into a number of pixels so that no single peak is lost."""

from __future__ import annotations

import numpy as np


def fit(values: np.ndarray, rows: int, columns: int) -> np.ndarray:
    """values [..., row, column] as [..., rows, columns].

    Where there are more cells than pixels, each pixel takes the value of largest magnitude in its block; where there
    are fewer, cells are repeated (nearest neighbour). NaN counts only where a block holds nothing else.
    """
    held_rows, held_columns = values.shape[-2:]
    if values.dtype == np.float32 and held_rows > rows and held_columns > columns and not np.isnan(values).any():
        keys = _most(_most(_by_size(values), rows, -2), columns, -1)
        return np.asarray(((keys >> 1) | (keys << 31)).view(np.float32))
    return _fit_axis(_fit_axis(values, rows, -2), columns, -1)


def _by_size(values: np.ndarray) -> np.ndarray:
    """float32 as whole numbers that are the larger the farther from 0 a value is: its bits, with the sign last. One
    maximum then finds the strongest, in half the time that a maximum and a minimum take."""
    bits = np.ascontiguousarray(values).view(np.uint32)
    return np.asarray((bits << 1) | (bits >> 31))


def fit_weights(weights: np.ndarray, hidden: np.ndarray, rows: int, columns: int) -> np.ndarray:
    """The same as `fit` for weights [..., row, column] that are nowhere below 0, several times as fast for many cells.

    hidden: [row, column], true where nothing can be and weights are 0; a pixel is NaN where its block holds nothing
    else.
    """
    most = _most(_most(weights, rows, -2), columns, -1)
    seen = _most(_most(~hidden, rows, -2), columns, -1)
    return np.asarray(np.where(seen, most, np.float32(np.nan)))


def weight_limit(weights: np.ndarray) -> float:
    """The end of the range for weights [query, key]: the largest, or, where that stands far out (the first tokens of a
    long text have few to look at), the weight that the strongest key of 9 queries in 10 stays below."""
    most = np.fmax.reduce(weights, axis=1, initial=0.0)
    if not len(most) or not most.max():
        return 1.0
    usual = float(np.quantile(most, 0.9))
    largest = float(most.max())
    return usual if usual and largest > 2 * usual else largest


def _most(values: np.ndarray, size: int, axis: int) -> np.ndarray:
    """The largest of each block; cells are repeated where there are fewer than `size`."""
    held = values.shape[axis]
    if held == size:
        return values
    if held < size:
        return np.asarray(np.take(values, np.arange(size) * held // size, axis=axis))
    return _blocks(np.maximum, values, size, axis)


def _blocks(function: np.ufunc, values: np.ndarray, size: int, axis: int) -> np.ndarray:
    """Each of `size` blocks along the last axis (−1) or the last but one (−2) reduced by a function."""
    starts = np.arange(size) * values.shape[axis] // size
    if axis == -1:
        return np.asarray(function.reduceat(values, starts, axis=-1))
    # reduceat along any axis but the last is fifteen times slower than this loop (numpy 2.4).
    reduced = np.empty((*values.shape[:-2], size, values.shape[-1]), values.dtype)
    ends = [*starts[1:].tolist(), values.shape[-2]]
    for place, (start, end) in enumerate(zip(starts.tolist(), ends, strict=True)):
        function.reduce(values[..., start:end, :], axis=-2, out=reduced[..., place, :])
    return reduced


def _fit_axis(values: np.ndarray, size: int, axis: int) -> np.ndarray:
    held = values.shape[axis]
    if held == size:
        return np.asarray(values)
    if held < size:
        return np.asarray(np.take(values, np.arange(size) * held // size, axis=axis))
    # fmax and fmin pass NaN over, which takes three times as long where there is none.
    most, least = (np.fmax, np.fmin) if np.isnan(values).any() else (np.maximum, np.minimum)
    highest, lowest = _blocks(most, values, size, axis), _blocks(least, values, size, axis)
    return np.asarray(np.where(np.abs(lowest) > np.abs(highest), lowest, highest))


def block(position: float, pixels: int, held: int) -> slice:
    """The cells that share a pixel at `position` in [0, 1) along an axis of `held` cells in `pixels` pixels."""
    if held <= pixels:
        cell = min(held - 1, int(position * held))
        return slice(cell, cell + 1)
    pixel = min(pixels - 1, int(position * pixels))
    return slice(pixel * held // pixels, max((pixel + 1) * held // pixels, pixel * held // pixels + 1))
