"""How many units forget how fast: a bar for each doubling of the half-life."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from embstudio.gui.plots.column_plot import ColumnPlot
from embstudio.gui.plots.gutter import INSET
from embstudio.gui.style.numbers import four
from embstudio.gui.style.theme import Theme

EDGES = (0.0, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, np.inf)
NAMED = 8  # units that a tooltip lists


def span(place: int) -> str:
    """A bar's half-lives in words."""
    if place == 0:
        return "< 1"
    return f"{EDGES[place]:.0f}–{EDGES[place + 1]:.0f}" if place < len(EDGES) - 2 else f"≥ {EDGES[place]:.0f}"


class HalfLifeBars(ColumnPlot):
    """The bar with the current unit has a frame, a mark above the bars stands where a constant gate would be.

    hovered(bar), unhovered(), picked(bar): a click asks to go to another unit of the bar.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.lives = np.zeros(0)
        self.bars = np.zeros(0, np.intp)  # of each unit
        self.counts = np.zeros(len(EDGES) - 1, np.intp)
        self.unit = 0
        self.keep, self.constant = 0.0, 0.0  # a gate that is always the same, and its half-life

    def set_lives(self, lives: np.ndarray, gutter: int) -> None:
        """Take the half-life of each unit, in tokens."""
        self.lives, self._gutter = lives, gutter
        self.bars = np.clip(np.searchsorted(EDGES, lives, side="right") - 1, 0, len(EDGES) - 2)
        self.counts = np.bincount(self.bars, minlength=len(EDGES) - 1)
        self.update()

    def set_place(self, unit: int, keep: float) -> None:
        """Mark the current unit, and where a gate that is always `keep` would be."""
        self.unit, self.keep = unit, keep
        self.constant = 0.0 if keep <= 0 else np.inf if keep >= 1 else float(np.log(0.5) / np.log(keep))
        if self.lives.size:
            told = "; ".join(
                f"{span(at)} tokens: {count} units" for at, count in enumerate(self.counts.tolist()) if count
            )
            self.setAccessibleDescription(f"unit {unit}: half-life {life(float(self.lives[unit]))}. {told}")
        self.update()

    @property
    def count(self) -> int:
        return len(EDGES) - 1

    def units_in(self, bar: int) -> np.ndarray:
        """The units of a bar, longest half-life first."""
        units = np.flatnonzero(self.bars == bar)
        return np.asarray(units[np.argsort(-self.lives[units], kind="stable")])

    def tooltip_of(self, place: tuple[int, ...]) -> str:
        units = self.units_in(place[0])
        if not units.size:
            return f"no unit has a half-life of {span(place[0])} tokens"
        some = ", ".join(f"{unit} ({life(float(self.lives[unit]))})" for unit in units[:NAMED].tolist())
        more = f" and {len(units) - NAMED} more" if len(units) > NAMED else ""
        return f"half-life of {span(place[0])} tokens: {len(units)} units\nunit {some}{more}\nclick: go to the next"

    def y_of(self, value: float) -> float:
        most = max(1, int(self.counts.max(initial=0)))
        return self._bottom - (self._bottom - self._top) * value / most

    @property
    def _line(self) -> float:
        return QFontMetricsF(self.theme.mono("small")).height()

    @property
    def _bottom(self) -> float:
        return self.height() - self._line - 2

    @property
    def _top(self) -> float:
        return 2 * self._line + 1

    def sizeHint(self) -> QSize:
        return QSize(480, round(6.5 * self._line))

    def minimumSizeHint(self) -> QSize:
        return QSize(self._gutter + 120, round(5 * self._line))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.theme.colour("panel"))
        if not self.lives.size:
            return
        columns, mono = self.columns, self.theme.mono("small")
        metrics = QFontMetricsF(mono)
        painter.setPen(QPen(self.theme.colour("border"), 1))
        painter.drawLine(QPointF(self._gutter, self._bottom), QPointF(self._gutter + self.wide, self._bottom))
        for bar, count in enumerate(self.counts.tolist()):
            left, wide = columns.start(bar) + 0.1 * columns.pitch, 0.8 * columns.pitch
            box = QRectF(QPointF(left, self.y_of(count)), QPointF(left + wide, self._bottom))
            painter.fillRect(box, self.theme.colour("forget_gate"))
            painter.setFont(mono)
            painter.setPen(self.theme.colour("text"))
            if count:
                label = QRectF(left - 20, box.top() - self._line, wide + 40, self._line)
                painter.drawText(label, Qt.AlignmentFlag.AlignCenter, str(count))
            painter.setPen(self.theme.colour("muted"))
            text = span(bar) if metrics.horizontalAdvance(span(bar)) <= columns.pitch else span(bar).partition("–")[0]
            painter.drawText(QRectF(columns.start(bar), self._bottom + 1, columns.pitch, self._line),
                             Qt.AlignmentFlag.AlignCenter, text)  # fmt: skip
            if bar == self.bars[self.unit] or (self._hover is not None and self._hover[0] == bar):
                own = bar == self.bars[self.unit]
                painter.setPen(QPen(self.theme.colour("accent" if own else "text"), 2 if own else 1))
                painter.drawRect(
                    QRectF(columns.start(bar) + 1, self._top - 1, columns.pitch - 2, self._bottom - self._top + 1)
                )
        self._draw_constant(painter)
        self._draw_title(painter)

    def _draw_constant(self, painter: QPainter) -> None:
        """Between the edges of its bar, on the scale of logarithms."""
        bar = int(np.clip(np.searchsorted(EDGES, self.constant, side="right") - 1, 0, len(EDGES) - 2))
        low, high = EDGES[bar], EDGES[bar + 1]
        if bar == 0:
            share = self.constant
        else:
            share = 0.5 if np.isinf(high) else float(np.log(self.constant / low) / np.log(high / low))
        x, size = self.columns.start(bar) + share * self.columns.pitch, 4.0 * self.theme.scale
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.theme.colour("text"))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.drawPolygon([QPointF(x, self._line), QPointF(x - size, self._line - size),
                             QPointF(x + size, self._line - size)])  # fmt: skip
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(self.theme.colour("text"))
        metrics = QFontMetricsF(self.theme.mono("small"))
        text = f"always {self.keep:.2f}"
        left = x + size + 3
        if left + metrics.horizontalAdvance(text) > self.width():
            left = x - size - 3 - metrics.horizontalAdvance(text)
        painter.setFont(self.theme.mono("small"))
        painter.drawText(QPointF(left, metrics.ascent() - 1), text)

    def _draw_title(self, painter: QPainter) -> None:
        font = self.theme.font("small")
        metrics = QFontMetricsF(font)
        painter.setFont(font)
        painter.setPen(self.theme.colour("text"))
        room = self._gutter - INSET - 6
        for line, text in enumerate(("units by", "half-life", "in tokens")):
            text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)
            painter.drawText(QPointF(INSET, 4 + metrics.ascent() + line * metrics.height()), text)


def life(tokens: float) -> str:
    """A half-life in words: "3.106", "∞: nothing fades"."""
    return "∞" if np.isinf(tokens) else four(tokens)
