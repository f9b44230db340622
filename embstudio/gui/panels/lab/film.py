"""What an animation of a training is painted from: any bench with a map gives one of these."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter

from embstudio.gui.plots.scatter.emphasis import Emphasis
from embstudio.gui.plots.scatter.figure import Figure
from embstudio.gui.plots.scatter.plane_view import PlaneView
from embstudio.gui.plots.scatter.point_set import PointSet
from embstudio.gui.style.numbers import percent
from embstudio.gui.style.theme import Theme
from embstudio.lab.bench import State
from embstudio.lab.gliding import GlidingPlane

_AROUND = 8.0  # pixels


class Film(Protocol):
    """Pictures by epoch. Painted on a thread of its own, in rising order, so it touches no widget."""

    @property
    def epochs(self) -> tuple[int, int]:
        """The first and the last that there is a picture of."""
        ...

    def paint(self, painter: QPainter, width: int, height: int, epoch: int) -> None:
        """Paint all of a picture. Raises StudioError."""
        ...


class MapFilm:
    """Vectors on the plane of their first two principal components, turned so that points glide.

    recall(epoch): what was kept of it. vectors(state): [points, width], the same points each time, by `names`.
    told(epoch): what stands beside the epoch, such as its loss. The colours are those of the theme as it is now.
    """

    def __init__(
        self,
        theme: Theme,
        epochs: tuple[int, int],
        recall: Callable[[int], State],
        vectors: Callable[[State], np.ndarray],
        names: Sequence[str],
        told: Callable[[int], str],
        emphasis: Emphasis,
    ) -> None:
        self.epochs = epochs
        self._recall, self._vectors, self._told = recall, vectors, told
        self._theme = copy.copy(theme)
        self._figure = Figure(self._theme)
        self._figure.names, self._figure.emphasis = tuple(names), emphasis
        self._plane = GlidingPlane()

    def paint(self, painter: QPainter, width: int, height: int, epoch: int) -> None:
        if epoch == self.epochs[0]:
            self._plane = GlidingPlane()
        plane = self._plane.of(self._vectors(self._recall(epoch)))
        theme, figure = self._theme, self._figure
        painter.fillRect(0, 0, width, height, theme.colour("panel"))
        top = self._write(painter, width, epoch)
        bottom = QFontMetricsF(theme.font("small")).height() + 2
        painter.save()
        painter.translate(0, top)
        view = PlaneView(width=width, height=max(1, round(height - top - bottom)))
        figure.points = PointSet(plane.points)
        figure.axes = tuple(f"axis {number} · {percent(share)}" for number, share in enumerate(plane.explained, 1))
        figure.forget_points()
        view.fit_whole(*figure.bounds)
        figure.paint(painter, view, 1.0)
        painter.restore()
        painter.setFont(theme.font("small"))
        painter.setPen(theme.colour("muted"))
        held = percent(float(plane.explained.sum()))
        line = QRectF(_AROUND, height - bottom, width - 2 * _AROUND, bottom)
        painter.drawText(line, Qt.AlignmentFlag.AlignLeft, f"PCA, {len(plane.points):,} points: {held} of the variance")

    def _write(self, painter: QPainter, width: int, epoch: int) -> float:
        """The epoch and what is told of it; how high that is."""
        theme = self._theme
        high = QFontMetricsF(theme.font("large", bold=True)).height() + 4
        line = QRectF(_AROUND, 2, width - 2 * _AROUND, high)
        painter.setFont(theme.font("large", bold=True))
        painter.setPen(theme.colour("text"))
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, f"epoch {epoch:,}")
        painter.setFont(theme.font("large"))
        painter.setPen(theme.colour("muted"))
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, self._told(epoch))
        return high + 2
