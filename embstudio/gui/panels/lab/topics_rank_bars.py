"""The singular values of a matrix as bars: those up to the rank that is kept, and those left out."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Signal
from PySide6.QtGui import QFontMetricsF, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from embstudio.gui.plots.hover_plot import HoverPlot
from embstudio.gui.style.numbers import four, percent
from embstudio.gui.style.theme import Theme


class RankBars(HoverPlot):
    """hovered(rank from 0); picked(rank from 1): a bar was clicked. Kept ones are filled, others are outlines."""

    hovered = Signal(int)
    picked = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.values = np.zeros(0)
        self.total, self.rank = 1.0, 0
        self.setObjectName("labRankBars")
        self.setAccessibleName("Singular values")

    def set_values(self, values: np.ndarray, total: float, rank: int) -> None:
        """Take σ [ranks] in falling order, and the sum of all squares."""
        self.values, self.total, self.rank = values, total, rank
        self.setAccessibleDescription("; ".join(four(value) for value in values[:10].tolist()))
        self.update()

    def tooltip_of(self, place: tuple[int, ...]) -> str:
        value = float(self.values[place[0]])
        return f"σ{place[0] + 1} = {value:.6g}: {percent(value**2 / self.total)} of the squares of all cells"

    def place_at(self, position: QPointF) -> tuple[int, ...] | None:
        rect = self._frame()
        if not len(self.values) or not rect.contains(position):
            return None
        return (min(len(self.values) - 1, int((position.x() - rect.left()) / self._step(rect))),)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        place = self.place_at(event.position())
        if place is not None:
            self.picked.emit(place[0] + 1)

    def sizeHint(self) -> QSize:
        return QSize(240, round(5 * QFontMetricsF(self.theme.font("small")).height()))

    def minimumSizeHint(self) -> QSize:
        return QSize(120, round(4.5 * QFontMetricsF(self.theme.font("small")).height()))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.theme.colour("panel"))
        font = self.theme.font("small")
        metrics, rect = QFontMetricsF(font), self._frame()
        painter.setFont(font)
        painter.setPen(self.theme.colour("muted"))
        painter.drawText(QPointF(0, metrics.ascent()), "singular values σ, the strongest pattern first")
        if not len(self.values):
            return
        step, most = self._step(rect), float(self.values[0]) or 1.0
        text = self.theme.colour("text")
        for at, value in enumerate(self.values.tolist()):
            high = rect.height() * value / most
            bar = QRectF(rect.left() + at * step + 1, rect.bottom() - high, max(1.0, min(step - 2, 48.0)), high)
            if at < self.rank:
                painter.fillRect(bar, text)
            painter.setPen(QPen(self.theme.colour("accent") if self._hover == (at,) else text, 1))
            painter.drawRect(bar)
            said = four(value)
            if metrics.horizontalAdvance(said) < step - 4:
                painter.setPen(self.theme.colour("muted"))
                painter.drawText(QPointF(bar.left(), rect.bottom() + metrics.ascent() + 1), said)
        painter.setPen(self.theme.colour("border"))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())

    def _step(self, rect: QRectF) -> float:
        return min(64.0 * self.theme.scale, rect.width() / max(1, len(self.values)))

    def _frame(self) -> QRectF:
        line = QFontMetricsF(self.theme.font("small")).height()
        return QRectF(0, line + 4, max(1.0, self.width() - 1), max(1.0, self.height() - 2 * line - 8))
