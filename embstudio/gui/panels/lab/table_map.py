"""Some rows of a table of vectors as colours: a word a row, a dimension a column."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from embstudio.gui.plots.hover_plot import HoverPlot
from embstudio.gui.style.colour_maps import paint, signed_map
from embstudio.gui.style.numbers import four
from embstudio.gui.style.theme import Theme

_GAP = 8.0


class TableMap(HoverPlot):
    """hovered(row, column), unhovered(). The range is the same on both sides of 0, and is written below."""

    hovered = Signal(int, int)

    def __init__(self, theme: Theme, title: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.title = title
        self.words: tuple[str, ...] = ()
        self.values = np.zeros((0, 0), np.float32)
        self.reach = 1.0
        self.setAccessibleName(title)

    def set_values(self, values: np.ndarray, words: Sequence[str]) -> None:
        """Take vectors [words, width]."""
        self.values, self.words = np.asarray(values), tuple(words)
        self.reach = float(np.abs(values).max(initial=0.0)) or 1.0
        lengths = np.linalg.norm(values, axis=1)
        self.setAccessibleDescription(
            "; ".join(f"{word}: length {four(float(length))}" for word, length in zip(words, lengths, strict=True))
        )
        self.update()

    def tooltip_of(self, place: tuple[int, ...]) -> str:
        row, column = place
        return f"{self.title}: {self.words[row]}, dimension {column + 1}: {self.values[row, column]:.6g}"

    def place_at(self, position: QPointF) -> tuple[int, ...] | None:
        rect = self._cells()
        if not self.values.size or not rect.contains(position):
            return None
        rows, columns = self.values.shape
        return (
            min(rows - 1, int((position.y() - rect.top()) / rect.height() * rows)),
            min(columns - 1, int((position.x() - rect.left()) / rect.width() * columns)),
        )

    def sizeHint(self) -> QSize:
        line = QFontMetricsF(self.theme.font("small")).height()
        return QSize(240, round((max(6, len(self.words)) + 2.5) * (line + 2)))

    def minimumSizeHint(self) -> QSize:
        return QSize(120, round(8 * QFontMetricsF(self.theme.font("small")).height()))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.theme.colour("panel"))
        painter.setOpacity(1.0 if self.isEnabled() else 0.45)
        metrics = QFontMetricsF(self.theme.font("small"))
        painter.setFont(self.theme.font("small"))
        painter.setPen(self.theme.colour("text"))
        painter.drawText(QPointF(0, metrics.ascent()), self.title)
        if not self.values.size:
            return
        rect, rows = self._cells(), len(self.words)
        high = rect.height() / rows
        painter.setPen(self.theme.colour("muted"))
        for row, word in enumerate(self.words if high >= 0.75 * metrics.height() else ()):
            label = QRectF(0, rect.top() + row * high, rect.left() - _GAP / 2, high)
            shown = metrics.elidedText(word, Qt.TextElideMode.ElideRight, label.width())
            painter.drawText(label, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight), shown)
        pixels = np.ascontiguousarray(paint(self.values, -self.reach, self.reach, signed_map(self.theme.colours)))
        image = QImage(pixels.data, pixels.shape[1], rows, 4 * pixels.shape[1], QImage.Format.Format_RGBA8888)
        painter.drawImage(rect, image)
        said = f"−{four(self.reach)} … 0 … {four(self.reach)} · {self.values.shape[1]:,} dimensions"
        painter.drawText(QPointF(rect.left(), rect.bottom() + metrics.height()), said)

    def _cells(self) -> QRectF:
        metrics = QFontMetricsF(self.theme.font("small"))
        widest = max((metrics.horizontalAdvance(word) for word in self.words), default=0.0)
        left = min(widest, 0.3 * self.width()) + _GAP
        top = metrics.height() + 4
        return QRectF(
            left, top, max(1.0, self.width() - left - 8), max(1.0, self.height() - top - metrics.height() - 6)
        )
