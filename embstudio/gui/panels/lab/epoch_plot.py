"""Values as training goes on: the loss, an accuracy, by epoch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from embstudio.gui.plots.hover_plot import HoverPlot
from embstudio.gui.style.numbers import four
from embstudio.gui.style.theme import Theme


@dataclass(frozen=True)
class EpochCurve:
    """points: [n, 2], epochs in rising order and values. colour: its name in `Colours`; name "": the only curve."""

    name: str
    points: np.ndarray = field(default_factory=lambda: np.zeros((0, 2)))
    colour: str = "text"
    dash: Qt.PenStyle = Qt.PenStyle.SolidLine


@dataclass(frozen=True)
class Level:
    """A dashed line across: a value to hold the curves against, and what it is."""

    value: float
    name: str


class EpochPlot(HoverPlot):
    """Curves over epochs from 0. hovered(point of the first curve).

    what: is drawn, as the plot's heading; top: the scale's end; None: it goes as far as the values.
    """

    hovered = Signal(int)

    def __init__(self, theme: Theme, what: str, top: float | None = None, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.curves: tuple[EpochCurve, ...] = ()
        self.level: Level | None = None
        self.epochs, self.at = 1, 0.0
        self._what, self._highest = what, top
        self.setAccessibleName(f"{what[0].upper()}{what[1:]} by epoch")

    @property
    def points(self) -> np.ndarray:
        """Of the first curve."""
        return self.curves[0].points if self.curves else np.zeros((0, 2))

    def set_curves(self, curves: Sequence[EpochCurve], at: float, epochs: int, level: Level | None = None) -> None:
        """Take what is to be drawn. at: where training is now, in epochs; of so many."""
        self.curves, self.level, self.at, self.epochs = tuple(curves), level, at, max(1, epochs)
        said = [
            f"{each.name or self._what} {four(float(each.points[-1, 1]))} at epoch {each.points[-1, 0]:.1f}"
            for each in curves
            if len(each.points)
        ]
        if level is not None:
            said.append(f"{level.name}: {four(level.value)}")
        self.setAccessibleDescription("; ".join(said))
        self.update()

    def tooltip_of(self, place: tuple[int, ...]) -> str:
        at = float(self.points[place[0], 0])
        lines = [f"epoch {at:.2f}"]
        for curve in self.curves:
            if len(curve.points):
                value = float(curve.points[np.abs(curve.points[:, 0] - at).argmin(), 1])
                lines.append(f"{curve.name or self._what}: {value:.6g}")
        if self.level is not None:
            lines.append(f"{self.level.name}: {self.level.value:.6g}")
        return "\n".join(lines)

    def place_at(self, position: QPointF) -> tuple[int, ...] | None:
        rect = self._frame()
        if not len(self.points) or not rect.contains(position):
            return None
        wanted = (position.x() - rect.left()) / rect.width() * self.epochs
        return (int(np.abs(self.points[:, 0] - wanted).argmin()),)

    def sizeHint(self) -> QSize:
        return QSize(320, 180)

    def minimumSizeHint(self) -> QSize:
        return QSize(140, round(6 * QFontMetricsF(self.theme.font("small")).height()))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.theme.colour("panel"))
        painter.setFont(self.theme.font("small"))
        rect = self._frame()
        self._draw_heading(painter, rect)
        self._draw_scale(painter, rect)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.level is not None:
            painter.setPen(QPen(self.theme.colour("muted"), 1, Qt.PenStyle.DashLine))
            y = self._y(self.level.value, rect)
            painter.drawLine(QPointF(rect.left(), y), QPointF(rect.right(), y))
            painter.drawText(QPointF(rect.left() + 4, y - 3), f"{self.level.name}: {four(self.level.value)}")
        for curve in self.curves:
            self._draw(painter, curve, rect)
        painter.setPen(QPen(self.theme.colour("accent"), 1.5))
        x = self._x(self.at, rect)
        painter.drawLine(QPointF(x, rect.top()), QPointF(x, rect.bottom()))
        if self._hover is not None and self._hover[0] < len(self.points):
            at, value = self.points[self._hover[0]].tolist()
            painter.setPen(QPen(self.theme.colour("text"), 1.5))
            painter.drawEllipse(QPointF(self._x(at, rect), self._y(value, rect)), 4, 4)

    def _draw_heading(self, painter: QPainter, rect: QRectF) -> None:
        """What it is, and which line is which."""
        metrics = QFontMetricsF(self.theme.font("small"))
        x, y = rect.left(), metrics.ascent()
        painter.setPen(self.theme.colour("muted"))
        painter.drawText(QPointF(x, y), self._what)
        x += metrics.horizontalAdvance(self._what) + 14
        for curve in self.curves:
            if not curve.name:
                continue
            colour = self.theme.colour(curve.colour)
            painter.setPen(QPen(colour, 1.6, curve.dash))
            middle = metrics.height() / 2
            painter.drawLine(QPointF(x, middle), QPointF(x + 18, middle))
            painter.setPen(colour)
            painter.drawText(QPointF(x + 22, y), curve.name)
            x += 22 + metrics.horizontalAdvance(curve.name) + 14

    def _draw_scale(self, painter: QPainter, rect: QRectF) -> None:
        metrics = QFontMetricsF(self.theme.font("small"))
        for value in np.linspace(0, self._top, 3 if rect.height() < 8 * metrics.height() else 5).tolist():
            y = self._y(value, rect)
            painter.setPen(QPen(self.theme.colour("border"), 1))
            painter.drawLine(QPointF(rect.left(), y), QPointF(rect.right(), y))
            painter.setPen(self.theme.colour("muted"))
            label = QRectF(0, y - metrics.height() / 2, rect.left() - 6, metrics.height())
            painter.drawText(label, int(Qt.AlignmentFlag.AlignRight), f"{value:.3g}")
        self._draw_ends(painter, rect)

    def _draw_ends(self, painter: QPainter, rect: QRectF) -> None:
        """Where the epochs begin and end."""
        metrics = QFontMetricsF(self.theme.font("small"))
        below = rect.bottom() + metrics.height() + 2
        painter.drawText(QPointF(rect.left(), below), "0")
        end = f"{self.epochs:,} epoch" + ("s" if self.epochs > 1 else "")
        painter.drawText(QPointF(rect.right() - metrics.horizontalAdvance(end), below), end)

    def _draw(self, painter: QPainter, curve: EpochCurve, rect: QRectF) -> None:
        finite = [(at, value) for at, value in curve.points.tolist() if np.isfinite(value)]
        places = [QPointF(self._x(at, rect), self._y(value, rect)) for at, value in finite]
        painter.setPen(QPen(self.theme.colour(curve.colour), 1.6, curve.dash))
        painter.drawPolyline(QPolygonF(places))
        if len(places) == 1:
            painter.drawEllipse(places[0], 2, 2)

    @property
    def _top(self) -> float:
        if self._highest is not None:
            return self._highest
        seen = [float(each.points[:, 1][np.isfinite(each.points[:, 1])].max(initial=0.0)) for each in self.curves]
        level = self.level.value if self.level is not None else 0.0
        return max([1.15 * level, *(1.05 * each for each in seen)]) or 1.0

    def _frame(self) -> QRectF:
        metrics = QFontMetricsF(self.theme.font("small"))
        left = metrics.horizontalAdvance("0.0000") + 8
        top, bottom = metrics.height() + 6, metrics.height() + 6
        return QRectF(left, top, max(1.0, self.width() - left - 12), max(1.0, self.height() - top - bottom))

    def _x(self, at: float, rect: QRectF) -> float:
        return rect.left() + rect.width() * min(1.0, at / self.epochs)

    def _y(self, value: float, rect: QRectF) -> float:
        return rect.bottom() - rect.height() * min(1.0, value / self._top)
