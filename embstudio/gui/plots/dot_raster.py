"""Many points as one picture: dots added up in numpy, which stays fluid where drawing symbols one by one does not."""

from __future__ import annotations

import math

import numpy as np

_FEW, _MANY = 6_000, 40_000
# How far dots of three sizes reach around their middle, in pixels, and how much each counts.
_REACH = {"large": 2.0, "medium": 1.3, "small": 0.6}
_WEIGHT = {"large": 1.2, "medium": 0.9, "small": 0.6}


def raster(x: np.ndarray, y: np.ndarray, width: int, height: int, scale: float = 1.0) -> np.ndarray:
    """Dots at x, y [points] in pixels of a width × height picture: how many lie over each pixel, weighed by how much
    of it they cover, float32 [height, width]. The more there are in sight, the smaller the dots.

    scale: pixels of the screen to one of the plot.
    """
    shown = (x > -3) & (x < width + 3) & (y > -3) & (y < height + 3)
    columns, rows = np.floor(x[shown]).astype(np.int32), np.floor(y[shown]).astype(np.int32)
    size = "large" if len(columns) < _FEW else "medium" if len(columns) < _MANY else "small"
    reach = _REACH[size] * scale
    span = int(reach + 0.5)  # a margin on each side, so that no dot wraps round
    stride, lines = width + 2 * span, height + 2 * span
    inner = (columns >= -span) & (columns < width + span) & (rows >= -span) & (rows < height + span)
    flat = (rows[inner] + span) * stride + columns[inner] + span
    per_pixel = np.bincount(flat, minlength=stride * lines).astype(np.float32).reshape(lines, stride)
    summed = np.zeros((height, width), dtype=np.float32)
    for down in range(-span, span + 1):
        for right in range(-span, span + 1):
            cover = min(1.0, reach + 0.5 - math.hypot(down, right))
            if cover > 0:
                top, left = span - down, span - right
                summed += np.float32(_WEIGHT[size] * cover) * per_pixel[top : top + height, left : left + width]
    return summed


def shade(counts: np.ndarray, rgb: tuple[int, int, int]) -> np.ndarray:
    """Counts as one colour, denser where more points lie: uint8 [height, width, 4], premultiplied BGRA for a QImage."""
    opacity = 1 - np.power(np.float32(0.55), counts)
    pixels = np.empty((*counts.shape, 4), dtype=np.uint8)
    for channel, value in enumerate((rgb[2], rgb[1], rgb[0], 255)):
        np.multiply(opacity, value, out=pixels[..., channel], casting="unsafe")
    return pixels
