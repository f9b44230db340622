"""How many points fall into each pixel: what a picture of millions of points is made from.

A stretch of the grid's rows covers a few lines of the picture only, so that its counts stay in the processor's cache:
that, and the stretches that are not in sight, is what makes it quick.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from embstudio.space.point_grid import PointGrid

CHUNK = 1 << 16  # points worked on at a time


@dataclass(frozen=True)
class Window:
    """The part of the plane that a picture shows: the place of its upper left corner, pixels to one unit, its size.

    The pixel of a point is [⌊(top − y) · zoom⌋, ⌊(x − left) · zoom⌋].
    """

    left: float
    top: float
    zoom: float
    width: int
    height: int

    @property
    def right(self) -> float:
        return self.left + self.width / self.zoom

    @property
    def bottom(self) -> float:
        return self.top - self.height / self.zoom


def counts(grid: PointGrid, window: Window) -> np.ndarray:
    """How many points lie in each pixel: int32 [height, width]."""
    picture = np.zeros((window.height + 2, window.width + 2), dtype=np.int32)
    for first, last, pixels, _slices in _bands(grid, window):
        counted = np.bincount(pixels, minlength=(last - first) * (window.width + 2))
        picture[first:last] += counted.reshape(last - first, -1)
    return picture[1:-1, 1:-1]


def value_sums(grid: PointGrid, window: Window, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Counts as above, and the sum of the points' values in each pixel, float32 [height, width].

    values: [kept], finite, in the order of the grid (`values[grid.rows]`).
    """
    picture = np.zeros((window.height + 2, window.width + 2), dtype=np.int32)
    sums = np.zeros(picture.shape, dtype=np.float32)
    for first, last, pixels, slices in _bands(grid, window):
        size, lines = (last - first) * (window.width + 2), last - first
        picture[first:last] += np.bincount(pixels, minlength=size).reshape(lines, -1)
        weighed = np.bincount(pixels, weights=_joined(values, slices), minlength=size)
        sums[first:last] += weighed.reshape(lines, -1).astype(np.float32)
    return picture[1:-1, 1:-1], sums[1:-1, 1:-1]


def group_sums(
    grid: PointGrid, window: Window, codes: np.ndarray, weights: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Counts as above, and the sum over each pixel's points of their group's weights: float32 [parts, height, width].

    codes: [kept], the group of each point, in the order of the grid. weights: [groups, parts].
    """
    groups, parts = weights.shape
    tables = np.ascontiguousarray(weights.T, dtype=np.float64)
    picture = np.zeros((window.height + 2, window.width + 2), dtype=np.int32)
    sums = np.zeros((parts, *picture.shape), dtype=np.float32)
    for first, last, pixels, slices in _bands(grid, window):
        size, lines, code = (last - first) * (window.width + 2), last - first, _joined(codes, slices)
        if 2 * len(pixels) < groups * size:  # few points: one by one; many: group by group
            places, code = pixels.astype(np.intp), code.astype(np.intp, copy=False)  # once, and not for each sum
            counted = np.bincount(places, minlength=size)
            for part, table in enumerate(tables):
                weighed = np.bincount(places, weights=table.take(code), minlength=size)
                sums[part, first:last] += weighed.reshape(lines, -1)
        else:
            of_groups = np.bincount(pixels + code.astype(np.int64) * size, minlength=groups * size)
            of_groups = of_groups.reshape(groups, size)
            counted = of_groups.sum(axis=0)
            mixed = weights.T.astype(np.float32) @ of_groups.astype(np.float32)
            sums[:, first:last] += mixed.reshape(parts, lines, -1)
        picture[first:last] += counted.reshape(lines, -1)
    return picture[1:-1, 1:-1], sums[:, 1:-1, 1:-1]


def _bands(grid: PointGrid, window: Window) -> Iterator[tuple[int, int, np.ndarray, list[tuple[int, int]]]]:
    """Bands of the picture with a border of one pixel: first and last line, the pixels within the band in which points
    lie, and which points these are. Points out of sight fall into the border."""
    stride, zoom = window.width + 2, float(window.zoom)
    inner = (
        window.left <= grid.low[0]
        and grid.high[0] < window.right - 1 / zoom
        and window.bottom + 1 / zoom < grid.low[1]
        and grid.high[1] <= window.top
    )
    for slices in _chunks(grid.stretches(window.left, window.bottom, window.right, window.top)):
        across = np.subtract(_joined(grid.x, slices), window.left, dtype=np.float64)
        across *= zoom
        down = np.subtract(window.top, _joined(grid.y, slices), dtype=np.float64)
        down *= zoom
        if not inner:
            # The border's pixel is where a number between −1 and 0 is cut to 0 too.
            across += 1
            down += 1
            np.clip(across, 0, window.width + 1, out=across)
            np.clip(down, 0, window.height + 1, out=down)
        pixels = down.astype(np.int32)  # a quarter of the time of int64
        first, last = int(pixels.min()), int(pixels.max()) + 1
        pixels -= first
        pixels *= stride
        pixels += across.astype(np.int32)
        pixels += inner
        yield first + inner, last + inner, pixels, slices


def _chunks(stretches: list[tuple[int, int]]) -> Iterator[list[tuple[int, int]]]:
    """Slices in groups of about CHUNK points."""
    held: list[tuple[int, int]] = []
    count = 0
    for begin, end in stretches:
        while begin < end:
            stop = min(end, begin + CHUNK - count)
            held.append((begin, stop))
            count += stop - begin
            begin = stop
            if count >= CHUNK:
                yield held
                held, count = [], 0
    if held:
        yield held


def _joined(values: np.ndarray, slices: list[tuple[int, int]]) -> np.ndarray:
    if len(slices) == 1:
        return values[slices[0][0] : slices[0][1]]
    return np.concatenate([values[begin:end] for begin, end in slices])
