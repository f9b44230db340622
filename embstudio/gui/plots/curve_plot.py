"""Several curves over the tokens on a log10 scale, each labelled at its end; what is exactly nothing has a band of its
own at the bottom, since a logarithm has no place for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen, QPolygonF, QResizeEvent
from PySide6.QtWidgets import QWidget

from embstudio.gui.plots.cached_picture import CachedPicture
from embstudio.gui.plots.columns_in_sight import ColumnsInSight, WidePlot
from embstudio.gui.plots.gutter import INSET
from embstudio.gui.plots.line_style import ROOM_FOR_MARKERS, draw_marker, style_of
from embstudio.gui.plots.log_scale import mark_text, marks, range_of
from embstudio.gui.style.theme import Theme
from embstudio.stepper.gradient_curves import Curve

EDGE = 6.0  # pixels above and below the curves
SAMPLE = 22  # pixels of a curve beside its label, at text scale 1
NOTHING = "nothing"
LEAST_DECADES = 3.0  # that a plain power may go beyond the other curves


class DrawnCurve(NamedTuple):
    """A curve, the colour it has (a name in `Colours`), and the place in the list that gives its dash and marker."""

    curve: Curve
    colour: str
    style: int


class _Label(NamedTuple):
    drawn: DrawnCurve
    end: QPointF
    y: float
    cut: str = ""  # an arrow, where the curve goes on beyond the scale


class CurvePlot(WidePlot):
    """hovered(column), unhovered(), picked(column). describe(column): the text for its tooltip.

    rule: log10 of a value with a line across (1 in a plot of factors); shade: whether what is above it is shaded.
    """

    def __init__(self, theme: Theme, sight: ColumnsInSight, parent: QWidget | None = None) -> None:
        super().__init__(theme, sight, parent)
        self.drawn: tuple[DrawnCurve, ...] = ()
        self.low, self.high = -1.0, 0.0
        self.describe: Callable[[int], str] = lambda column: f"token {column + 1}"
        self.shade = False
        self._nothing = False  # whether the band at the bottom is needed
        self._last: int | None = None  # T
        self._marked: int | None = None  # the other column that is told of
        self._least = 0, 0.0  # margins on the left and on the right
        self._picture = CachedPicture()
        self._fit()

    def set_curves(self, drawn: Sequence[DrawnCurve]) -> None:
        """Take the curves; the scale goes to the smallest and largest of their values, 1 among them.

        A plain power makes it no more than twice as large, and is cut off beyond it, with an arrow at its label."""
        self.drawn = tuple(drawn)
        self._nothing = any(bool(np.isneginf(each.curve.values).any()) for each in self.drawn)
        self.low, self.high = range_of(*_ends(self.drawn))
        self._hover, self._least = None, (0, 0.0)
        self._fit()
        self.redraw()

    def set_places(self, last: int | None, marked: int | None) -> None:
        """Mark token T, and the token that the words above are about."""
        self._last, self._marked = last, marked
        if marked is not None and self.drawn:
            self.setAccessibleDescription(self.describe(marked))
        self.update()

    def restyle(self) -> None:
        """Fonts or colours changed."""
        self._fit()
        self.updateGeometry()
        self.redraw()

    def redraw(self) -> None:
        self._picture.forget()
        self.update()

    def tooltip_of(self, place: tuple[int, ...]) -> str:
        return self.describe(*place)

    def set_margins(self, gutter: int, right: float) -> None:
        """Take wider margins, to stand above another plot."""
        self._least = gutter, right
        self._fit()
        self.redraw()

    @property
    def gutter(self) -> int:
        """Pixels to the left of the columns, where the labels are."""
        return self._gutter

    def sizeHint(self) -> QSize:
        return QSize(520, round(16 * QFontMetricsF(self.theme.font("small")).height()))

    def minimumSizeHint(self) -> QSize:
        return QSize(self._gutter + 160, round(5 * QFontMetricsF(self.theme.font("small")).height()))

    # Where things are ----------------------------------------------------------------------------------------------

    def _fit(self) -> None:
        """Leave room for labels on the left and for the numbers of the scale on the right."""
        metrics = QFontMetricsF(self.theme.font("small"))
        widest = max((metrics.horizontalAdvance(each.curve.label + " ↓") for each in self.drawn), default=0.0)
        most = max(90.0, 0.3 * self.width())
        self._gutter = max(self._least[0], round(min(most, INSET + SAMPLE * self.theme.scale + 6 + widest + 10)))
        numbers = QFontMetricsF(self.theme.mono("small")).horizontalAdvance("0.0005")
        if self._nothing:
            numbers = max(numbers, metrics.horizontalAdvance(NOTHING))
        self.right = max(self._least[1], numbers + 14)

    @property
    def plot_rect(self) -> QRectF:
        """Where the curves are, without the band for nothing."""
        return QRectF(self._gutter, EDGE, self.columns.width, max(1.0, self.height() - 2 * EDGE - self._band))

    @property
    def _band(self) -> float:
        return QFontMetricsF(self.theme.font("small")).height() + 4 if self._nothing else 0.0

    def y_of(self, value: float) -> float:
        if value == -np.inf:
            return self.height() - EDGE - self._band / 2
        rect = self.plot_rect
        return rect.bottom() - rect.height() * (value - self.low) / (self.high - self.low)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()
        self.redraw()

    # Painting ------------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._picture.of(self, self.theme.colour("panel"), self._draw))
        if not self.drawn:
            return
        painter.setClipRect(QRectF(self._gutter, 0, self.columns.width, self.height()))
        for column, colour, dash, wide in (
            (self._marked, "text", Qt.PenStyle.DashLine, 1.2), (self._last, "accent", Qt.PenStyle.SolidLine, 2.0),
            (self._hover[0] if self._hover else None, "text", Qt.PenStyle.SolidLine, 1.0),
        ):  # fmt: skip
            if column is not None:
                painter.setPen(QPen(self.theme.colour(colour), wide, dash))
                x = self.centre(column)
                painter.drawLine(QPointF(x, 1), QPointF(x, self.height() - 1))
        told = self._hover[0] if self._hover else self._marked
        if told is not None:
            self._draw_rings(painter, told)
        if self.hasFocus():
            painter.setClipping(False)
            painter.setPen(QPen(self.theme.colour("accent"), 1, Qt.PenStyle.DotLine))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))

    def _draw_rings(self, painter: QPainter, column: int) -> None:
        """A ring around each value that is told."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for drawn in self.drawn:
            index = drawn.curve.index_at(column)
            if index is not None:
                painter.setPen(QPen(self.theme.colour(drawn.colour), 2))
                at = QPointF(self.centre(drawn.curve.places[index]), self.y_of(float(drawn.curve.values[index])))
                painter.drawEllipse(at, 5, 5)

    def _draw(self, painter: QPainter) -> None:
        if not self.drawn:
            return
        self._draw_scale(painter)
        painter.save()
        rect = self.plot_rect
        painter.setClipRect(QRectF(self._gutter - 4, rect.top() - 5, self.columns.width + 8, self.height()))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        labels = [label for each in self.drawn if (label := self._draw_curve(painter, each)) is not None]
        painter.restore()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._draw_labels(painter, labels)

    def _draw_scale(self, painter: QPainter) -> None:
        rect, font = self.plot_rect, self.theme.mono("small")
        metrics = QFontMetricsF(font)
        if self.shade:
            above = self.theme.colour("warning")
            above.setAlpha(22)
            painter.fillRect(QRectF(rect.left(), rect.top(), rect.width(), self.y_of(0) - rect.top()), above)
        painter.setFont(font)
        most = max(2, int(rect.height() / (2.2 * metrics.height())))
        for mark in marks(self.low, self.high, most):
            y = self.y_of(mark)
            painter.setPen(QPen(self.theme.colour("muted" if mark == 0 else "border"), 1))
            painter.drawLine(QPointF(rect.left(), y), QPointF(rect.right() + 3, y))
            painter.setPen(self.theme.colour("text" if mark == 0 else "muted"))
            painter.drawText(QPointF(rect.right() + 6, y + metrics.ascent() / 2 - 1), mark_text(mark))
        if self._nothing:
            top = self.height() - EDGE - self._band
            painter.setPen(QPen(self.theme.colour("border"), 1))
            painter.drawLine(QPointF(rect.left(), top), QPointF(rect.right(), top))
            painter.setFont(self.theme.font("small"))
            painter.setPen(self.theme.colour("muted"))
            painter.drawText(QPointF(rect.right() + 6, self.y_of(-np.inf) + metrics.ascent() / 2 - 1), NOTHING)

    def _draw_curve(self, painter: QPainter, drawn: DrawnCurve) -> _Label | None:
        """The curve as far as it is in sight; where its label goes, if anywhere."""
        curve, colour = drawn.curve, QColor(self.theme.colour(drawn.colour))
        dash, marker = style_of(drawn.style)
        start, end = self.sight.start - 1, self.sight.start + self.sight.count
        with np.errstate(invalid="ignore"):
            seen = (curve.places >= start) & (curve.places <= end) & ~np.isnan(curve.values)
        finite = seen & np.isfinite(curve.values)
        xs = self.columns.centre(0) + self.columns.pitch * (curve.places - self.sight.start)
        self._draw_nothing(painter, xs[seen & np.isneginf(curve.values)], colour)
        if not finite.any():
            return None
        x, y = xs[finite], np.array([self.y_of(value) for value in curve.values[finite].tolist()])
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.save()
        painter.setClipRect(self.plot_rect.adjusted(-4, -5, 4, 5), Qt.ClipOperation.IntersectClip)
        painter.setPen(QPen(colour, 1.3 if curve.role == "power" else 1.8, dash))
        if len(x) > 2 * self.columns.width:
            painter.setPen(QPen(colour, 1))
            painter.drawLines(_upright(x, y))
        else:
            painter.drawPolyline(QPolygonF([QPointF(*at) for at in zip(x.tolist(), y.tolist(), strict=True)]))
        if (self.columns.pitch >= ROOM_FOR_MARKERS and curve.role != "power") or len(x) == 1:
            for at in zip(x.tolist(), y.tolist(), strict=True):
                draw_marker(painter, QPointF(*at), marker, colour)
        painter.restore()
        rect = self.plot_rect
        inside = np.flatnonzero((y >= rect.top() - 1) & (y <= rect.bottom() + 1))
        if not len(inside):
            return None
        first = QPointF(float(x[inside[0]]), float(y[inside[0]]))
        cut = "" if not inside[0] else " ↓" if y[0] > rect.bottom() else " ↑"
        return _Label(drawn, first, first.y(), cut)

    def _draw_nothing(self, painter: QPainter, xs: np.ndarray, colour: QColor) -> None:
        """Where a curve is nothing: a line along the band."""
        if len(xs):
            y, half = self.y_of(-np.inf), self.columns.pitch / 2
            painter.setPen(QPen(colour, 1.2, Qt.PenStyle.DotLine))
            painter.drawLines([QLineF(x - half, y, x + half, y) for x in xs.tolist()])

    def _draw_labels(self, painter: QPainter, labels: Sequence[_Label]) -> None:
        """On the left, as near to the curves' ends as they can be without touching one another."""
        font = self.theme.font("small")
        metrics = QFontMetricsF(font)
        painter.setFont(font)
        sample = SAMPLE * self.theme.scale
        for label in _spread(labels, metrics.height(), metrics.height() / 2, self.height() - metrics.height() / 2):
            colour = self.theme.colour(label.drawn.colour)
            dash, marker = style_of(label.drawn.style)
            painter.setPen(QPen(colour, 1.8, dash))
            left = float(INSET)
            painter.drawLine(QPointF(left, label.y), QPointF(left + sample, label.y))
            if label.drawn.curve.role != "power":
                draw_marker(painter, QPointF(left + sample / 2, label.y), marker, colour)
            room = self._gutter - left - sample - 12
            text = metrics.elidedText(label.drawn.curve.label + label.cut, Qt.TextElideMode.ElideRight, room)
            painter.setPen(self.theme.colour("text"))
            base = label.y + (metrics.ascent() - metrics.descent()) / 2
            painter.drawText(QPointF(left + sample + 5, base), text)
            if label.end.x() - self._gutter < 2 * max(self.columns.pitch, 20):
                painter.setPen(QPen(colour, 0.8))
                right = left + sample + 8 + metrics.horizontalAdvance(text)
                painter.drawLine(QPointF(right, label.y), label.end)


def _ends(drawn: Sequence[DrawnCurve]) -> tuple[float, float]:
    """The smallest and the largest value that the scale has to hold."""
    none = np.zeros(1)  # 1 is always there
    models = np.concatenate([none, *(each.curve.values for each in drawn if each.curve.role != "power")])
    plain = np.concatenate([none, *(each.curve.values for each in drawn if each.curve.role == "power")])
    low, high = (float(end(models[np.isfinite(models)])) for end in (np.min, np.max))
    more = max(high - low, LEAST_DECADES)
    lowest, highest = (float(end(plain[np.isfinite(plain)])) for end in (np.min, np.max))
    return min(low, max(lowest, low - more)), max(high, min(highest, high + more))


def _upright(x: np.ndarray, y: np.ndarray) -> list[QLineF]:
    """One upright line a pixel, from the lowest to the highest value in it."""
    pixels = np.floor(x).astype(int)
    starts = np.flatnonzero(np.diff(pixels, prepend=pixels[0] - 1))
    lows, highs = np.minimum.reduceat(y, starts), np.maximum.reduceat(y, starts)
    across = (pixels[starts] + 0.5).tolist()  # a whole pixel each
    return [QLineF(at, low, at, high + 1) for at, low, high in zip(across, lows.tolist(), highs.tolist(), strict=True)]


def _spread(labels: Sequence[_Label], high: float, top: float, bottom: float) -> list[_Label]:
    """The labels in their order from above, none over another where there is room for all."""
    ordered = sorted(labels, key=lambda label: label.y)
    ys: list[float] = []
    for label in ordered:
        ys.append(max(label.y, top, ys[-1] + high if ys else top))
    limit = bottom
    for place in range(len(ys) - 1, -1, -1):
        ys[place] = min(ys[place], limit)
        limit = ys[place] - high
    return [label._replace(y=y) for label, y in zip(ordered, ys, strict=True)]
