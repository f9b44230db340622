"""Many points as one picture: dots added up in numpy, which stays fluid where drawing symbols one by one does not."""

from __future__ import annotations

import numpy as np

_FEW, _MANY = 6_000, 40_000
# How far dots of three sizes reach around their middle, in pixels.
_REACH = {"large": 2.2, "medium": 1.2, "small": 0.5}


def raster(x: np.ndarray, y: np.ndarray, width: int, height: int, scale: float = 1.0) -> np.ndarray:
    """Dots at x, y [points] in pixels of a width × height picture: how many lie over each pixel, float32 [height,
    width]. The more there are in sight, the smaller the dots; scale: pixels of the screen to one of the plot."""
    inside = (x > -3) & (x < width + 3) & (y > -3) & (y < height + 3)
    columns, rows = x[inside].astype(np.int32), y[inside].astype(np.int32)
    size = "large" if len(columns) < _FEW else "medium" if len(columns) < _MANY else "small"
    reach = _REACH[size] * scale
    span = int(reach)
    stride = width + 2 * span  # a margin on each side, so that no dot wraps round
    counts = np.zeros(stride * (height + 2 * span), dtype=np.float32)
    inner = (columns >= -span) & (columns < width + span) & (rows >= -span) & (rows < height + span)
    flat = (rows[inner] + span) * stride + columns[inner] + span
    per_pixel = np.bincount(flat, minlength=counts.size).astype(np.float32)[: counts.size].reshape(-1, stride)
    summed = np.zeros((height, width), dtype=np.float32)
    for down in range(-span, span + 1):
        for right in range(-span, span + 1):
            if down * down + right * right <= reach * reach:
                top, left = span - down, span - right
                summed += per_pixel[top : top + height, left : left + width]
    return summed


def shade(counts: np.ndarray, rgb: tuple[int, int, int]) -> np.ndarray:
    """Counts as one colour, denser where more points lie: uint8 [height, width, 4], premultiplied BGRA for a QImage."""
    opacity = 1 - np.power(np.float32(0.55), counts)
    pixels = np.empty((*counts.shape, 4), dtype=np.uint8)
    for channel, value in enumerate((rgb[2], rgb[1], rgb[0], 255)):
        np.multiply(opacity, value, out=pixels[..., channel], casting="unsafe")
    return pixels
