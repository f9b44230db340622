"""The picture of all points: symbols where few are in sight, counts by pixel where there are many."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QImage, QPainter

from embstudio.gui.plots.scatter.colouring import Categories, Colouring, Numbers
from embstudio.gui.plots.scatter.plane_view import PlaneView
from embstudio.gui.plots.scatter.point_set import PointSet
from embstudio.gui.plots.scatter.symbols import Symbol, draw_symbol, sprite, sprite_side
from embstudio.gui.style.colours import Colours
from embstudio.gui.style.point_colours import SHAPES, category_colours, density_ramp, scale_colours
from embstudio.space import shading
from embstudio.space.point_grid import PointGrid
from embstudio.space.point_raster import counts, group_sums, value_sums

SYMBOLS = 5_000  # points in sight up to which each is a symbol
_ROOM = 800_000  # pixels of a plot of middling size
# Radius of a dot in pixels by how many points such a plot would show; beyond the last a point is a pixel.
_DOTS = ((15_000, 2.1), (50_000, 1.5), (200_000, 1.0))
_FADE = 0.3  # of what is not selected
_SHADES = 64  # colours of a column of numbers that symbols come in
_DEPTHS = 6  # steps in which symbols of a cloud become smaller and paler


@dataclass(frozen=True)
class Layer:
    """Some of the points. codes: [kept] the group of each, values: [kept] the number of each, in the grid's order."""

    grid: PointGrid
    fade: float = 1.0
    codes: np.ndarray | None = None
    values: np.ndarray | None = None


@dataclass(frozen=True)
class Drawn:
    """What became of the points. symbols: each is drawn by itself. top: points that a pixel
    of the strongest colour holds, 0 where points are larger than a pixel."""

    in_sight: int
    symbols: bool
    top: int = 0


def layers_of(grid: PointGrid, colouring: Colouring | None, selected: np.ndarray) -> list[Layer]:
    """What is drawn, from the bottom up: points without a number, the others, and what is selected above all faded."""
    parts = [grid]
    if isinstance(colouring, Numbers) and not np.isfinite(colouring.values).all():
        known = np.isfinite(colouring.values)
        parts = [grid.part(np.flatnonzero(~known)), grid.part(np.flatnonzero(known))]
    if len(selected):
        parts = [*parts, *(part.part(selected) for part in parts)]
    faded = len(parts) // 2 if len(selected) else 0
    layers = []
    for place, part in enumerate(parts):
        fade = _FADE if place < faded else 1.0
        if isinstance(colouring, Categories):
            layers.append(Layer(part, fade, codes=colouring.codes[part.rows]))
        elif isinstance(colouring, Numbers) and (len(part) and np.isfinite(colouring.values[part.rows[0]])):
            shares = colouring.share(colouring.values[part.rows]).astype(np.float32)
            layers.append(Layer(part, fade, values=shares))
        else:
            layers.append(Layer(part, fade))
    return layers


class Picture:
    """Draws layers. scale: the text's, which symbols follow."""

    def __init__(self, points: PointSet, colouring: Colouring | None, colours: Colours, scale: float) -> None:
        self._points, self._colouring, self._colours, self._scale = points, colouring, colours, scale

    def draw(self, layers: Sequence[Layer], view: PlaneView, ratio: float) -> tuple[QImage, Drawn]:
        """The picture in pixels of a screen with a density of `ratio`, transparent where nothing is."""
        in_sight, window = self._in_sight(layers, view), view.window(ratio)
        image = QImage(window.width, window.height, QImage.Format.Format_ARGB32_Premultiplied)
        image.fill(0)
        painter = QPainter(image)
        try:
            if in_sight <= SYMBOLS:
                for layer in layers:
                    self._stamp(painter, layer, view, ratio, in_sight)
                top = 0
            else:
                top = self._blend(painter, layers, view, ratio, in_sight)
        finally:
            painter.end()  # a picture must not go while it is painted on, whatever went wrong
        image.setDevicePixelRatio(ratio)
        return image, Drawn(in_sight, in_sight <= SYMBOLS, top)

    def draw_symbols(self, painter: QPainter, layers: Sequence[Layer], view: PlaneView) -> None:
        """Each point in sight as a shape of its own, for figures that can be edited."""
        in_sight = self._in_sight(layers, view)
        for layer in layers:
            places, symbols = self._symbols(layer, view, 1.0, in_sight)
            for (x, y), symbol in zip(places.tolist(), symbols, strict=True):
                draw_symbol(painter, QPointF(x, y), symbol, self._colours.panel)

    def in_sight(self, layers: Sequence[Layer], view: PlaneView) -> int:
        """About how many points are in sight, never fewer than there are."""
        return self._in_sight(layers, view)

    @staticmethod
    def _in_sight(layers: Sequence[Layer], view: PlaneView) -> int:
        window = view.window(1.0)
        edges = (window.left, window.bottom, window.right, window.top)
        full = [layer.grid for layer in layers if layer.fade < 1] or [layer.grid for layer in layers]
        about = sum(grid.near_count(*edges) for grid in full)
        return about if about > 4 * SYMBOLS else sum(len(grid.places_in(*edges)) for grid in full)

    # Symbols -----------------------------------------------------------------------------------------------------

    def _stamp(self, painter: QPainter, layer: Layer, view: PlaneView, ratio: float, in_sight: int) -> None:
        places, symbols = self._symbols(layer, view, ratio, in_sight)
        rim = self._colours.panel
        corners = np.floor(places * ratio).astype(np.int64)
        sprites = {symbol: (sprite(symbol, rim), sprite_side(symbol[2]) // 2) for symbol in set(symbols)}
        for (x, y), symbol in zip(corners.tolist(), symbols, strict=True):
            image, half = sprites[symbol]
            painter.drawImage(x - half, y - half, image)

    def _symbols(self, layer: Layer, view: PlaneView, ratio: float, in_sight: int) -> tuple[np.ndarray, list[Symbol]]:
        """Places [m, 2] in the widget and symbols of a layer's points in sight: the important ones, or those nearer
        to the viewer, last and so above the others."""
        radius = (4.2 if in_sight <= 300 else 3.4 if in_sight <= 1500 else 2.6) * self._scale
        around = view.window(1.0, 2 * radius)
        found = layer.grid.places_in(around.left, around.bottom, around.right, around.top)
        rank, nearness = layer.grid.rank[found], self._points.nearness(layer.grid.rows[found])
        order = np.lexsort((-rank, nearness)) if self._points.is_cloud else np.argsort(-rank)
        found, nearness = found[order], nearness[order]
        xy = np.stack([layer.grid.x[found], layer.grid.y[found]], axis=1)
        steps = ((nearness.clip(-1.2, 1.2) + 1.2) / 2.4 * (_DEPTHS - 1) + 0.5).astype(int)
        kinds = self._kinds(layer, found)
        if not self._points.is_cloud:
            return view.places(xy), [(*kind, radius * ratio, layer.fade) for kind in kinds]
        sizes = [radius * ratio * (0.65 + 0.6 * step / (_DEPTHS - 1)) for step in range(_DEPTHS)]
        fades = [layer.fade * (0.4 + 0.6 * step / (_DEPTHS - 1)) for step in range(_DEPTHS)]
        return view.places(xy), [
            (*kind, sizes[step], fades[step]) for kind, step in zip(kinds, steps.tolist(), strict=True)
        ]

    def _kinds(self, layer: Layer, found: np.ndarray) -> list[tuple[str, str]]:
        """Shape and colour of points."""
        if layer.codes is not None and isinstance(self._colouring, Categories):
            looks = category_looks(self._colouring, self._colours)
            return [looks[code] for code in layer.codes[found].tolist()]
        if layer.values is not None:
            table = scale_colours(self._colours, isinstance(self._colouring, Numbers) and self._colouring.signed)
            shades = (layer.values[found] * (_SHADES - 1) + 0.5).astype(int) * (len(table) - 1) // (_SHADES - 1)
            return [("circle", _hex(table[shade])) for shade in shades.tolist()]
        plain = self._colours.residual
        return [("circle", plain)] * len(found)

    def _blend(self, painter: QPainter, layers: Sequence[Layer], view: PlaneView, ratio: float, in_sight: int) -> int:
        """Draw the layers' counts, one over the other; how many points the strongest pixels have."""
        crowd = in_sight * _ROOM / max(1, view.width * view.height)
        reach = next((each for most, each in _DOTS if crowd <= most), 0.5) * ratio * math.sqrt(self._scale)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
        top = 0
        for layer in layers:
            pixels, most = self._raster(layer, view, ratio, reach)
            top = max(top, most)
            if pixels is not None:
                height, width = pixels.shape
                part = QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_ARGB32_Premultiplied)
                painter.drawImage(0, 0, part)
                painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)
        return top

    # Counts ------------------------------------------------------------------------------------------------------

    def _raster(self, layer: Layer, view: PlaneView, ratio: float, reach: float) -> tuple[np.ndarray | None, int]:
        """Pixels of a layer, and how many points the strongest ones have."""
        span = int(reach + 0.5) if reach > 0.5 else 0  # dots whose middle is out of sight can be seen at the edge
        window = view.window(ratio, span / ratio)
        inner = slice(span, window.height - span), slice(span, window.width - span)
        if layer.codes is not None and isinstance(self._colouring, Categories):
            looks = category_looks(self._colouring, self._colours)
            palette = np.array([_rgb(colour) for _shape, colour in looks], dtype=np.float32)
            counted, sums = group_sums(layer.grid, window, layer.codes, palette**2)
        elif layer.values is not None:
            counted, sums = value_sums(layer.grid, window, layer.values)
        else:
            counted, sums = counts(layer.grid, window), None
        if not counted.any():
            return None, 0
        points = 1
        if span:
            counted, points = shading.dots(counted, reach), 8
            if sums is not None:
                planes = sums if sums.ndim == 3 else sums[None]
                spread = np.stack([shading.dot_sums(plane, reach) for plane in planes])
                sums = spread.reshape(sums.shape[:-2] + counted.shape)
        strengths = shading.strength(counted, points)
        if sums is None and layer.fade == 1:
            pixels = shading.shade_density(counted, strengths, density_ramp(self._colours))
        else:
            held = np.flatnonzero(counted)
            rgb = self._pixel_colours(held, counted.ravel().take(held) / np.float32(points), sums)
            pixels = shading.shade_mixed(counted, strengths, held, rgb, layer.fade)
        return np.ascontiguousarray(pixels[inner]), 0 if span else strengths.top

    def _pixel_colours(self, held: np.ndarray, counted: np.ndarray, sums: np.ndarray | None) -> np.ndarray:
        """Colours [3, held] of pixels, which hold `counted` points and `sums` of what stands for their colours."""
        if sums is None:
            return np.broadcast_to(np.array(_rgb(self._colours.residual), dtype=np.float32)[:, None], (3, len(held)))
        planes = sums if sums.ndim == 3 else sums[None]
        of_held = np.stack([plane.ravel().take(held) for plane in planes])
        if sums.ndim == 3:
            return shading.mean_colour(counted, of_held)
        table = scale_colours(self._colours, isinstance(self._colouring, Numbers) and self._colouring.signed)
        mean = (of_held[0] / np.maximum(counted, 1e-6)).clip(0, 1)
        places = (mean * (len(table) - 1) + 0.5).astype(np.intp)
        return np.stack([part.take(places) for part in table.T.astype(np.float32)])


def category_looks(colouring: Categories, colours: Colours) -> list[tuple[str, str]]:
    """Shape and colour of each category: shapes beside hues."""
    palette = category_colours(colours)
    places = [colouring.colour_of(code) for code in range(len(colouring.names))]
    return [(SHAPES[place % len(SHAPES)], palette[place]) for place in places]


def _rgb(colour: str) -> tuple[int, int, int]:
    shown = QColor(colour)
    return shown.red(), shown.green(), shown.blue()


def _hex(rgb: np.ndarray) -> str:
    return "#{:02X}{:02X}{:02X}".format(*rgb.tolist())
