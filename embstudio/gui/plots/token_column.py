"""A column of tokens that shows as many as fit, the important ones first."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter

from embstudio.gui.plots.columns import Columns
from embstudio.gui.plots.pill import paint_pill
from embstudio.gui.style.theme import Theme


def choose(sight: range, rows: Columns, line: float, first: Sequence[int]) -> tuple[list[int], list[int]]:
    """Which of `first`, in their order, and which of the others can stand `line` pixels apart without touching.

    sight: the places that are in sight.
    """
    important: list[int] = []
    heights: list[float] = []
    for place in (each for each in first if each in sight):
        y = rows.centre(place)
        at = bisect_left(heights, y)
        if all(abs(y - other) >= line for other in heights[max(0, at - 1) : at + 1]):
            heights.insert(at, y)
            important.append(place)
    others: list[int] = []
    place, pitch = sight.start, rows.pitch
    while place < sight.stop:
        y = rows.centre(place)
        at = bisect_left(heights, y)
        near = [other for other in heights[max(0, at - 1) : at + 1] if abs(y - other) < line]
        if not near:
            others.append(place)
        # Straight to the next one that is far enough below: of a long text few can be shown.
        free = (max(near) if near else y) + line
        place = max(place + 1, math.ceil((free - rows.left) / pitch - 0.5 - 1e-6))
    return important, others


class TokenColumn:
    """Labels drawn in a band from `left` over `width`. Elided words are kept, so that a step costs little."""

    def __init__(self, theme: Theme, *, to_the_right: bool) -> None:
        self.labels: tuple[str, ...] = ()
        self._theme = theme
        self._to_the_right = to_the_right
        self._elided: dict[tuple[str, bool], tuple[str, float]] = {}
        self._width = -1.0

    def set_labels(self, labels: Sequence[str]) -> None:
        """Take the tokens; also after a change of fonts."""
        self.labels = tuple(labels)
        self._elided.clear()

    def draw(
        self, painter: QPainter, rows: Columns, sight: range, left: float, width: float, first: Sequence[int]
    ) -> list[int]:
        """Draw what fits of the labels in sight, `first` in bold; returns which of them were drawn."""
        if width != self._width:
            self._width = width
            self._elided.clear()
        metrics = QFontMetricsF(self._theme.font("small", bold=True))
        important, others = choose(sight, rows, metrics.height() - 2, first)
        rise = (metrics.ascent() - metrics.descent()) / 2
        for bold, places, colour in ((True, important, "text"), (False, others, "muted")):
            painter.setFont(self._theme.font("small", bold=bold))
            painter.setPen(self._theme.colour(colour))
            for place in places:
                text, wide = self._fit(self.labels[place], bold)
                x = left + width - wide if self._to_the_right else left
                painter.drawText(QPointF(x, rows.centre(place) + rise), text)
        return important

    def draw_pill(self, painter: QPainter, rows: Columns, left: float, width: float, place: int) -> None:
        """The current token, marked as everywhere, over what is drawn there."""
        text, wide = self._fit(self.labels[place], True)
        height = QFontMetricsF(self._theme.font("small", bold=True)).height()
        edge = left + width - wide if self._to_the_right else left
        rect = QRectF(edge - 3, rows.centre(place) - height / 2, wide + 6, height)
        paint_pill(painter, self._theme, rect, text)

    def _fit(self, label: str, bold: bool) -> tuple[str, float]:
        """The label as wide as there is room for, and its width."""
        if (label, bold) not in self._elided:
            metrics = QFontMetricsF(self._theme.font("small", bold=bold))
            text = metrics.elidedText(label, Qt.TextElideMode.ElideRight, self._width)
            self._elided[label, bold] = text, metrics.horizontalAdvance(text)
        return self._elided[label, bold]
