"""From counts to colours: pictures in which a lone point is seen as well as the densest cloud of millions.

Strength grows with the logarithm of the count, up to the count that all but a few pixels keep below; the range is
returned, to be said beside the picture.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

_LEVELS = 4096
_LONE = 0.36  # strength of a pixel with a single point
_BELOW = 0.995  # share of the pixels with points that the strongest colour leaves below it
_LINES = 200
_STEPS = 8  # into which one point is divided, where dots are larger than a pixel


@dataclass(frozen=True)
class Strength:
    """Strength in [0, 1] by count: `table[counts]`, counts cut to its length. top: the count that has strength 1."""

    table: np.ndarray
    top: int


def strength(counts: np.ndarray, points: float = 1) -> Strength:
    """strength(n) = s₁ + (1 − s₁) log n / log top, 0 where there is none; s₁ = 1 where no pixel has more than one.

    counts: [height, width], whole numbers; points: how much of them is one point. Below one it grows evenly.
    """
    flat = counts[:: max(1, len(counts) // _LINES)].ravel()  # some hundred lines tell enough
    held = np.bincount(flat if int(flat.max(initial=0)) < _LEVELS else flat.clip(max=_LEVELS - 1), minlength=_LEVELS)
    held[: max(1, int(points))] = 0  # edges of dots say nothing about how dense they lie
    reached = np.cumsum(held)
    top = 1.0
    if reached[-1]:
        top = max(1.0, int(np.searchsorted(reached, _BELOW * reached[-1])) / points)
        if top * points >= _LEVELS - 1:
            top = float(np.quantile(counts[counts > 0], _BELOW)) / points
    share = np.arange(_LEVELS) / points
    lone = 1.0 - (1.0 - _LONE) * min(1.0, math.log(top) / math.log(4)) if top > 1 else 1.0
    grown = lone + (1 - lone) * np.log(np.maximum(share, 1)) / max(math.log(top), 1e-9)
    table = np.where(share < 1, lone * share, grown).clip(0, 1).astype(np.float32)
    return Strength(table, round(top))


def dots(counts: np.ndarray, reach: float) -> np.ndarray:
    """Counts [height, width] with each point as a disc of some pixels' radius, not one pixel: int32, in eighths of
    a point (`points=8` for `strength`), a disc's edge counting as much as it covers."""
    return _spread(counts.astype(np.int32), reach)


def dot_sums(sums: np.ndarray, reach: float) -> np.ndarray:
    """The same of sums [height, width] over points: float32, whole."""
    return _spread(sums.astype(np.float32), reach)


def _spread(values: np.ndarray, reach: float) -> np.ndarray:
    """Each value over the pixels of a disc around it: one by one where few pixels hold something, else all at once."""
    held = np.flatnonzero(values)
    disc = _disc(reach)
    return _spread_few(values, held, disc) if len(held) * len(disc) < values.size else _spread_all(values, reach)


def _disc(reach: float) -> list[tuple[int, int, int]]:
    """Its pixels: how far down and to the right of the middle, and how much of each it covers, in steps."""
    span = int(reach + 0.5)
    around = range(-span, span + 1)
    pixels = ((down, right, _covered(down, right, reach)) for down in around for right in around)
    return [(down, right, steps) for down, right, steps in pixels if steps > 0]


def _covered(down: int, right: int, reach: float) -> int:
    return round(_STEPS * min(1.0, reach + 0.5 - math.hypot(down, right)))


def _weight(steps: int, kind: np.dtype) -> np.ndarray:
    return np.array(steps if kind == np.int32 else steps / _STEPS, dtype=kind)


def _spread_few(values: np.ndarray, held: np.ndarray, disc: list[tuple[int, int, int]]) -> np.ndarray:
    span = max(down for down, _right, _steps in disc)
    height, width = values.shape
    stride = width + 2 * span
    total = np.zeros((height + 2 * span, stride), dtype=values.dtype)
    flat, amounts = total.ravel(), values.ravel().take(held)
    middles = (held // width + span) * stride + held % width + span
    for down, right, steps in disc:  # no pixel stands twice among the middles, so += adds all
        flat[middles + (down * stride + right)] += amounts * _weight(steps, values.dtype)
    return total[span : span + height, span : span + width]


def _spread_all(values: np.ndarray, reach: float) -> np.ndarray:
    """A disc is the same to the left and the right, above and below: what lies as far away on both sides is added
    before it is weighed."""
    span = int(reach + 0.5)
    height, width = values.shape
    wide = np.zeros((height + 2 * span, width + 2 * span), dtype=values.dtype)
    wide[span : span + height, span : span + width] = values
    beside = [wide[:, span : span + width]]
    beside += [wide[:, span - off : span - off + width] + wide[:, span + off : span + off + width]
               for off in range(1, span + 1)]  # fmt: skip
    total = np.zeros((height, width), dtype=values.dtype)
    for down in range(span + 1):
        line: np.ndarray | None = None
        for right, both in enumerate(beside):
            if (steps := _covered(down, right, reach)) > 0:
                weight = _weight(steps, values.dtype)
                line = both * weight if line is None else np.add(line, both * weight, out=line)
        if line is not None:
            total += line[span - down : span - down + height]
            if down:
                total += line[span + down : span + down + height]
    return total


def shade_density(counts: np.ndarray, strengths: Strength, ramp: np.ndarray) -> np.ndarray:
    """Counts as colours of a ramp: uint32 [height, width], what the ramp holds.

    ramp: uint32 [colours], for strengths from 0 to 1; each 0xAARRGGBB, premultiplied.
    """
    colours = ramp[(strengths.table * (len(ramp) - 1) + 0.5).astype(np.intp)]
    return np.take(colours, counts, mode="clip")


def shade_mixed(
    counts: np.ndarray, strengths: Strength, held: np.ndarray, rgb: np.ndarray, fade: float = 1.0
) -> np.ndarray:
    """Pixels in colours of their own, the more opaque the more points: uint32 [height, width], premultiplied.

    held: places of the pixels with points, line by line; rgb: [3, held], their colours, in 0 … 255.
    """
    opaque = strengths.table.take(counts.ravel().take(held), mode="clip")
    opaque *= np.float32(fade)
    mixed = (opaque * np.float32(255) + np.float32(0.5)).astype(np.uint32)
    for channel in rgb:  # one after the other into the same word: reading and writing is what takes the time
        mixed <<= 8
        mixed |= (channel * opaque + np.float32(0.5)).astype(np.uint32)
    pixels = np.zeros(counts.size, dtype=np.uint32)
    pixels[held] = mixed
    return pixels.reshape(counts.shape)


def mean_colour(counts: np.ndarray, sums: np.ndarray) -> np.ndarray:
    """Colours of pixels [3, n] that hold `counts` [n] points, the squares of whose colours add up to `sums` [3, n]:
    as light mixes."""
    return np.asarray(np.sqrt(sums * (1 / np.maximum(counts, 1e-6)).astype(sums.dtype)))
