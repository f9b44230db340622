"""Two rows of numbers that have names, or one: a pair of bars for each, the first filled, the second outlined."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from embstudio.gui.plots.hover_plot import HoverPlot
from embstudio.gui.style.numbers import four
from embstudio.gui.style.theme import Theme

MOST = 400  # rows
_GAP = 8.0
_NAMES = 0.4  # of the width, that names may take


class PairBars(HoverPlot):
    """hovered(row), unhovered(). As high as its rows; of more than MOST the first."""

    hovered = Signal(int)

    def __init__(self, theme: Theme, name: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.names: tuple[str, ...] = ()
        self.headings: tuple[str, ...] = ()
        self.values = np.zeros((0, 0))
        self.tips: tuple[str, ...] = ()
        self.left_out = 0
        self.total = False  # whether the last row is the sum of the others
        self._write: Callable[[float], str] = plain
        self._reach = 1.0
        self.setAccessibleName(name)

    def set_values(
        self,
        names: Sequence[str],
        columns: Sequence[tuple[str, np.ndarray]],
        tips: Sequence[str] = (),
        *,
        total: bool = False,
        write: Callable[[float], str] | None = None,
    ) -> None:
        """Take one or two columns of numbers [names], none below 0. tips: of the rows; total: the last row is the sum
        of the others, and has no bar."""
        self.names = tuple(names[:MOST])
        self.left_out = len(names) - len(self.names)
        self.headings = tuple(heading for heading, _ in columns)
        self.values = np.stack([values for _, values in columns])[:, : len(self.names)]
        self.tips, self.total, self._write = tuple(tips), total, write or plain
        barred = self.values[:, :-1] if total else self.values
        self._reach = float(barred.max(initial=0.0)) or 1.0
        self.setAccessibleDescription("; ".join(self._said(row) for row in range(min(len(self.names), 40))))
        self._hover = None
        self.updateGeometry()
        self.update()

    def restyle(self) -> None:
        """Fonts or colours changed."""
        self.updateGeometry()
        self.update()

    def tooltip_of(self, place: tuple[int, ...]) -> str:
        tip = self.tips[place[0]] if place[0] < len(self.tips) else ""
        return "\n".join(filter(None, [self._said(place[0]), tip]))

    def _said(self, row: int) -> str:
        pairs = zip(self.headings, self.values[:, row].tolist(), strict=True)
        return f"{self.names[row]}: {', '.join(f'{heading} {self._write(value)}' for heading, value in pairs)}"

    def place_at(self, position: QPointF) -> tuple[int, ...] | None:
        row = int((position.y() - self._top) // self._high)
        return (row,) if 0 <= row < len(self.names) else None

    def sizeHint(self) -> QSize:
        rows = len(self.names) + (1 if self.left_out else 0)
        return QSize(280, round(self._top + max(rows, 2) * self._high) + 4)

    def minimumSizeHint(self) -> QSize:
        return QSize(round(180 * self.theme.scale), self.sizeHint().height())

    @property
    def _high(self) -> float:
        return (
            max(QFontMetricsF(self.theme.font("small")).height(), QFontMetricsF(self.theme.mono("small")).height()) + 5
        )

    @property
    def _top(self) -> float:
        return self._high

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.theme.colour("panel"))
        painter.setOpacity(1.0 if self.isEnabled() else 0.45)
        if not self.names:
            return
        words, mono = QFontMetricsF(self.theme.font("small")), QFontMetricsF(self.theme.mono("small"))
        left = min(max(words.horizontalAdvance(name) for name in self.names), _NAMES * self.width()) + _GAP
        texts = [*map(self._write, self.values.ravel().tolist()), "0.5000"]
        each = max(*map(mono.horizontalAdvance, texts), *map(words.horizontalAdvance, self.headings)) + 1.5 * _GAP
        right = max(left + 20, self.width() - len(self.values) * each - _GAP)
        middle = int(Qt.AlignmentFlag.AlignVCenter)
        at_right = middle | int(Qt.AlignmentFlag.AlignRight)
        columns = [QRectF(right + place * each, 0, each, self._top) for place in range(len(self.values))]
        painter.setFont(self.theme.font("small", bold=True))
        painter.setPen(self.theme.colour("text"))
        for letter, column in zip(self.headings, columns, strict=True):
            painter.drawText(column, at_right, letter)
        for row, name in enumerate(self.names):
            band = QRectF(0, self._top + row * self._high, self.width(), self._high)
            if band.bottom() < event.rect().top() or band.top() > event.rect().bottom():
                continue
            if self._hover == (row,):
                painter.fillRect(band, self.theme.colour("raised"))
            is_sum = self.total and row == len(self.names) - 1
            if is_sum:
                painter.setPen(QPen(self.theme.colour("muted"), 1))
                painter.drawLine(band.topLeft(), band.topRight())
            painter.setFont(self.theme.font("small", bold=is_sum))
            painter.setPen(self.theme.colour("text"))
            shown = words.elidedText(name, Qt.TextElideMode.ElideRight, left - _GAP)
            painter.drawText(QRectF(0, band.top(), left - _GAP, band.height()), at_right, shown)
            painter.setFont(self.theme.mono("small"))
            for place, value in enumerate(self.values[:, row].tolist()):
                painter.setPen(self.theme.colour("text" if value else "muted"))
                painter.drawText(columns[place].translated(0, band.top()), at_right, self._write(value))
                if not is_sum:
                    self._bar(painter, band, place, (right - left) * value / self._reach, left)
        if self.left_out:
            band = QRectF(0, self._top + len(self.names) * self._high, self.width(), self._high)
            painter.setPen(self.theme.colour("muted"))
            painter.drawText(band, middle, f"and {self.left_out:,} more")

    def _bar(self, painter: QPainter, band: QRectF, place: int, long: float, left: float) -> None:
        if not long:
            return
        thick = (band.height() - 6) / len(self.values)
        bar = QRectF(left, band.top() + 2 + place * (thick + 2), max(long, 1.5), thick)
        if place == 0:
            painter.fillRect(bar, self.theme.colour("residual"))
        else:
            painter.setPen(QPen(self.theme.colour("text"), 1))
            painter.drawRect(bar.adjusted(0.5, 0.5, -0.5, -0.5))


def plain(value: float) -> str:
    """Whole numbers as they are, others with four digits."""
    return f"{value:,.0f}" if value == round(value) else four(value)
