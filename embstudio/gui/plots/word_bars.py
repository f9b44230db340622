"""Ranked words with their probabilities as horizontal bars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from embstudio.gui.style.numbers import percent
from embstudio.gui.style.theme import Theme

INSET = 8.0
MARK = "◀ follows"


@dataclass(frozen=True)
class WordBar:
    """One row. actual: this word really follows. apart: it stands below the others, with a rule between."""

    rank: int
    word: str
    probability: float
    actual: bool = False
    apart: bool = False


class WordBars(QWidget):
    """Rows from the most probable down. Bars share one scale: the whole width is 100 %, or less if that is said."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.bars: tuple[WordBar, ...] = ()
        self.full = 1.0
        self.setObjectName("wordBars")
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Most probable next words")

    def set_bars(self, bars: Sequence[WordBar], full: float) -> None:
        """Take the rows, and the probability that fills the whole width."""
        taller = len(bars) != len(self.bars)
        self.bars, self.full = tuple(bars), full
        self.setAccessibleDescription("; ".join(describe(bar) for bar in bars))
        if taller:
            self.updateGeometry()
        self.update()

    @property
    def row_height(self) -> float:
        """Height of a row: what the text needs, a little more where there is room."""
        least = QFontMetricsF(self.theme.font()).height() + 2
        return float(min(least * 1.6, max(least, self.height() / max(1, len(self.bars)))))

    def sizeHint(self) -> QSize:
        return self.minimumSizeHint()

    def minimumSizeHint(self) -> QSize:
        high = (QFontMetricsF(self.theme.font()).height() + 2) * max(10, len(self.bars))
        return QSize(round(220 * self.theme.scale), round(high) + 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.theme.colour("panel"))
        if not self.bars:
            return
        mono, font = self.theme.mono(), self.theme.font()
        digits, letters = QFontMetricsF(mono), QFontMetricsF(font)
        ranks = max(digits.horizontalAdvance(f"{bar.rank}") for bar in self.bars)
        numbers = digits.horizontalAdvance("100.0 %")
        mark = letters.horizontalAdvance(MARK) + 8
        words = max(letters.horizontalAdvance(bar.word) for bar in self.bars) + 4
        words = min(max(words, 80 * self.theme.scale), self.width() * 0.34)
        left = INSET + ranks + 8 + words + 8
        room = max(8.0, self.width() - INSET - left - numbers - 8 - mark)
        for place, bar in enumerate(self.bars):
            top = place * self.row_height
            base = top + (self.row_height + letters.ascent() - letters.descent()) / 2
            if bar.apart:
                painter.setPen(QPen(self.theme.colour("border"), 1))
                painter.drawLine(QPointF(INSET, top + 0.5), QPointF(self.width() - INSET, top + 0.5))
            painter.setFont(mono)
            painter.setPen(self.theme.colour("muted"))
            rank = f"{bar.rank}"
            painter.drawText(QPointF(INSET + ranks - digits.horizontalAdvance(rank), base), rank)
            long = room * min(1.0, bar.probability / self.full)
            rect = QRectF(left, top + 3, max(1.0, long), self.row_height - 6)
            fill = QColor(self.theme.colour("attention"))
            fill.setAlpha(255 if bar.actual else 150)
            painter.fillRect(rect, fill)
            painter.setPen(self.theme.colour("text"))
            number = percent(bar.probability)
            painter.drawText(QPointF(rect.right() + 8, base), number)
            painter.setFont(self.theme.font(bold=bar.actual))
            painter.drawText(
                QPointF(INSET + ranks + 8, base),
                QFontMetricsF(painter.font()).elidedText(bar.word, Qt.TextElideMode.ElideRight, words),
            )
            if bar.actual:
                painter.drawText(QPointF(rect.right() + 8 + digits.horizontalAdvance(number) + 8, base), MARK)


def describe(bar: WordBar) -> str:
    """A row in words."""
    return f"{bar.rank}. {bar.word} {percent(bar.probability)}" + (", which really follows" if bar.actual else "")
