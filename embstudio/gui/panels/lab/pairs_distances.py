"""The distances of all pairs, SAME above and DIFFERENT below, with the threshold: one sees both groups part."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from embstudio.gui.panels.lab.pairs_histogram import Histogram
from embstudio.gui.plots.hover_plot import HoverPlot
from embstudio.gui.style.numbers import four
from embstudio.gui.style.theme import Theme
from embstudio.lab.pairs.items import Items
from embstudio.lab.pairs.pair_list import DIFFERENT, LABELS, SAME

_GAP = 8.0
DOT, SAME_BAR, DIFFERENT_BAR = range(3)
_MOST_DOTS = 600  # more pairs are counted


class PairsDistances(HoverPlot):
    """A dot for each pair: full where it is learnt from, a ring where it is held out; a wrong one has a cross. Dots of
    like distances are stacked. More than 600 pairs are bars: how many there are at each distance.

    hovered(pair, DOT), or, of a bar, hovered(step, SAME_BAR or DIFFERENT_BAR)."""

    hovered = Signal(int, int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.distances = np.zeros(0)
        self.same = self.held = np.zeros(0, bool)
        self.items: Items | None = None
        self.threshold, self.cosine = 1.0, False
        self.margin: float | None = None
        self.current: tuple[int, ...] = ()
        self._top = 1.0
        self._bars: Histogram | None = None
        self.setObjectName("labDistances")
        self.setAccessibleName("Distances of all pairs")

    def set_pairs(self, distances: np.ndarray, items: Items, held: np.ndarray) -> None:
        """Take a distance for each pair [pairs], what it is of, and whether it is held out."""
        same = items.same
        self.distances, self.same, self.held, self.items = distances, same, held, items
        self._bars = None
        reach = max(float(distances.max(initial=0.0)), self.threshold, self.margin or 0.0)
        # The scale grows at once and shrinks late, or dots would seem to stand and the threshold to move.
        if reach > self._top or reach < 0.4 * self._top:
            self._top = 1.15 * reach
        right = (distances <= self.threshold) == same
        said = []
        for label, which in ((SAME, same), (DIFFERENT, ~same)):
            if which.any():
                within = f"{int(right[which].sum()):,} of {int(which.sum()):,} right"
                said.append(
                    f"{label}: {four(float(distances[which].min()))} to {four(float(distances[which].max()))}, {within}"
                )
        self.setAccessibleDescription(f"threshold {four(self.threshold)}; {'; '.join(said)}")
        self.update()

    def forget(self) -> None:
        """Show nothing."""
        self.distances = np.zeros(0)
        self.same = self.held = np.zeros(0, bool)
        self.current = ()
        self.update()

    def set_lines(self, threshold: float, margin: float | None, *, cosine: bool) -> None:
        """Where the threshold is, and the margin if it is a distance; before `set_pairs`."""
        if cosine != self.cosine:
            self._top = 1.0
        self.threshold, self.margin, self.cosine = threshold, margin, cosine

    def set_current(self, pairs: tuple[int, ...]) -> None:
        """The pairs of the last step, or of the next."""
        self.current = pairs
        self.update()

    def tooltip_of(self, place: tuple[int, ...]) -> str:
        pair, kind = place
        if kind != DOT:
            return self._tooltip_of_bar(kind - SAME_BAR, pair)
        distance, same = float(self.distances[pair]), bool(self.same[pair])
        verdict = distance <= self.threshold
        sign = "≤" if verdict else ">"
        assert self.items is not None
        left, right = (self.items.names[item] for item in self.items.ends[pair].tolist())
        what = "1 − cos" if self.cosine else "distance"
        return (
            f"{left} / {right}\n{what} {distance:.6g} {sign} {four(self.threshold)}: "
            f"{LABELS[not verdict]}; the label is {LABELS[not same]}: {'right' if verdict == same else 'wrong'}\n"
            f"{'held out' if self.held[pair] else 'learnt from'}"
        )

    def place_at(self, position: QPointF) -> tuple[int, ...] | None:
        if not len(self.distances):
            return None
        if self._counted:
            rect, histogram = self._frame(), self._histogram()
            step = int(np.searchsorted(histogram.edges, self._value(position.x(), rect), side="left")) - 1
            inside = rect.contains(position) and 0 <= step < len(histogram.edges) - 1
            lane = DIFFERENT_BAR if position.y() > rect.center().y() else SAME_BAR
            return (step, lane) if inside else None
        places = self._places()
        away = np.hypot(places[:, 0] - position.x(), places[:, 1] - position.y())
        nearest = int(away.argmin())
        return (nearest, DOT) if away[nearest] <= 10 else None

    def sizeHint(self) -> QSize:
        return QSize(320, round(12 * self._line))

    def minimumSizeHint(self) -> QSize:
        return QSize(160, round(9 * self._line))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.theme.colour("panel"))
        painter.setFont(self.theme.font("small"))
        rect = self._frame()
        self._draw_frame(painter, rect)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._counted:
            self._draw_bars(painter, rect)
        elif len(self.distances):
            places = self._places()
            right = (self.distances <= self.threshold) == self.same
            for pair, (x, y) in enumerate(places.tolist()):
                self._draw_dot(painter, QPointF(x, y), right=bool(right[pair]), held=bool(self.held[pair]))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            for pair in self.current:
                if pair < len(places):
                    painter.setPen(QPen(self.theme.colour("accent"), 2))
                    painter.drawEllipse(QPointF(*places[pair].tolist()), 2.2 * self._radius, 2.2 * self._radius)
            if self._hover is not None and self._hover[0] < len(places):
                painter.setPen(QPen(self.theme.colour("text"), 1.5))
                painter.drawEllipse(QPointF(*places[self._hover[0]].tolist()), 1.8 * self._radius, 1.8 * self._radius)

    def _draw_frame(self, painter: QPainter, rect: QRectF) -> None:
        """The lanes with their names, the scale, the threshold and the margin."""
        text, muted, border = (self.theme.colour(name) for name in ("text", "muted", "border"))
        metrics = QFontMetricsF(self.theme.font("small"))
        middle = rect.center().y()
        painter.setPen(QPen(border, 1))
        for y in (middle, rect.bottom()):
            painter.drawLine(QPointF(rect.left(), y), QPointF(rect.right(), y))
        painter.setPen(muted)
        for name, top in ((SAME, rect.top()), (DIFFERENT, middle)):
            painter.drawText(
                QRectF(0, top, rect.left() - _GAP, rect.height() / 2), int(Qt.AlignmentFlag.AlignVCenter), name
            )
        below = rect.bottom() + metrics.ascent() + 3
        painter.drawText(QPointF(rect.left(), below), "0")
        end = f"{'1 − cos' if self.cosine else 'distance'} {four(self._top)}"
        painter.drawText(QPointF(rect.right() - metrics.horizontalAdvance(end), below), end)
        drawn = [(self.threshold, f"threshold {four(self.threshold)}", QPen(text, 1.5))]
        if self.margin is not None and self.margin != self.threshold:
            drawn.append((self.margin, f"margin {four(self.margin)}", QPen(muted, 1, Qt.PenStyle.DashLine)))
        ends: list[tuple[float, float]] = []
        for value, name, pen in drawn:
            x, width = self._x(value, rect), metrics.horizontalAdvance(name)
            painter.setPen(pen)
            painter.drawLine(QPointF(x, rect.top()), QPointF(x, rect.bottom()))
            at = min(max(0.0, x - width / 2), self.width() - width)
            clash = next((end for start, end in ends if at < end + 8 and at + width + 8 > start), None)
            row = 0 if clash is None else 1
            ends.append((at, at + width))
            painter.drawText(QPointF(at, metrics.ascent() + row * metrics.height()), name)

    def _draw_dot(self, painter: QPainter, place: QPointF, *, right: bool, held: bool) -> None:
        radius, colour = self._radius, self.theme.colour("text" if right else "error")
        painter.setPen(QPen(colour, 1.4))
        painter.setBrush(Qt.BrushStyle.NoBrush if held else colour)
        painter.drawEllipse(place, radius, radius)
        if not right:
            arm = 1.9 * radius
            painter.drawLine(place - QPointF(arm, arm), place + QPointF(arm, arm))
            painter.drawLine(place - QPointF(arm, -arm), place + QPointF(arm, -arm))

    @property
    def _counted(self) -> bool:
        return len(self.distances) > _MOST_DOTS

    def _histogram(self) -> Histogram:
        if self._bars is None:
            self._bars = Histogram.of(self.distances, self.same, self.held, self.threshold, self._top)
        return self._bars

    def _draw_bars(self, painter: QPainter, rect: QRectF) -> None:
        """Filled: learnt from; above it an outline: held out."""
        histogram = self._histogram()
        lane = rect.height() / 2
        high = (lane - 6) / histogram.most
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        for same, bottom, rows in zip((True, False), (rect.center().y(), rect.bottom()), histogram.counts, strict=True):
            for step, (learnt, held) in enumerate(rows.tolist()):
                left, right = self._x(histogram.edges[step], rect), self._x(histogram.edges[step + 1], rect)
                as_same = histogram.edges[step + 1] <= self.threshold * (1 + 1e-9)
                colour = self.theme.colour("text" if as_same == same else "error")
                width = max(1.0, right - left - 2)
                painter.fillRect(QRectF(left + 1, bottom - high * learnt, width, high * learnt), colour)
                if held:
                    painter.setPen(QPen(colour, 1))
                    painter.setBrush(Qt.BrushStyle.NoBrush)
                    painter.drawRect(QRectF(left + 1, bottom - high * (learnt + held), width - 1, high * held))

    def _tooltip_of_bar(self, lane: int, step: int) -> str:
        histogram = self._histogram()
        learnt, held = histogram.counts[lane, step].tolist()
        low, high = histogram.edges[step : step + 2].tolist()
        return f"{LABELS[lane]}, {low:.4g} to {high:.4g}: {learnt:,} pairs learnt from, {held:,} held out"

    def _places(self) -> np.ndarray:
        """Where each dot is, [pairs, 2]: in the middle of its lane, and off it where others are there already."""
        rect = self._frame()
        x = rect.left() + rect.width() * np.minimum(1.0, self.distances / self._top)
        lane = rect.height() / 2
        middle = np.where(self.same, rect.top() + lane / 2, rect.center().y() + lane / 2)
        bins = (x / (2.5 * self._radius)).astype(int) * 2 + self.same
        off = np.zeros(len(x))
        for each in np.unique(bins):
            stack = np.flatnonzero(bins == each)
            # The order in a stack stays as long as the stack does.
            level = np.arange(len(stack)) - (len(stack) - 1) / 2
            step = min(2.5 * self._radius, (lane - 4 * self._radius) / max(1, len(stack)))
            off[stack] = step * level
        return np.stack([x, middle + off], axis=1)

    @property
    def _line(self) -> float:
        return QFontMetricsF(self.theme.font("small")).height()

    @property
    def _radius(self) -> float:
        return 3.5 * self.theme.scale

    def _frame(self) -> QRectF:
        metrics = QFontMetricsF(self.theme.font("small"))
        left = metrics.horizontalAdvance(DIFFERENT) + _GAP
        top, bottom = 2 * metrics.height() + 2, metrics.height() + 6
        return QRectF(left, top, max(1.0, self.width() - left - 12), max(1.0, self.height() - top - bottom))

    def _value(self, x: float, rect: QRectF) -> float:
        return (x - rect.left()) / rect.width() * self._top

    def _x(self, value: float, rect: QRectF) -> float:
        return rect.left() + rect.width() * min(1.0, value / self._top)
