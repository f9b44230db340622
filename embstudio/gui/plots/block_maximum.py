"""Fitting a table of numbers into a number of pixels so that no single peak is lost."""

from __future__ import annotations

import numpy as np


def fit(values: np.ndarray, rows: int, columns: int) -> np.ndarray:
    """values [..., row, column] as [..., rows, columns].

    Where there are more cells than pixels, each pixel takes the value of largest magnitude in its block; where there
    are fewer, cells are repeated (nearest neighbour). NaN counts only where a block holds nothing else.
    """
    return _fit_axis(_fit_axis(values, rows, -2), columns, -1)


def _fit_axis(values: np.ndarray, size: int, axis: int) -> np.ndarray:
    held = values.shape[axis]
    if held == size:
        return np.asarray(values)
    if held < size:
        return np.asarray(np.take(values, np.arange(size) * held // size, axis=axis))
    starts = np.arange(size) * held // size
    highest = np.fmax.reduceat(values, starts, axis=axis)
    lowest = np.fmin.reduceat(values, starts, axis=axis)
    return np.asarray(np.where(np.abs(lowest) > np.abs(highest), lowest, highest))


def block(position: float, pixels: int, held: int) -> slice:
    """The cells that share a pixel at `position` in [0, 1) along an axis of `held` cells in `pixels` pixels."""
    if held <= pixels:
        cell = min(held - 1, int(position * held))
        return slice(cell, cell + 1)
    pixel = min(pixels - 1, int(position * pixels))
    return slice(pixel * held // pixels, max((pixel + 1) * held // pixels, pixel * held // pixels + 1))
