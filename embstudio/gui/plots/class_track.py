"""One class that is judged by itself, as a row of bars over the sentence: from 0 to 100 %, or a score from 0 up and
down."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from embstudio.gui.plots.columns import Columns
from embstudio.gui.style.numbers import MINUS
from embstudio.gui.style.theme import Theme

UNSEEN = 0.005  # a share below this is written as 0, which would be noise over every other column
_STRENGTH = {(True, False): 255, (True, True): 130, (False, False): 95, (False, True): 50}  # (half or more, unread)
_WIDEST = 56.0


@dataclass(frozen=True)
class ClassTrack:
    """values: [pos], NaN where they are not there yet. band: where the bars stand, as high as the scale. shares:
    whether they are probabilities; else scores, on a scale of their own. above: the room over the band."""

    name: str
    values: np.ndarray
    band: QRectF
    shares: bool = True
    above: float = 0.0

    @property
    def low(self) -> float:
        return 0.0 if self.shares else min(0.0, self._extreme(np.min))

    @property
    def high(self) -> float:
        return 1.0 if self.shares else max(0.0, self._extreme(np.max)) or (1.0 if self.low == 0 else 0.0)

    def y(self, value: float) -> float:
        """How high a value stands."""
        return self.band.bottom() - (value - self.low) / (self.high - self.low) * self.band.height()

    def told(self, value: float) -> str:
        """A value as it stands at its bar: 97 of a share of 0.97, −1.3 of a score."""
        return f"{100 * value:.0f}" if self.shares else f"{value:.1f}".replace("-", MINUS)

    @property
    def ends(self) -> tuple[str, str]:
        """The ends of the scale, high and low."""
        if self.shares:
            return "100 %", "0"
        return self.told(self.high), self.told(self.low)

    def stands_out(self, value: float) -> bool:
        """Whether a bar is drawn in full colour: what is likelier than not, and every score."""
        return not self.shares or value >= 0.5

    def _extreme(self, pick: object) -> float:
        there = self.values[np.isfinite(self.values)]
        return float(pick(there)) if there.size else 0.0  # type: ignore[operator]


def paint_track(painter: QPainter, theme: Theme, track: ClassTrack, columns: Columns, shown: range, now: int) -> None:
    """The bars of the columns shown, the rules behind them, and numbers where there is room; now: the current one."""
    _paint_rules(painter, theme, track, columns)
    for column in shown:
        value = float(track.values[column])
        if np.isnan(value):
            continue
        colour = QColor(theme.colour("attention"))
        colour.setAlpha(_STRENGTH[track.stands_out(value), column > now])
        wide = max(2.0, min(columns.pitch * 0.7, _WIDEST * theme.scale))
        y, base = track.y(value), track.y(0.0)
        bar = QRectF(columns.centre(column) - wide / 2, min(y, base), wide, max(1.5, abs(base - y)))
        if base - y > 0 and base - y < 1.5:
            bar.moveBottom(base)
        painter.fillRect(bar, colour)
        if column == now:
            painter.setPen(QPen(theme.colour("accent"), 2))
            painter.drawRect(bar)
    for column in shown:
        _paint_number(painter, theme, track, columns, column, now)


def paint_scale(painter: QPainter, theme: Theme, track: ClassTrack, left: float, right: float) -> None:
    """The name of the class from `left` on, and the ends of the scale up to `right`."""
    painter.setFont(theme.font("small"))
    metrics = QFontMetricsF(painter.font())
    band, half = track.band, metrics.ascent() / 2 - 1
    if band.height() < metrics.height() * 0.5:
        return
    high, low = track.ends
    scaled = band.height() >= 2 * metrics.height()
    room = right - left - (metrics.horizontalAdvance(max(high, low, key=len)) + 8 if scaled else 4)
    painter.setPen(theme.colour("text"))
    name = metrics.elidedText(track.name, Qt.TextElideMode.ElideRight, room)
    painter.drawText(QPointF(left, band.center().y() + half), name)
    if scaled:
        painter.setPen(theme.colour("muted"))
        for text, y in ((high, band.top()), (low, band.bottom())):
            painter.drawText(QPointF(right - 4 - metrics.horizontalAdvance(text), y + half), text)


def _paint_rules(painter: QPainter, theme: Theme, track: ClassTrack, columns: Columns) -> None:
    for value, style in (
        (track.low, Qt.PenStyle.SolidLine), (track.high, Qt.PenStyle.SolidLine),
        (0.5 if track.shares else 0.0, Qt.PenStyle.DashLine if track.shares else Qt.PenStyle.SolidLine),
    ):  # fmt: skip
        y = round(track.y(value)) + 0.5
        painter.setPen(QPen(theme.colour("border"), 1, style))
        painter.drawLine(QPointF(columns.left, y), QPointF(columns.left + columns.width, y))


def _paint_number(painter: QPainter, theme: Theme, track: ClassTrack, columns: Columns, column: int, now: int) -> None:
    """The value at the end of its bar: always of the current token; elsewhere where it has room, which a bar that
    stands out among low ones finds above those."""
    value = float(track.values[column])
    font = theme.mono("small")
    metrics = QFontMetricsF(font)
    if np.isnan(value) or track.above < metrics.ascent():
        return
    text = track.told(value)
    width = metrics.horizontalAdvance(text)
    if column != now:
        if track.shares and value < UNSEEN:
            return
        beside = [track.values[at] for at in (column - 1, column + 1) if 0 <= at < columns.count]
        alone = track.shares and value >= 0.5 and all(other < 0.5 for other in beside)
        near = abs(column - now) == 1 and width > columns.pitch - 2
        if near or width > (2 * columns.pitch if alone else columns.pitch - 2):
            return
    font.setBold(column == now)
    painter.setFont(font)
    painter.setPen(theme.colour("text" if column <= now else "muted"))
    y = track.y(value) - 3 if value >= 0 else track.y(value) + metrics.ascent() + 1
    painter.drawText(QPointF(columns.centre(column) - QFontMetricsF(font).horizontalAdvance(text) / 2, y), text)
