"""The part of the plane that is in sight."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from embstudio.space.point_raster import Window

MARGIN = 0.06  # of the picture's width left free around it when all is in sight
FARTHEST = 1 / 16  # of the zoom at which all is in sight
CLOSEST = 1e9  # times that zoom


@dataclass
class PlaneView:
    """Where the middle of the widget is, and pixels to one unit. Plain numbers: coordinates may be 1e−30 or 1e30."""

    x: float = 0.0
    y: float = 0.0
    zoom: float = 1.0
    width: int = 1
    height: int = 1
    fitted: bool = True
    _whole: float = 1.0  # the zoom at which all is in sight

    def fit(self, low: tuple[float, float], high: tuple[float, float]) -> None:
        """Bring a rectangle into sight, as large as there is room."""
        self.x, self.y = low[0] / 2 + high[0] / 2, low[1] / 2 + high[1] / 2
        across, up = high[0] - low[0], high[1] - low[1]
        most = max(abs(self.x), abs(self.y)) * 1e-6 or 1.0  # what a single point stands in the middle of
        room = [max(1, size) / span for size, span in ((self.width, across), (self.height, up)) if span > 0]
        self.zoom = (min(room) if room else max(1, self.width) / most) * (1 - 2 * MARGIN)
        self.fitted = True

    def fit_whole(self, low: tuple[float, float], high: tuple[float, float]) -> None:
        """The same with all there is; how far one can zoom is measured from there."""
        self.fit(low, high)
        self._whole = self.zoom

    def zoom_by(self, factor: float, at_x: float, at_y: float) -> None:
        """Zoom in, or with a factor below 1 out; the place under (at_x, at_y) in the widget stays where it is."""
        zoom = min(CLOSEST * self._whole, max(FARTHEST * self._whole, self.zoom * factor))
        right, down = at_x - self.width / 2, at_y - self.height / 2
        self.x += right / self.zoom - right / zoom
        self.y -= down / self.zoom - down / zoom
        self.zoom, self.fitted = zoom, False

    def pan(self, right: float, down: float) -> None:
        """Move what is seen by pixels."""
        self.x -= right / self.zoom
        self.y += down / self.zoom
        self.fitted = False

    def place(self, x: float, y: float) -> tuple[float, float]:
        """Where in the widget a place of the plane is."""
        return self.width / 2 + (x - self.x) * self.zoom, self.height / 2 - (y - self.y) * self.zoom

    def places(self, points: np.ndarray) -> np.ndarray:
        """Where in the widget points [n, 2] are, float64."""
        shown = np.empty((len(points), 2))
        shown[:, 0] = self.width / 2 + (points[:, 0].astype(np.float64) - self.x) * self.zoom
        shown[:, 1] = self.height / 2 - (points[:, 1].astype(np.float64) - self.y) * self.zoom
        return shown

    def plane(self, right: float, down: float) -> tuple[float, float]:
        """The place of the plane that is somewhere in the widget."""
        return self.x + (right - self.width / 2) / self.zoom, self.y + (self.height / 2 - down) / self.zoom

    def window(self, ratio: float, beyond: float = 0.0) -> Window:
        """What the widget shows, in pixels of a screen of some density; with a margin of widget pixels."""
        left, top = self.plane(-beyond, -beyond)
        width, height = self.width + 2 * beyond, self.height + 2 * beyond
        return Window(left, top, self.zoom * ratio, max(1, round(width * ratio)), max(1, round(height * ratio)))
