"""The sentence as the model sees it: one chip a token, the current one marked, a click goes there.

A dot below a chip marks a token at which a breakpoint holds.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QFontMetrics,
    QHelpEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygon,
)
from PySide6.QtWidgets import QAbstractScrollArea, QMenu, QToolTip, QWidget

from embstudio.gui.binding import bind
from embstudio.gui.style.theme import Theme
from embstudio.stepper.cursor import Place
from embstudio.studio import Studio

if TYPE_CHECKING:
    from embstudio.trace.token import Token

GAP = 4
INSET = 8
# A chip never grows wider than this many characters: a pasted URL is one token to some models.
MAX_CHARACTERS = 24
DOT = 2.5  # radius of a breakpoint's mark


def readable(token: Token) -> str:
    """A token's text with its invisible characters made visible."""
    text = token.text.replace("\n", "⏎").replace("\t", "⇥")
    text = text if text.strip() else "␣" * max(1, len(text))
    return text if len(text) <= MAX_CHARACTERS else text[: MAX_CHARACTERS - 1] + "…"


class TokenChips(QAbstractScrollArea):
    """Chips in one row that scrolls with the cursor. Only those in sight are painted, so length costs nothing."""

    def __init__(self, studio: Studio, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("TokenChips")
        self.setAccessibleName("Tokens of the sentence")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFrameShape(QAbstractScrollArea.Shape.NoFrame)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setMouseTracking(True)
        self.viewport().setAutoFillBackground(False)
        self._studio = studio
        self._theme = theme
        self._lefts: list[int] = []  # of each chip, in the row's own coordinates
        self._width = 0
        self._marks: frozenset[int] = frozenset()  # tokens at which a breakpoint holds
        self._marking = QTimer(self)  # conditions are worked out once the new tokens are painted
        self._marking.setSingleShot(True)
        self._marking.timeout.connect(self._mark)
        bind(self, studio.trace_changed, self._lay_out)
        bind(self, studio.cursor.changed, self._on_place)
        bind(self, studio.trace_changed, self._unmark)
        bind(self, studio.watches.changed, self._marking.start)
        bind(self, theme.changed, self._lay_out)
        self._lay_out()

    def sizeHint(self) -> QSize:
        return QSize(400, self._chip_height() + 14 + self.horizontalScrollBar().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(160, self.sizeHint().height())

    def chip_at(self, position: QPoint) -> int | None:
        """The token whose chip is at a place of the viewport, or None."""
        x = position.x() + self.horizontalScrollBar().value()
        token = bisect_right(self._lefts, x) - 1
        return token if token >= 0 and x < self._right(token) and position.y() < self._chip_height() + 8 else None

    def chip_rect(self, token: int) -> QRect:
        """Where a chip is in the viewport (it may be scrolled out of sight)."""
        left = self._lefts[token] - self.horizontalScrollBar().value()
        return QRect(left, 6, self._right(token) - self._lefts[token], self._chip_height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        trace = self._studio.trace
        if trace is None:
            painter.setPen(self._theme.colour("muted"))
            painter.drawText(self.viewport().rect(), Qt.AlignmentFlag.AlignVCenter, "  Opening the model…")
            return
        scrolled = self.horizontalScrollBar().value()
        first = max(0, bisect_right(self._lefts, scrolled) - 1)
        last = bisect_right(self._lefts, scrolled + self.viewport().width())
        for token in range(first, last):
            self._paint_chip(painter, token, trace.tokens[token])

    def _paint_chip(self, painter: QPainter, index: int, token: Token) -> None:
        current = index == self._studio.cursor.token
        rect = self.chip_rect(index)
        colour = self._theme.colour
        pen = QPen(colour("accent") if current else colour("border"), 2 if current else 1)
        if token.special:
            pen.setStyle(Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.setBrush(colour("panel") if current else colour("raised"))
        painter.drawRoundedRect(QRectF(rect).adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)
        # Tokens still to come are quieter: the model has not read them at this step.
        painter.setPen(colour("text") if index <= self._studio.cursor.token and not token.special else colour("muted"))
        font = self._theme.font(bold=current)
        font.setItalic(token.special)
        painter.setFont(font)
        upper = QRect(rect.left(), rect.top() + 2, rect.width(), QFontMetrics(font).height())
        painter.drawText(upper, Qt.AlignmentFlag.AlignCenter, readable(token))
        painter.setFont(self._theme.mono("small"))
        painter.setPen(colour("warning") if token.unknown else colour("muted"))
        lower = QRect(rect.left(), upper.bottom(), rect.width(), rect.bottom() - upper.bottom())
        painter.drawText(lower, Qt.AlignmentFlag.AlignCenter, f"{token.id}?" if token.unknown else str(token.id))
        if index in self._marks:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour("error"))
            painter.drawEllipse(QPointF(rect.center().x() + 0.5, rect.bottom() + 2.5 + DOT), DOT, DOT)
        if current:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour("accent"))
            middle = rect.center().x()
            painter.drawPolygon(QPolygon([QPoint(middle - 5, 0), QPoint(middle + 5, 0), QPoint(middle, 6)]))
            if self.hasFocus():
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(colour("accent"), 1, Qt.PenStyle.DotLine))
                painter.drawRoundedRect(QRectF(rect).adjusted(-2.5, -2.5, 2.5, 2.5), 6, 6)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        token = self.chip_at(event.position().toPoint())
        if token is not None:
            self._studio.cursor.move(token=token)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        token = self._studio.cursor.token if by_key else self.chip_at(event.pos())
        if token is None or self._studio.trace is None:
            return
        menu = QMenu(self)
        menu.setObjectName("chipMenu")
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        action = menu.addAction("&Break at this token, or no more\tF9")
        action.triggered.connect(lambda: self._studio.watches.toggle_at(token))
        at = self.chip_rect(token).center() if by_key else event.pos()
        menu.popup(self.viewport().mapToGlobal(at))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        over = self.chip_at(event.position().toPoint()) is not None
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor if over else Qt.CursorShape.ArrowCursor)

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            token = self.chip_at(event.pos())
            if token is not None:
                QToolTip.showText(event.globalPos(), self.describe(token), self, self.chip_rect(token))
                return True
        return super().viewportEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.viewport().update()

    def describe(self, index: int, *, why: bool = True) -> str:
        """What a chip's tooltip says. why: with the numbers that make a breakpoint hold, which takes a moment."""
        assert self._studio.trace is not None
        trace = self._studio.trace
        token = trace.tokens[index]
        lines = [
            f"token {index + 1} of {len(trace)}: “{readable(token)}”",
            f"id {token.id} · vocabulary entry {token.piece!r}",
        ]
        lines.append(
            f"characters {token.span[0]} to {token.span[1]}" if token.span else "no characters of the sentence"
        )
        if token.special:
            lines.append("special token: added by the tokenizer")
        if token.unknown:
            lines.append("unknown to the vocabulary: every unknown word gets this same vector")
        if index in self._marks:
            lines.append("● a breakpoint holds" + (f": {self._studio.watches.why(index)}" if why else ""))
        return "\n".join(lines)

    def _unmark(self) -> None:
        self._marks = frozenset()
        self._marking.start()

    def _mark(self) -> None:
        marks = frozenset(self._studio.watches.marks)
        if marks != self._marks:
            self._marks = marks
            self.viewport().update()

    def _right(self, token: int) -> int:
        return (self._lefts[token + 1] if token + 1 < len(self._lefts) else self._width) - GAP

    def _chip_height(self) -> int:
        return QFontMetrics(self._theme.font()).height() + QFontMetrics(self._theme.mono("small")).height() + 5

    def _lay_out(self) -> None:
        trace = self._studio.trace
        # Bold, since the current chip is bold and must not move its neighbours when it becomes so.
        word, number = QFontMetrics(self._theme.font(bold=True)), QFontMetrics(self._theme.mono("small"))
        lefts, x, widths = [], INSET, dict[str, int]()
        for token in trace.tokens if trace else ():
            lefts.append(x)
            text = readable(token)
            if text not in widths:
                widths[text] = max(word.horizontalAdvance(text), number.horizontalAdvance(f"{token.id}?"))
            x += widths[text] + 2 * INSET + GAP
        self._lefts, self._width = lefts, x
        self.setFixedHeight(self.sizeHint().height())
        self._set_range()
        self._reveal()
        self.viewport().update()

    def resizeEvent(self, event: object) -> None:
        self._set_range()
        self._reveal()

    def _set_range(self) -> None:
        bar = self.horizontalScrollBar()
        bar.setPageStep(self.viewport().width())
        bar.setSingleStep(40)
        bar.setRange(0, max(0, self._width + INSET - self.viewport().width()))

    def _on_place(self, place: Place, previous: Place) -> None:
        if place.token != previous.token:
            self._reveal()
            self.viewport().update()

    def _reveal(self) -> None:
        """Scroll so that the current chip and a little of its neighbourhood are in sight."""
        token = self._studio.cursor.token
        if self._studio.trace is None or not 0 <= token < len(self._lefts):
            return
        self.setAccessibleDescription(self.describe(token, why=False))
        bar, margin = self.horizontalScrollBar(), 80
        left, right, width = self._lefts[token], self._right(token), self.viewport().width()
        if left - margin < bar.value():
            bar.setValue(left - margin)
        elif right + margin > bar.value() + width:
            bar.setValue(right + margin - width)
