"""How many words keep how many of their neighbours: a bar for each number from none to all."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QToolTip, QWidget

from embstudio.gui.style.numbers import percent
from embstudio.gui.style.theme import Theme

_SIDE = 8.0  # pixels left and right of the bars


class OverlapBars(QWidget):
    """counts[i]: words of which i of the nearest are the same. The mean is a line, what chance gives a dashed one."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.counts: Sequence[int] = ()
        self._mean = self._chance = 0.0
        self.setObjectName("overlapBars")
        self.setMouseTracking(True)
        self.setAccessibleName("How many words keep how many of their neighbours")

    def set_counts(self, counts: Sequence[int], mean: float, chance: float) -> None:
        """mean, chance: shares, 1 for all."""
        self.counts, self._mean, self._chance = tuple(counts), mean, chance
        said = ", ".join(f"{same}: {count:,}" for same, count in enumerate(counts))
        self.setAccessibleDescription(f"words by how many neighbours are the same: {said}; mean {percent(mean)}")
        self.update()

    def tell(self, same: int) -> str:
        """One bar in words."""
        whole = sum(self.counts) or 1
        of = len(self.counts) - 1
        return f"{self.counts[same]:,} words ({percent(self.counts[same] / whole)}) keep {same} of {of}"

    def sizeHint(self) -> QSize:
        return QSize(260, round(120 * self.theme.scale))

    def minimumSizeHint(self) -> QSize:
        return QSize(140, round(90 * self.theme.scale))

    def _room(self) -> QRectF:
        line = QFontMetricsF(self.theme.font("small")).height()
        return QRectF(self.rect()).adjusted(_SIDE, line + 6, -_SIDE, -(line + 4))

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self.counts:
            return
        painter, room = QPainter(self), self._room()
        painter.setFont(self.theme.font("small"))
        metrics = QFontMetricsF(painter.font())
        wide, highest = room.width() / len(self.counts), max(self.counts) or 1
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.theme.colour("residual"))
        for same, count in enumerate(self.counts):
            high = room.height() * count / highest
            painter.drawRect(QRectF(room.left() + same * wide + 1, room.bottom() - high, max(wide - 2, 1), high))
        painter.setPen(self.theme.colour("muted"))
        painter.drawLine(room.bottomLeft(), room.bottomRight())
        every = max(1, round(1.6 * metrics.horizontalAdvance("000") / wide))
        for same in range(0, len(self.counts), every):
            middle = room.left() + (same + 0.5) * wide
            painter.drawText(QRectF(middle - 40, room.bottom() + 1, 80, metrics.height()),
                             Qt.AlignmentFlag.AlignHCenter, str(same))  # fmt: skip
        self._line(painter, room, self._chance, "chance", Qt.PenStyle.DashLine)
        self._line(painter, room, self._mean, f"mean {percent(self._mean)}", Qt.PenStyle.SolidLine)

    def _line(self, painter: QPainter, room: QRectF, share: float, name: str, style: Qt.PenStyle) -> None:
        of = len(self.counts) - 1
        x = room.left() + (share * of + 0.5) * room.width() / (of + 1)
        painter.setPen(QPen(self.theme.colour("text"), 1.5, style))
        painter.drawLine(QPointF(x, room.top() - 2), QPointF(x, room.bottom()))
        metrics = QFontMetricsF(painter.font())
        if name.startswith("mean"):  # the other one is named in words beside the bars
            wide = metrics.horizontalAdvance(name)
            left = min(max(x - wide / 2, room.left()), room.right() - wide)
            painter.drawText(QPointF(left, room.top() - 6), name)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        room = self._room()
        if self.counts and room.width() > 0:
            same = int((event.position().x() - room.left()) / (room.width() / len(self.counts)))
            if 0 <= same < len(self.counts):
                QToolTip.showText(event.globalPosition().toPoint(), self.tell(same), self, QRect())

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.updateGeometry()
