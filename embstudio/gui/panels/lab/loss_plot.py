"""The loss as training goes on."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from embstudio.gui.plots.hover_plot import HoverPlot
from embstudio.gui.style.numbers import four
from embstudio.gui.style.theme import Theme


class LossPlot(HoverPlot):
    """A curve over epochs from 0, with a dashed line where the loss of knowing nothing is. hovered(point)."""

    hovered = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.points = np.zeros((0, 2))
        self.epochs, self.at, self.nothing = 1, 0.0, 0.0
        self.setObjectName("labLoss")
        self.setAccessibleName("Loss by epoch")

    def set_curve(self, points: np.ndarray, nothing: float, at: float, epochs: int) -> None:
        """Take points [n, 2] of epoch and loss. at: where training is now, in epochs; of so many."""
        self.points, self.nothing, self.at, self.epochs = points, nothing, at, max(1, epochs)
        last = f"loss {four(float(points[-1, 1]))} at epoch {points[-1, 0]:.1f}; " if len(points) else ""
        self.setAccessibleDescription(f"{last}knowing nothing: {four(nothing)}")
        self.update()

    def tooltip_of(self, place: tuple[int, ...]) -> str:
        at, loss = self.points[place[0]]
        return f"epoch {at:.2f}: mean loss {loss:.6g} a prediction ({loss / self.nothing:.1%} of knowing nothing)"

    def place_at(self, position: QPointF) -> tuple[int, ...] | None:
        if not len(self.points) or not self._frame().contains(position):
            return None
        rect = self._frame()
        wanted = (position.x() - rect.left()) / rect.width() * self.epochs
        return (int(np.abs(self.points[:, 0] - wanted).argmin()),)

    def sizeHint(self) -> QSize:
        return QSize(320, 180)

    def minimumSizeHint(self) -> QSize:
        return QSize(140, round(6 * QFontMetricsF(self.theme.font("small")).height()))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.theme.colour("panel"))
        metrics, rect = QFontMetricsF(self.theme.font("small")), self._frame()
        painter.setFont(self.theme.font("small"))
        painter.setPen(self.theme.colour("muted"))
        painter.drawText(QPointF(rect.left(), metrics.ascent()), "mean loss of a prediction")
        for value in np.linspace(0, self._top, 3 if rect.height() < 8 * metrics.height() else 5).tolist():
            y = self._y(value, rect)
            painter.setPen(QPen(self.theme.colour("border"), 1))
            painter.drawLine(QPointF(rect.left(), y), QPointF(rect.right(), y))
            painter.setPen(self.theme.colour("muted"))
            label = QRectF(0, y - metrics.height() / 2, rect.left() - 6, metrics.height())
            painter.drawText(label, int(Qt.AlignmentFlag.AlignRight), f"{value:.3g}")
        below = rect.bottom() + metrics.height() + 2
        painter.drawText(QPointF(rect.left(), below), "0")
        end = f"{self.epochs:,} epochs"
        painter.drawText(QPointF(rect.right() - metrics.horizontalAdvance(end), below), end)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.nothing:
            painter.setPen(QPen(self.theme.colour("muted"), 1, Qt.PenStyle.DashLine))
            y = self._y(self.nothing, rect)
            painter.drawLine(QPointF(rect.left(), y), QPointF(rect.right(), y))
            painter.drawText(QPointF(rect.left() + 4, y - 3), f"knowing nothing: {four(self.nothing)}")
        places = [QPointF(self._x(at, rect), self._y(loss, rect)) for at, loss in self.points.tolist()]
        painter.setPen(QPen(self.theme.colour("text"), 1.6))
        painter.drawPolyline(QPolygonF(places))
        if len(places) == 1:
            painter.drawEllipse(places[0], 2, 2)
        painter.setPen(QPen(self.theme.colour("accent"), 1.5))
        x = self._x(self.at, rect)
        painter.drawLine(QPointF(x, rect.top()), QPointF(x, rect.bottom()))
        if self._hover is not None and self._hover[0] < len(places):
            painter.setPen(QPen(self.theme.colour("text"), 1.5))
            painter.drawEllipse(places[self._hover[0]], 4, 4)

    @property
    def _top(self) -> float:
        seen = float(self.points[:, 1].max()) if len(self.points) else 0.0
        return max(1.15 * self.nothing, 1.05 * seen) or 1.0

    def _frame(self) -> QRectF:
        metrics = QFontMetricsF(self.theme.font("small"))
        left = metrics.horizontalAdvance("0.0000") + 8
        top, bottom = metrics.height() + 6, metrics.height() + 6
        return QRectF(left, top, max(1.0, self.width() - left - 12), max(1.0, self.height() - top - bottom))

    def _x(self, at: float, rect: QRectF) -> float:
        return rect.left() + rect.width() * min(1.0, at / self.epochs)

    def _y(self, loss: float, rect: QRectF) -> float:
        return rect.bottom() - rect.height() * min(1.0, loss / self._top)
