"""Ranked words with their probabilities as horizontal bars: the model's own, and after temperature and filters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from embstudio.gui.plots.hover_plot import HoverPlot
from embstudio.gui.style.numbers import percent
from embstudio.gui.style.theme import Theme

INSET = 8.0
FOLLOWS, STANDS = "◀ follows", "◀ stands there"


@dataclass(frozen=True)
class WordBar:
    """One row. actual: this word really stands there. apart: it is listed below the others, with a rule between.
    after: the probability that is left after temperature and filters; None where there are none."""

    rank: int
    word: str
    probability: float
    actual: bool = False
    apart: bool = False
    after: float | None = None

    @property
    def shown(self) -> float:
        """The probability that the word is drawn with."""
        return self.probability if self.after is None else self.after


class WordBars(HoverPlot):
    """Rows from the most probable down. Bars share one scale: the whole width is 100 %, or less if that is said.

    picked(row): a click, or Enter on the row that the arrow keys chose. describe(row): the tooltip of a row.
    """

    hovered = Signal(int)
    picked = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.bars: tuple[WordBar, ...] = ()
        self.full = 1.0
        self.mark = FOLLOWS
        self.chosen = 0  # the row that Enter picks
        self.describe: Callable[[int], str] = lambda row: describe(self.bars[row], self.mark)
        self.setObjectName("wordBars")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Most probable words")

    def set_bars(self, bars: Sequence[WordBar], full: float, mark: str = FOLLOWS) -> None:
        """Take the rows, the probability that fills the whole width, and what is written beside the actual word."""
        taller = len(bars) != len(self.bars)
        self.bars, self.full, self.mark = tuple(bars), full, mark
        self.chosen = min(self.chosen, max(0, len(bars) - 1))
        self.setAccessibleDescription("; ".join(describe(bar, mark) for bar in bars))
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

    def place_at(self, position: QPointF) -> tuple[int] | None:
        row = int(position.y() / self.row_height) if position.y() >= 0 else -1
        return (row,) if 0 <= row < len(self.bars) else None

    def tooltip_of(self, place: tuple[int, ...]) -> str:
        return self.describe(*place)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        place = self.place_at(event.position())
        if place is not None and event.button() == Qt.MouseButton.LeftButton:
            self.chosen = place[0]
            self.picked.emit(place[0])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
        key = Qt.Key(event.key())
        if key in steps and self.bars:
            self.chosen = max(0, min(self.chosen + steps[key], len(self.bars) - 1))
            self.update()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.bars:
            self.picked.emit(self.chosen)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    # Painting ----------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.theme.colour("panel"))
        if not self.bars:
            return
        digits, letters = QFontMetricsF(self.theme.mono()), QFontMetricsF(self.theme.font())
        ranks = max(digits.horizontalAdvance(f"{bar.rank}") for bar in self.bars)
        numbers = max(digits.horizontalAdvance(number_of(bar)) for bar in self.bars)
        mark = letters.horizontalAdvance(self.mark) + 8 if any(bar.actual for bar in self.bars) else 0.0
        words = max(letters.horizontalAdvance(bar.word) for bar in self.bars) + 4
        words = min(max(words, 80 * self.theme.scale), self.width() * 0.34)
        left = INSET + ranks + 8 + words + 8
        room = max(8.0, self.width() - INSET - left - numbers - 8 - mark)
        for place, bar in enumerate(self.bars):
            top = place * self.row_height
            base = top + (self.row_height + letters.ascent() - letters.descent()) / 2
            self._paint_row(painter, place, top)
            painter.setFont(self.theme.mono())
            painter.setPen(self.theme.colour("muted"))
            rank = f"{bar.rank}"
            painter.drawText(QPointF(INSET + ranks - digits.horizontalAdvance(rank), base), rank)
            right = self._paint_bars(painter, bar, left, room, top)
            painter.setPen(self.theme.colour("muted" if bar.after == 0 else "text"))
            number = number_of(bar)
            painter.drawText(QPointF(right + 8, base), number)
            painter.setFont(self.theme.font(bold=bar.actual))
            word = QFontMetricsF(painter.font()).elidedText(bar.word, Qt.TextElideMode.ElideRight, words)
            painter.drawText(QPointF(INSET + ranks + 8, base), word)
            if bar.actual:
                painter.setPen(self.theme.colour("text"))
                painter.drawText(QPointF(right + 8 + digits.horizontalAdvance(number) + 8, base), self.mark)

    def _paint_row(self, painter: QPainter, place: int, top: float) -> None:
        """What lies behind a row: the mouse over it, the keyboard on it, the rule above one that stands apart."""
        row = QRectF(2, top, self.width() - 4, self.row_height)
        if self._hover == (place,):
            painter.fillRect(row, self.theme.colour("raised"))
        if self.bars[place].apart:
            painter.setPen(QPen(self.theme.colour("border"), 1))
            painter.drawLine(QPointF(INSET, top + 0.5), QPointF(self.width() - INSET, top + 0.5))
        if self.hasFocus() and place == self.chosen:
            painter.setPen(QPen(self.theme.colour("accent"), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(row.adjusted(0.5, 0.5, -0.5, -0.5))

    def _paint_bars(self, painter: QPainter, bar: WordBar, left: float, room: float, top: float) -> float:
        """The bar; with settings the one after them, and the model's own as a thin line beneath. Returns where they
        end."""
        rect = QRectF(left, top + 3, max(1.0, room * min(1.0, bar.shown / self.full)), self.row_height - 6)
        fill = QColor(self.theme.colour("attention"))
        fill.setAlpha(255 if bar.actual else 150)
        if bar.after is None:
            painter.fillRect(rect, fill)
            return rect.right()
        own = QRectF(left, rect.bottom() - 2, max(1.0, room * min(1.0, bar.probability / self.full)), 3)
        rect.setBottom(own.top() - 1)
        if bar.after > 0:
            painter.fillRect(rect, fill)
        painter.fillRect(own, self.theme.colour("residual"))
        return max(rect.right() if bar.after > 0 else left, own.right())


def number_of(bar: WordBar) -> str:
    """The probability, and what became of it."""
    if bar.after is None:
        return percent(bar.probability)
    return f"{percent(bar.probability)} → {percent(bar.after) if bar.after > 0 else 'cut'}"


def describe(bar: WordBar, mark: str = FOLLOWS) -> str:
    """A row in words."""
    stands = f", which really {mark.removeprefix('◀ ')}" if bar.actual else ""
    return f"{bar.rank}. {bar.word} {number_of(bar)}{stands}"
