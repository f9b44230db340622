"""Colour maps: numbers to colours, evenly in OKLab (Björn Ottosson 2020), so that equal steps look equal.

Values in [0, 1] run on one hue from the theme's zero colour; signed values run two ways from that zero. NaN is
transparent. The range is the caller's to show.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from embstudio.gui.style.colours import Colours

_TO_LMS = np.array([
    [0.4122214708, 0.5363325363, 0.0514459929],
    [0.2119034982, 0.6806995451, 0.1073969566],
    [0.0883024619, 0.2817188376, 0.6299787005],
])  # fmt: skip
_TO_LAB = np.array([
    [0.2104542553, 0.7936177850, -0.0040720468],
    [1.9779984951, -2.4285922050, 0.4505937099],
    [0.0259040371, 0.7827717662, -0.8086757660],
])  # fmt: skip


def _oklab(colour: str) -> np.ndarray:
    srgb = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    return np.asarray(_TO_LAB @ np.cbrt(_TO_LMS @ linear))


def _srgb(lab: np.ndarray) -> np.ndarray:
    linear = (lab @ np.linalg.inv(_TO_LAB).T) ** 3 @ np.linalg.inv(_TO_LMS).T
    linear = linear.clip(0, 1)
    srgb = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.asarray((srgb * 255).round().astype(np.uint8))


def evenly(start: str, end: str, steps: int) -> np.ndarray:
    """Colours from one to another in even steps: uint8 [steps, 3]."""
    share = np.linspace(0, 1, steps)[:, None]
    return _srgb(_oklab(start) * (1 - share) + _oklab(end) * share)


def _opaque(rgb: np.ndarray) -> np.ndarray:
    return np.concatenate([rgb, np.full((len(rgb), 1), 255, np.uint8)], axis=1)


@lru_cache(maxsize=64)
def unit_map(colours: Colours, hue: str) -> np.ndarray:
    """256 colours from zero to `hue` for values in [0, 1]; uint8 [256, 4] RGBA."""
    return _opaque(evenly(colours.zero, hue, 256))


@lru_cache(maxsize=8)
def signed_map(colours: Colours) -> np.ndarray:
    """255 colours from negative through zero (exactly in the middle) to positive; uint8 [255, 4] RGBA."""
    below = evenly(colours.zero, colours.negative, 128)[::-1]
    above = evenly(colours.zero, colours.positive, 128)
    return _opaque(np.concatenate([below, above[1:]]))


def paint(values: np.ndarray, low: float, high: float, table: np.ndarray) -> np.ndarray:
    """Colours of values, clipped to [low, high]: uint8 [..., 4] RGBA. NaN becomes transparent."""
    share = (np.asarray(values, dtype=np.float32) - low) / ((high - low) or 1.0)
    hole = np.isnan(share)
    index = (np.where(hole, 0, share).clip(0, 1) * (len(table) - 1) + 0.5).astype(np.intp)
    pixels = table[index]
    if hole.any():
        pixels[hole] = 0
    return pixels
