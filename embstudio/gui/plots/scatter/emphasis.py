"""Points that stand out: the current one, marked ones, its neighbours; and lines between pairs."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from embstudio.gui.plots.scatter.plane_view import PlaneView
from embstudio.gui.plots.scatter.point_set import PointSet
from embstudio.gui.style.theme import Theme

MOST_LINES = 2_000  # drawn at once
_HEAD = 7.0  # pixels of an arrow's head
_STRONG_HEAD = 12.0
_CLEAR = 7.0  # pixels from a point


@dataclass(frozen=True)
class Emphasis:
    """Rows of points: a disc in the accent, squares, and rings tied to the disc. Shapes beside colours."""

    current: int | None = None
    marked: tuple[int, ...] = ()
    near: tuple[int, ...] = ()

    @property
    def rows(self) -> list[int]:
        """All of them, the most important first, none twice."""
        first = [] if self.current is None else [self.current]
        return list(dict.fromkeys((*first, *self.marked, *self.near)))


@dataclass(frozen=True)
class Lines:
    """From places [m, dimensions] to places [m, dimensions] of the plot. arrows: the ends are where it goes. strong: a
    few that the picture is about; their ends are points, and heads stand clear of them."""

    starts: np.ndarray = field(default_factory=lambda: np.zeros((0, 2)))
    ends: np.ndarray = field(default_factory=lambda: np.zeros((0, 2)))
    arrows: bool = False
    strong: bool = False

    def __post_init__(self) -> None:
        if self.starts.shape != self.ends.shape or self.starts.ndim != 2:
            raise ValueError(f"lines from {self.starts.shape} to {self.ends.shape}")

    def __len__(self) -> int:
        return len(self.starts)


def between(points: np.ndarray, pairs: np.ndarray, *, arrows: bool = False) -> Lines:
    """Lines between points [n, dimensions] by pairs of their rows [m, 2]."""
    pairs = np.asarray(pairs, dtype=np.intp).reshape(-1, 2)
    return Lines(points[pairs[:, 0]], points[pairs[:, 1]], arrows)


def paint_lines(painter: QPainter, theme: Theme, lines: Lines, points: PointSet, view: PlaneView) -> int:
    """Draw those that can be in sight, 2,000 at most, evenly chosen; returns how many there would be."""
    if not len(lines):
        return 0
    starts, ends = view.places(points.flat_of(lines.starts)), view.places(points.flat_of(lines.ends))
    low, high = np.minimum(starts, ends), np.maximum(starts, ends)
    seen = np.flatnonzero(
        np.isfinite(low).all(axis=1)
        & (high >= 0).all(axis=1)
        & (low[:, 0] <= view.width)
        & (low[:, 1] <= view.height)
        & (np.abs(high - low) < 1e6).all(axis=1)
    )
    drawn = seen[np.linspace(0, len(seen) - 1, MOST_LINES).astype(int)] if len(seen) > MOST_LINES else seen
    colour = QColor(theme.colour("text"))
    if not lines.strong:
        colour.setAlpha(110 if len(drawn) < 300 else 60)
    painter.setPen(QPen(colour, 2.5 if lines.strong else 1))
    painter.setBrush(colour)
    ways = [QLineF(*way) for way in np.concatenate([starts, ends], axis=1)[drawn].tolist()]
    if lines.strong:
        for way in ways:
            way.setLength(max(0.5 * way.length(), way.length() - _CLEAR * theme.scale))
    painter.drawLines(ways)
    if lines.arrows:
        painter.setPen(Qt.PenStyle.NoPen)
        for way in ways:
            _paint_head(painter, way, (_STRONG_HEAD if lines.strong else _HEAD) * theme.scale)
    return len(seen)


def _paint_head(painter: QPainter, way: QLineF, size: float) -> None:
    length = way.length()
    if length < 2:
        return
    size = min(size, length)
    along = QPointF(way.dx(), way.dy()) / length
    across = QPointF(-along.y(), along.x()) * (0.4 * size)
    base = way.p2() - along * size
    painter.drawPolygon(QPolygonF([way.p2(), base + across, base - across]))


def paint_emphasis(painter: QPainter, theme: Theme, emphasis: Emphasis, points: PointSet, view: PlaneView) -> None:
    """Neighbours as rings with a dashed line from the current point, marked ones as squares, the current as a disc."""
    rows = emphasis.rows
    if not rows:
        return
    places = view.places(points.flat(np.array(rows)))
    at = {
        row: QPointF(x, y)
        for row, (x, y) in zip(rows, places.tolist(), strict=True)
        if np.isfinite(x) and np.isfinite(y) and max(abs(x), abs(y)) < 1e6
    }
    text, ground, size = theme.colour("text"), theme.colour("panel"), theme.scale
    here = at.get(emphasis.current) if emphasis.current is not None else None
    if here is not None:
        line = QColor(text)
        line.setAlpha(110)
        painter.setPen(QPen(line, 1, Qt.PenStyle.DashLine))
        for row in emphasis.near:
            if row in at:
                painter.drawLine(here, at[row])
    # Rings and squares have a rim in the ground's colour: they must be seen in the densest crowd too.
    painter.setBrush(ground)
    for row in emphasis.near:
        if row in at:
            painter.setPen(QPen(ground, 4.0))
            painter.drawEllipse(at[row], 3.5 * size, 3.5 * size)
            painter.setPen(QPen(text, 1.5))
            painter.drawEllipse(at[row], 3.5 * size, 3.5 * size)
    painter.setBrush(text)
    painter.setPen(QPen(ground, 1.5))
    for row in emphasis.marked:
        if row in at:
            painter.drawRect(QRectF(at[row].x() - 3.5 * size, at[row].y() - 3.5 * size, 7 * size, 7 * size))
    if here is not None:
        painter.setBrush(theme.colour("accent"))
        painter.setPen(QPen(ground, 1.5))
        painter.drawEllipse(here, 6 * size, 6 * size)
