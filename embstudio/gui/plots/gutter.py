"""The column of titles to the left of pictures that share an axis."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter

from embstudio.gui.style.numbers import four
from embstudio.gui.style.theme import Theme

INSET = 8
RAMP = 32  # pixels, at text scale 1


def title_height(theme: Theme) -> int:
    """Pixels that two lines of a title need."""
    return round(QFontMetricsF(theme.font()).height() + QFontMetricsF(theme.mono("small")).height())


def line_height(theme: Theme) -> int:
    """Pixels that one line needs."""
    return round(QFontMetricsF(theme.font()).height())


def paint_title(painter: QPainter, theme: Theme, rect: QRect, symbol: str, word: str, role: str) -> float:
    """Write "f  forget gate" at the top of `rect`; returns the height used."""
    bold = theme.mono()
    bold.setBold(True)
    high = QFontMetricsF(bold).height()
    painter.setFont(bold)
    painter.setPen(QColor(theme.colours.role(role)))
    painter.drawText(QPointF(rect.left() + INSET, rect.top() + QFontMetricsF(bold).ascent()), symbol)
    left = rect.left() + INSET + QFontMetricsF(bold).horizontalAdvance(symbol + " ")
    font = theme.font()
    metrics = QFontMetricsF(font)
    painter.setFont(font)
    painter.setPen(theme.colour("text"))
    text = metrics.elidedText(word, Qt.TextElideMode.ElideRight, rect.right() - left)
    painter.drawText(QPointF(left, rect.top() + metrics.ascent()), text)
    return float(max(high, metrics.height()))


def paint_range(painter: QPainter, theme: Theme, rect: QRect, low: float, high: float, ramp: QImage, note: str) -> None:
    """Write "0 ▒▒▒ 1" from the top of `rect`, and what else must be said of the range."""
    font = theme.mono("small")
    metrics = QFontMetricsF(font)
    painter.setFont(font)
    painter.setPen(theme.colour("muted"))
    x, base = float(rect.left() + INSET), rect.top() + metrics.ascent()
    first, last = short(low), short(high)
    width = metrics.horizontalAdvance(f"{first}{last}{note}") + RAMP * theme.scale + 14
    if note and x + width > rect.right() and low == -high:
        # Too narrow for the ramp: what was clipped is worth more.
        first = f"±{last}"
        painter.drawText(QPointF(x, base), first)
        x += metrics.horizontalAdvance(first) + 6
    else:
        painter.drawText(QPointF(x, base), first)
        x += metrics.horizontalAdvance(first) + 4
        bar = QRectF(x, base - metrics.ascent() * 0.6, RAMP * theme.scale, metrics.ascent() * 0.5)
        painter.drawImage(bar, ramp)
        x = bar.right() + 4
        painter.drawText(QPointF(x, base), last)
        x += metrics.horizontalAdvance(last) + 6
    if note:
        painter.setPen(theme.colour("warning"))
        painter.drawText(QPointF(x, base), metrics.elidedText(note, Qt.TextElideMode.ElideRight, rect.right() - x))


def paint_one_line(
    painter: QPainter, theme: Theme, rect: QRect, title: tuple[str, str, str], low: float, high: float, *, clipped: bool
) -> None:
    """Title and range in one line, where two have no room: "f  forget gate  0–1", "c  memory  ±2.9". A range beyond
    which there are values has the colour of a warning.

    title: symbol, word, role.
    """
    font = theme.mono("small")
    metrics = QFontMetricsF(font)
    text = f"±{short(high)}" if low == -high else f"{short(low)}–{short(high)}"
    wide = metrics.horizontalAdvance(text)
    paint_title(painter, theme, rect.adjusted(0, 0, -round(wide) - 4, 0), *title)
    painter.setFont(font)
    painter.setPen(theme.colour("warning" if clipped else "muted"))
    painter.drawText(QPointF(rect.right() - wide, rect.top() + QFontMetricsF(theme.font()).ascent()), text)


def short(value: float) -> str:
    """A bound of a range in two significant digits where that is exact enough to read: −2.1, 0, 1."""
    if value == round(value) and abs(value) < 1000:
        return four(value) if value == 0 else f"{value:.0f}".replace("-", "−")
    return f"{value:.2g}".replace("-", "−")
