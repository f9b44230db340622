"""At which place a word comes, as training goes on: the first place on top, on a scale by powers of ten."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QWidget

from embstudio.gui.panels.lab.epoch_plot import EpochCurve, EpochPlot
from embstudio.gui.style.theme import Theme


class RankPlot(EpochPlot):
    """`set_ranks` after each report."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "place of the word expected", parent=parent)
        self.setObjectName("labRanks")
        self.words = 10

    def set_ranks(
        self, asked: tuple[str, str, str, str], ranks: np.ndarray, words: int, at: float, epochs: int
    ) -> None:
        """Take ranks [n, 2], epochs and places from 1 on, among so many words. asked: a, b, c and the word expected."""
        a, b, c, expected = asked
        self._what = f"place of {expected} for {a} − {b} + {c}"
        self.words = max(2, words)
        self.set_curves([EpochCurve("", ranks)], at, epochs)

    def tooltip_of(self, place: tuple[int, ...]) -> str:
        at, rank = self.points[place[0]].tolist()
        return f"epoch {at:.2f}: place {rank:,.0f} of {self.words:,}"

    def sizeHint(self) -> QSize:
        return QSize(320, round(9 * QFontMetricsF(self.theme.font("small")).height()))

    def _draw_scale(self, painter: QPainter, rect: QRectF) -> None:
        metrics = QFontMetricsF(self.theme.font("small"))
        for power in range(math.ceil(math.log10(self.words))):
            y = self._y(10**power, rect)
            painter.setPen(QPen(self.theme.colour("border"), 1))
            painter.drawLine(QPointF(rect.left(), y), QPointF(rect.right(), y))
            painter.setPen(self.theme.colour("muted"))
            label = QRectF(0, y - metrics.height() / 2, rect.left() - 6, metrics.height())
            painter.drawText(label, int(Qt.AlignmentFlag.AlignRight), f"{10**power:,}")
        self._draw_ends(painter, rect)

    def _y(self, value: float, rect: QRectF) -> float:
        return rect.top() + rect.height() * min(1.0, math.log(max(1.0, value)) / math.log(self.words))
