"""Loss by size, text or operations, both scales logarithmic, and below it the notes' table of accuracies."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from embstudio.formulas.scaling.laws import NOTED
from embstudio.gui.panels.lab.law_curves import SIZE, LawCurve, values_at
from embstudio.gui.plots.hover_plot import HoverPlot
from embstudio.gui.style.large_numbers import short
from embstudio.gui.style.theme import Theme

_LOSSES = (1.5, 2, 3, 4, 6, 8, 12)
_ERRORS = (0.1, 0.2, 0.4)
_NOTED_SHARE = 0.3  # of the height


class LawPlot(HoverPlot):
    """hovered(point of the curves). A curve is dotted where its law was not fitted; the model is a ring, the best one
    for the same operations a diamond."""

    hovered = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.curves: tuple[LawCurve, ...] = ()
        self.axis = SIZE
        self.setObjectName("lawPlot")
        self.setAccessibleName("Loss by the published scaling laws")

    def set_curves(self, curves: Sequence[LawCurve], axis: str) -> None:
        """Take the laws over an axis."""
        self.curves, self.axis = tuple(curves), axis
        self._hover = None
        said = "; ".join(f"{curve.name}: {curve.here[1]:.3f} at {short(curve.here[0])}" for curve in self.curves)
        self.setAccessibleDescription(f"loss over {axis}: {said}")
        self.update()

    def tooltip_of(self, place: tuple[int, ...]) -> str:
        at = float(self.curves[0].x[place[0]])
        noted = ""
        if self.axis == SIZE:
            near = min(NOTED, key=lambda pair: abs(math.log10(pair[0] / at)))
            if abs(math.log10(near[0] / at)) < 0.2:
                noted = f"\nthe notes: {near[1]:.0%} right at {short(near[0])}"
        return f"{self.axis.split(' =')[0]} {short(at)}\n{values_at(self.curves, place[0])}{noted}"

    def place_at(self, position: QPointF) -> tuple[int, ...] | None:
        rect = self._frame()
        if not self.curves or not rect.adjusted(0, 0, 0, self._below(rect)).contains(position):
            return None
        share = (position.x() - rect.left()) / rect.width()
        return (min(len(self.curves[0].x) - 1, round(share * (len(self.curves[0].x) - 1))),)

    def sizeHint(self) -> QSize:
        return QSize(360, round(300 * self.theme.scale))

    def minimumSizeHint(self) -> QSize:
        return QSize(round(220 * self.theme.scale), round(230 * self.theme.scale))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.theme.colour("panel"))
        painter.setOpacity(1.0 if self.isEnabled() else 0.45)
        if not self.curves:
            return
        painter.setFont(self.theme.font("small"))
        rect = self._frame()
        self._draw_scales(painter, rect)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.save()
        painter.setClipRect(rect)
        for curve in self.curves:
            self._draw_curve(painter, rect, curve)
        painter.restore()
        for curve in self.curves:
            self._draw_here(painter, rect, curve)
        self._draw_legend(painter, rect)
        if self.axis == SIZE:
            self._draw_noted(painter, self._noted_frame(rect))
        if self._hover is not None:
            x = self._x(float(self.curves[0].x[self._hover[0]]), rect)
            painter.setPen(QPen(self.theme.colour("muted"), 1, Qt.PenStyle.DashLine))
            painter.drawLine(QPointF(x, rect.top()), QPointF(x, rect.bottom() + self._below(rect)))

    # Parts -----------------------------------------------------------------------------------------------------------

    def _draw_scales(self, painter: QPainter, rect: QRectF) -> None:
        metrics = QFontMetricsF(painter.font())
        painter.setPen(self.theme.colour("muted"))
        painter.drawText(QPointF(2, metrics.ascent()), "loss, nats a token")
        for loss in _LOSSES:
            y = self._y(loss, rect)
            if not rect.top() <= y <= rect.bottom():
                continue
            painter.setPen(QPen(self.theme.colour("border"), 1))
            painter.drawLine(QPointF(rect.left(), y), QPointF(rect.right(), y))
            painter.setPen(self.theme.colour("muted"))
            label = QRectF(0, y - metrics.height() / 2, rect.left() - 6, metrics.height())
            painter.drawText(label, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), f"{loss:g}")
        low, high = (math.log10(float(each)) for each in (self.curves[0].x[0], self.curves[0].x[-1]))
        room = max(2, int(rect.width() / (metrics.horizontalAdvance("1e27") + 16)))
        stride = max(1, math.ceil((high - low) / room))
        painter.setPen(self.theme.colour("muted"))
        bottom = rect.bottom() + self._below(rect)
        for mark in range(round(low), round(high) + 1, stride):
            x = self._x(10.0**mark, rect)
            painter.drawLine(QPointF(x, bottom), QPointF(x, bottom + 3))
            text = f"1e{mark}" if mark >= 15 else short(10.0**mark).replace(" ", "")
            half = metrics.horizontalAdvance(text) / 2
            left = min(max(x - half, 0), self.width() - 2 * half)
            painter.drawText(QPointF(left, bottom + 4 + metrics.ascent()), text)
        painter.drawText(QRectF(0, self.height() - metrics.height(), self.width() - 8, metrics.height()),
                         int(Qt.AlignmentFlag.AlignRight), self.axis)  # fmt: skip

    def _draw_curve(self, painter: QPainter, rect: QRectF, curve: LawCurve) -> None:
        colour = self.theme.colour(curve.colour)
        pairs = zip(curve.x.tolist(), curve.loss.tolist(), strict=True)
        points = [QPointF(self._x(x, rect), self._y(y, rect)) for x, y in pairs]
        edges = [0, *(np.flatnonzero(np.diff(curve.fitted.astype(int))) + 1).tolist(), len(points)]
        for start, stop in pairwise(edges):
            fitted = bool(curve.fitted[start])
            painter.setPen(QPen(colour, 2 if fitted else 1.3, Qt.PenStyle.SolidLine if fitted else Qt.PenStyle.DotLine))
            painter.drawPolyline(QPolygonF(points[start : stop + 1]))
        if curve.floor:
            painter.setPen(QPen(_faint(colour), 1, Qt.PenStyle.DashDotLine))
            y = self._y(curve.floor, rect)
            painter.drawLine(QPointF(rect.left(), y), QPointF(rect.right(), y))

    def _draw_here(self, painter: QPainter, rect: QRectF, curve: LawCurve) -> None:
        painter.setBrush(self.theme.colour("panel"))
        painter.setPen(QPen(self.theme.colour(curve.colour), 2))
        for place, is_best in ((curve.here, False), (curve.best, True)):
            if place is None:
                continue
            point = QPointF(self._x(place[0], rect), self._y(place[1], rect))
            if rect.adjusted(-1, -1, 1, 1).contains(point):
                self._mark(painter, point, is_best=is_best)
        painter.setBrush(Qt.BrushStyle.NoBrush)

    @staticmethod
    def _mark(painter: QPainter, at: QPointF, *, is_best: bool) -> None:
        if is_best:
            painter.drawPolygon(QPolygonF([at + QPointF(dx, dy) for dx, dy in ((0, -5), (5, 0), (0, 5), (-5, 0))]))
        else:
            painter.drawEllipse(at, 4, 4)

    def _draw_legend(self, painter: QPainter, rect: QRectF) -> None:
        metrics = QFontMetricsF(painter.font())
        marks = ["this model", *(["best for as many operations"] if self.curves[0].best else [])]
        names = [*(curve.name for curve in self.curves), *marks]
        wide = max(map(metrics.horizontalAdvance, names)) + 30
        left = max(rect.left() + 4, rect.right() - wide)
        around = QRectF(left - 6, rect.top() + 1, wide + 4, len(names) * metrics.height() + 4)
        painter.fillRect(around, self.theme.colour("panel"))
        for place, curve in enumerate(self.curves):
            y = rect.top() + 2 + (place + 0.5) * metrics.height()
            painter.setPen(QPen(self.theme.colour(curve.colour), 2))
            painter.drawLine(QPointF(left, y), QPointF(left + 20, y))
            painter.setPen(self.theme.colour("text"))
            painter.drawText(QPointF(left + 26, y - metrics.height() / 2 + metrics.ascent()), curve.name)
        for place, name in enumerate(marks):
            y = rect.top() + 2 + (len(self.curves) + place + 0.5) * metrics.height()
            painter.setPen(QPen(self.theme.colour("text"), 1.5))
            self._mark(painter, QPointF(left + 10, y), is_best=place == 1)
            painter.drawText(QPointF(left + 26, y - metrics.height() / 2 + metrics.ascent()), name)

    def _draw_noted(self, painter: QPainter, rect: QRectF) -> None:
        """1 − accuracy of the notes' table, over the same sizes."""
        metrics = QFontMetricsF(painter.font())
        painter.setPen(self.theme.colour("muted"))
        title = "the notes: share wrong (no task is named)"
        painter.drawText(QPointF(rect.right() - metrics.horizontalAdvance(title), rect.top() - 3), title)
        top, bottom = math.log(_ERRORS[-1]), math.log(_ERRORS[0])

        def y_of(error: float) -> float:
            return rect.top() + rect.height() * (top - math.log(error)) / (top - bottom)

        for error in _ERRORS:
            painter.setPen(QPen(self.theme.colour("border"), 1))
            painter.drawLine(QPointF(rect.left(), y_of(error)), QPointF(rect.right(), y_of(error)))
            painter.setPen(self.theme.colour("muted"))
            label = QRectF(0, y_of(error) - metrics.height() / 2, rect.left() - 6, metrics.height())
            painter.drawText(label, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), f"{error:.0%}")
        points = [QPointF(self._x(N, rect), y_of(1 - accuracy)) for N, accuracy in NOTED]
        painter.setPen(QPen(self.theme.colour("text"), 1, Qt.PenStyle.DashLine))
        painter.drawPolyline(QPolygonF(points))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.theme.colour("text"))
        for point in points:
            painter.drawRect(QRectF(point.x() - 3, point.y() - 3, 6, 6))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(self.theme.colour("text"))
        for point, (_, accuracy) in zip(points, NOTED, strict=True):
            painter.drawText(QPointF(point.x() + 6, point.y() - 3), f"{1 - accuracy:.0%}")

    # Places ----------------------------------------------------------------------------------------------------------

    def _frame(self) -> QRectF:
        metrics = QFontMetricsF(self.theme.font("small"))
        left, top = metrics.horizontalAdvance("40%") + 12, metrics.height() + 6
        high = self.height() - top - 2 * metrics.height() - 10
        if self.axis == SIZE:
            high *= 1 - _NOTED_SHARE
        return QRectF(left, top, max(1.0, self.width() - left - 14), max(1.0, high))

    def _noted_frame(self, rect: QRectF) -> QRectF:
        line = QFontMetricsF(self.theme.font("small")).height()
        return QRectF(rect.left(), rect.bottom() + line + 10, rect.width(), max(1.0, self._below(rect) - line - 10))

    def _below(self, rect: QRectF) -> float:
        """Room under the losses for the notes' table."""
        return rect.height() * _NOTED_SHARE / (1 - _NOTED_SHARE) if self.axis == SIZE else 0.0

    def _x(self, value: float, rect: QRectF) -> float:
        low, high = (math.log10(float(each)) for each in (self.curves[0].x[0], self.curves[0].x[-1]))
        return rect.left() + rect.width() * (math.log10(max(value, 1e-9)) - low) / (high - low)

    def _y(self, loss: float, rect: QRectF) -> float:
        low, high = math.log(_LOSSES[0]), math.log(_LOSSES[-1])
        return rect.bottom() - rect.height() * (math.log(max(loss, 1e-9)) - low) / (high - low)


def _faint(colour: QColor) -> QColor:
    found = QColor(colour)
    found.setAlpha(150)
    return found
