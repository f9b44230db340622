"""The values of all tokens in one small strip: a line, or a tick where a condition holds."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from embstudio.stepper.watch.series import Series

DOTS = 40  # up to so many tokens each has its dot


def token_at(rect: QRectF, x: float, tokens: int) -> int:
    """The token whose part of the strip is at x."""
    if rect.width() <= 0 or not tokens:
        return 0
    return max(0, min(tokens - 1, int((x - rect.left()) / rect.width() * tokens)))


def middle_of(rect: QRectF, token: int, tokens: int) -> float:
    """Where a token is on the strip."""
    return rect.left() + (token + 0.5) * rect.width() / max(1, tokens)


def paint_cursor(painter: QPainter, rect: QRectF, token: int, tokens: int, colour: QColor) -> None:
    """The line that marks the current token."""
    x = middle_of(rect, token, tokens)
    painter.setPen(QPen(colour, 1.5))
    painter.drawLine(QLineF(x, rect.top(), x, rect.bottom()))


def paint_ticks(painter: QPainter, rect: QRectF, places: tuple[int, ...], tokens: int, colour: QColor) -> None:
    """A tick for each place where a condition holds, at least a pixel wide."""
    width = max(2.0, min(6.0, rect.width() / max(1, tokens) - 1))
    painter.setPen(colour)
    painter.setOpacity(0.35)
    painter.drawLine(QLineF(rect.left(), rect.center().y(), rect.right(), rect.center().y()))
    painter.setOpacity(1.0)
    last = -9.0
    for place in places:
        x = middle_of(rect, place, tokens)
        if x - last >= 0.5:  # of thousands of tokens several share a pixel
            painter.fillRect(QRectF(x - width / 2, rect.top() + 1, width, rect.height() - 2), colour)
            last = x


def paint_line(painter: QPainter, rect: QRectF, series: Series, colours: tuple[QColor, QColor]) -> None:
    """The values as a line, broken where there are none; a fine line at 0 where that is in between.

    colours: of the line and of the one at 0.
    """
    low, high = range_of(series)
    if np.isnan(low):
        return
    room = rect.adjusted(0, 2, 0, -2)
    line, zero = colours
    span = high - low
    if low < 0 < high:
        painter.setPen(QPen(zero, 1))
        y = room.bottom() - (0 - low) / span * room.height()
        painter.drawLine(QLineF(room.left(), y, room.right(), y))
    painter.setPen(QPen(line, 1.4))
    painter.setBrush(line)
    for points in _polygons(room, series, low, span):
        if len(points) > 1:
            painter.drawPolyline(QPolygonF(points))
        if len(points) == 1 or len(series) <= DOTS:
            for point in points:
                painter.drawEllipse(point, 1.6, 1.6)


def range_of(series: Series) -> tuple[float, float]:
    """The smallest and largest finite value; NaN where there is none."""
    values = series.values[series.known]
    values = values[np.isfinite(values)]
    if not values.size:
        return np.nan, np.nan
    return float(values.min()), float(values.max())


def _polygons(room: QRectF, series: Series, low: float, span: float) -> list[list[QPointF]]:
    """One list of points for each run of values; of many to a pixel the smallest and the largest."""
    values, known = series.values, series.known & np.isfinite(series.values)
    tokens = len(values)
    step = max(1, int(tokens / max(1.0, room.width())))
    runs: list[list[QPointF]] = [[]]
    for start in range(0, tokens, step):
        some = known[start : start + step]
        if not some.any():
            if runs[-1]:
                runs.append([])
            continue
        part = values[start : start + step][some]
        x = middle_of(room, start + (step - 1) // 2, tokens)
        for value in (part[0],) if step == 1 else (part.min(), part.max()):
            share = (float(value) - low) / span if span else 0.5
            runs[-1].append(QPointF(x, room.bottom() - share * room.height()))
    return [run for run in runs if run]
