"""Values by distance back from the end: gradients on a log scale, or shares of right answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from embstudio.gui.panels.lab.recurrent_words import short
from embstudio.gui.plots.hover_plot import HoverPlot
from embstudio.gui.plots.line_style import draw_marker, style_of
from embstudio.gui.plots.log_scale import mark_text, marks, range_of
from embstudio.gui.style.numbers import percent
from embstudio.gui.style.theme import Theme

_SAMPLE = 20.0  # pixels of a line beside its name
_ROOM_FOR_MARKERS = 9.0  # pixels a step


@dataclass(frozen=True)
class DistanceCurve:
    """places: [n] distances; values: [n]. style: place in the list of dashes and markers. faint: of before training;
    it has the dash and colour of the one it belongs to, and no name in the heading."""

    name: str
    places: np.ndarray
    values: np.ndarray
    colour: str
    style: int
    faint: bool = False


class DistancePlot(HoverPlot):
    """hovered(distance). gradients: on a log scale, the last symbol on the right, as in a text; else shares
    from 0 to 1 over distances that grow to the right, with a line where a blind guess is."""

    hovered = Signal(int)

    def __init__(self, theme: Theme, what: str, empty: str, ends: tuple[str, str], *, gradients: bool,
                 parent: QWidget | None = None) -> None:  # fmt: skip
        """what: is drawn, as its heading, "" for none; empty: said while there is nothing.
        ends: what stands below, on the left and on the right; {n}: the largest distance."""
        super().__init__(theme, parent)
        self.curves: tuple[DistanceCurve, ...] = ()
        self._what, self._empty, self._ends, self._gradients = what, empty, ends, gradients
        self.most, self.blind = 1, 0.0
        self.low, self.high = (-3.0, 0.0) if gradients else (0.0, 1.0)
        self._nothing = False  # whether a line is exactly 0 somewhere
        self.setAccessibleName(what or empty)

    def set_curves(self, curves: Sequence[DistanceCurve], most: int, blind: float = 0.0) -> None:
        """Take what is to be drawn, over distances from 0 to `most`."""
        self.curves, self.most, self.blind = tuple(curves), max(1, most), blind
        if self._gradients:
            every = np.concatenate([np.zeros(0), *(each.values for each in curves)])
            self._nothing = bool((every == 0).any())
            seen = np.log10(every[(every > 0) & np.isfinite(every)])
            self.low, self.high = range_of(*(seen.min(), seen.max())) if len(seen) else (-3.0, 0.0)
        self.setAccessibleDescription("; ".join(
            f"{each.name} {self._text(float(each.values[-1]))} at {int(each.places[-1])}" for each in curves
            if len(each.values) and not each.faint
        ))  # fmt: skip
        self.update()

    def tooltip_of(self, place: tuple[int, ...]) -> str:
        lines = [f"{place[0]} step{'' if place[0] == 1 else 's'}{' back' if self._gradients else ''}"]
        lines += [
            f"{each.name}: {self._text(value)}" for each in self.curves if (value := _at(each, place[0])) is not None
        ]
        return "\n".join(lines)

    def place_at(self, position: QPointF) -> tuple[int, ...] | None:
        rect = self._frame()
        if not self.curves or not rect.adjusted(-6, 0, 6, 0).contains(position):
            return None
        wanted = (position.x() - rect.left()) / rect.width() * self.most
        wanted = self.most - wanted if self._gradients else wanted
        places = np.concatenate([each.places for each in self.curves])
        return (int(places[np.abs(places - wanted).argmin()]),)

    def sizeHint(self) -> QSize:
        return QSize(360, round(14 * self._metrics.height()))

    def minimumSizeHint(self) -> QSize:
        return QSize(150, round(7 * self._metrics.height()))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.theme.colour("panel"))
        painter.setFont(self.theme.font("small"))
        rect = self._frame()
        if not self.curves:
            painter.setPen(self.theme.colour("muted"))
            painter.drawText(QRectF(self.rect()).adjusted(8, 8, -8, -8),
                             int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap), self._empty)  # fmt: skip
            return
        self._draw_heading(painter, rect)
        self._draw_scale(painter, rect)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for curve in sorted(self.curves, key=lambda each: not each.faint):
            self._draw(painter, curve, rect)
        if self._hover is not None:
            painter.setPen(QPen(self.theme.colour("text"), 1))
            x = self._x(self._hover[0], rect)
            painter.drawLine(QPointF(x, rect.top()), QPointF(x, rect.bottom()))

    @property
    def _metrics(self) -> QFontMetricsF:
        return QFontMetricsF(self.theme.font("small"))

    def _draw_heading(self, painter: QPainter, rect: QRectF) -> None:
        """What it is, and under it which line is which."""
        metrics, left = self._metrics, rect.left()
        x, y = left, 0.0
        if self._what:
            painter.setPen(self.theme.colour("muted"))
            title = metrics.elidedText(self._what, Qt.TextElideMode.ElideRight, self.width() - left - 4)
            painter.drawText(QPointF(left, metrics.ascent()), title)
            y = metrics.height() + 2
        middle, base = y + metrics.height() / 2, y + metrics.ascent()
        named = [(each.name, self.theme.colour(each.colour), each.style, 1.8) for each in self.curves if not each.faint]
        if any(each.faint for each in self.curves):
            named.append(("before training", self.theme.colour("muted"), 2, 1.0))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for name, colour, style, wide in named:
            dash, marker = style_of(style)
            painter.setPen(QPen(colour, wide, dash))
            painter.drawLine(QPointF(x, middle), QPointF(x + _SAMPLE, middle))
            if wide > 1:
                draw_marker(painter, QPointF(x + _SAMPLE / 2, middle), marker, colour)
            painter.setPen(self.theme.colour("text"))
            painter.drawText(QPointF(x + _SAMPLE + 4, base), name)
            x += _SAMPLE + 4 + metrics.horizontalAdvance(name) + 12
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)

    def _draw_scale(self, painter: QPainter, rect: QRectF) -> None:
        metrics = self._metrics
        most = max(2, int(rect.height() / (2.0 * metrics.height())))
        lines = marks(self.low, self.high, most) if self._gradients else [0.0, 0.25, 0.5, 0.75, 1.0][:: 1 + (most < 5)]
        for value in lines:
            y = self._y_of(value, rect)
            one = self._gradients and value == 0
            painter.setPen(QPen(self.theme.colour("muted" if one else "border"), 1))
            painter.drawLine(QPointF(rect.left(), y), QPointF(rect.right(), y))
            painter.setPen(self.theme.colour("text" if one else "muted"))
            text = mark_text(value) if self._gradients else f"{value:.0%}"
            label = QRectF(0, y - metrics.height() / 2, rect.left() - 6, metrics.height())
            painter.drawText(label, int(Qt.AlignmentFlag.AlignRight), text)
        if self.blind and not self._gradients:
            painter.setPen(QPen(self.theme.colour("muted"), 1, Qt.PenStyle.DashLine))
            y = self._y_of(self.blind, rect)
            painter.drawLine(QPointF(rect.left(), y), QPointF(rect.right(), y))
            painter.drawText(QPointF(rect.left() + 4, y - 3), f"blind guess: {percent(self.blind)}")
        painter.setPen(self.theme.colour("muted"))
        below = rect.bottom() + metrics.height() + 2
        first, last = (end.format(n=self.most) for end in self._ends)
        painter.drawText(QPointF(rect.left(), below), first)
        painter.drawText(QPointF(rect.right() - metrics.horizontalAdvance(last), below), last)

    def _draw(self, painter: QPainter, curve: DistanceCurve, rect: QRectF) -> None:
        dash, marker = style_of(curve.style)
        colour = QColor(self.theme.colour(curve.colour))
        if curve.faint:
            colour.setAlpha(150)
        places = [QPointF(self._x(at, rect), self._y(value, rect))
                  for at, value in zip(curve.places.tolist(), curve.values.tolist(), strict=True)
                  if np.isfinite(value)]  # fmt: skip
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(colour, 1.0, Qt.PenStyle.DotLine) if curve.faint else QPen(colour, 1.8, dash))
        painter.drawPolyline(QPolygonF(places))
        if curve.faint or rect.width() / max(1, len(places)) < _ROOM_FOR_MARKERS:
            return
        for place in places:
            draw_marker(painter, place, marker, colour)

    def _frame(self) -> QRectF:
        metrics = self._metrics
        left = metrics.horizontalAdvance("1e−10") + 10
        top, bottom = (2 if self._what else 1) * metrics.height() + 10, metrics.height() + 8
        return QRectF(left, top, max(1.0, self.width() - left - 14), max(1.0, self.height() - top - bottom))

    def _x(self, at: float, rect: QRectF) -> float:
        share = at / self.most
        return rect.left() + rect.width() * (1 - share if self._gradients else share)

    def _y(self, value: float, rect: QRectF) -> float:
        if not self._gradients:
            return self._y_of(value, rect)
        return self._y_of(float(np.log10(value)), rect) if value > 0 else rect.bottom()

    def _y_of(self, value: float, rect: QRectF) -> float:
        return rect.bottom() - rect.height() * (value - self.low) / (self.high - self.low)

    def _text(self, value: float) -> str:
        if not self._gradients:
            return percent(value)
        return "nothing" if value == 0 else short(value)


def _at(curve: DistanceCurve, place: int) -> float | None:
    """The value at a distance, where there is one."""
    found = np.flatnonzero(curve.places == place)
    return float(curve.values[found[0]]) if len(found) else None
