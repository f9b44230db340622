"""A text, each token on a patch whose colour is its value: what weighs is seen where it stands."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QHelpEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QToolTip, QWidget

from embstudio.gui.style.colour_maps import paint, signed_map
from embstudio.gui.style.theme import Theme

INSET, GAP, EDGE = 5.0, 2.0, 4.0
MOST_LINES = 4  # in sight; more are scrolled


class TintedTokens(QAbstractScrollArea):
    """Words in lines, as many as there is room for. picked(token): a click; hovered(token), unhovered(): the mouse.

    describe(token): the text for its tooltip.
    """

    picked = Signal(int)
    hovered = Signal(int)
    unhovered = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.describe: Callable[[int], str] = lambda token: f"token {token + 1}"
        self._labels: tuple[str, ...] = ()
        self._values = np.zeros(0)
        self._limit = 1.0
        self._rects: list[QRectF] = []  # of each token, in the text's own coordinates
        self._tops: list[float] = []
        self._last, self._marked, self._hover = 0, -1, -1
        self.setFrameShape(QAbstractScrollArea.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the window's own keys step
        self.viewport().setMouseTracking(True)

    def set_tokens(self, labels: Sequence[str], values: np.ndarray) -> None:
        """Take the tokens and a signed value of each; the colours go to the largest in size."""
        self._labels, self._values = tuple(labels), np.asarray(values, np.float64)
        self._limit = float(np.abs(self._values[np.isfinite(self._values)]).max(initial=0.0)) or 1.0
        self._hover = -1
        self._lay_out()

    def set_places(self, last: int, marked: int | None) -> None:
        """Mark token T, and the token that the words above are about; T is brought into sight."""
        self._last, self._marked = last, -1 if marked is None else marked
        self._bring_into_sight(last if marked is None else marked)
        self.viewport().update()

    def restyle(self) -> None:
        """Fonts or colours changed."""
        self._lay_out()

    def token_at(self, at: QPointF) -> int | None:
        """The token at a place of the viewport, or None beside them all."""
        at = at + QPointF(0, self.verticalScrollBar().value())
        return next((token for token in self._in_band(at.y(), at.y()) if self._rects[token].contains(at)), None)

    def rect_of(self, token: int) -> QRectF:
        """Where a token is in the viewport (it may be scrolled out of sight)."""
        return self._rects[token].translated(0, -self.verticalScrollBar().value())

    def minimumSizeHint(self) -> QSize:
        return QSize(160, round(self._line()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out()

    def _line(self) -> float:
        return QFontMetricsF(self.theme.font()).height() + 2 * GAP + 4

    def _lay_out(self) -> None:
        metrics, line = QFontMetricsF(self.theme.font(bold=True)), self._line()
        room = max(80.0, self.viewport().width() - 2 * EDGE)
        widths: dict[str, float] = {}
        rects, x, y = [], EDGE, EDGE
        for label in self._labels:
            if label not in widths:
                widths[label] = min(metrics.horizontalAdvance(label) + 2 * INSET, room)
            if x + widths[label] > room + EDGE and x > EDGE:
                x, y = EDGE, y + line
            rects.append(QRectF(x, y, widths[label], line - GAP - 2))
            x += widths[label] + GAP
        self._rects, self._tops = rects, [rect.top() for rect in rects]
        high = y + line + EDGE if rects else line
        self.setFixedHeight(round(min(high, MOST_LINES * line + 2 * EDGE)))
        bar = self.verticalScrollBar()
        bar.setRange(0, max(0, round(high) - self.height()))
        bar.setPageStep(self.height())
        bar.setSingleStep(round(line))
        self.viewport().update()

    def _in_band(self, top: float, bottom: float) -> range:
        """The tokens whose lines touch a band of the text."""
        first = bisect_right(self._tops, top - self._line())
        return range(first, bisect_right(self._tops, bottom))

    def _bring_into_sight(self, token: int) -> None:
        if 0 <= token < len(self._rects):
            bar, rect = self.verticalScrollBar(), self._rects[token]
            if rect.top() < bar.value() + EDGE:
                bar.setValue(int(rect.top() - EDGE))
            elif rect.bottom() > bar.value() + self.height():
                bar.setValue(int(rect.bottom() + EDGE - self.height()))

    # Painting and mouse ----------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.fillRect(self.viewport().rect(), self.theme.colour("panel"))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        scrolled = self.verticalScrollBar().value()
        painter.translate(0, -scrolled)
        shown = self._in_band(scrolled, scrolled + self.height())
        pixels = paint(
            self._values[shown.start : shown.stop], -self._limit, self._limit, signed_map(self.theme.colours)
        )
        for token, pixel in zip(shown, pixels.tolist(), strict=True):
            self._paint_token(painter, token, QColor(*pixel))

    def _paint_token(self, painter: QPainter, token: int, patch: QColor) -> None:
        rect = self._rects[token]
        own = token == self._last
        outline = "accent" if own else "text" if token in (self._marked, self._hover) else ""
        painter.setBrush(patch)
        painter.setPen(QPen(self.theme.colour(outline), 2 if own else 1) if outline else Qt.PenStyle.NoPen)
        painter.drawRoundedRect(rect, 3, 3)
        painter.setFont(self.theme.font(bold=own))
        painter.setPen(_readable_on(patch) if patch.alpha() else self.theme.colour("text"))
        text = QFontMetricsF(painter.font()).elidedText(
            self._labels[token], Qt.TextElideMode.ElideRight, rect.width() - INSET
        )
        painter.drawText(rect, int(Qt.AlignmentFlag.AlignCenter), text)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        token = self.token_at(event.position())
        if token is not None and event.button() == Qt.MouseButton.LeftButton:
            self.picked.emit(token)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        token = self.token_at(event.position())
        if token != (self._hover if self._hover >= 0 else None):
            self._hover = -1 if token is None else token
            self.viewport().update()
            if token is None:
                self.unhovered.emit()
            else:
                self.hovered.emit(token)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        if self._hover >= 0:
            self._hover = -1
            self.viewport().update()
            self.unhovered.emit()

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            token = self.token_at(QPointF(event.pos()))
            if token is not None:
                QToolTip.showText(event.globalPos(), self.describe(token), self)
            return True
        return super().viewportEvent(event)


def _readable_on(patch: QColor) -> QColor:
    """Black or white, whichever stands out more (relative luminance of WCAG 2)."""
    parts = (patch.redF(), patch.greenF(), patch.blueF())
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return QColor("#101216") if (luminance + 0.05) / 0.05 > 1.05 / (luminance + 0.05) else QColor("#FFFFFF")
