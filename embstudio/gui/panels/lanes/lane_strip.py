"""The tokens of one lane as chips in the common columns, tinted by what the model says after each."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QToolTip, QWidget

from embstudio.gui.panels.lanes.words import MOST, each_class
from embstudio.gui.plots.token_label import visible_text
from embstudio.gui.style.numbers import MINUS
from embstudio.gui.style.theme import Theme
from embstudio.stepper.saying import CLASSES, LEFT_OUT, NOTHING, Saying
from embstudio.trace.token import Token

GAP = 4  # between chips
INSET = 7  # beside a chip's text
TOP = 7  # room for the triangle over the current chip
BARS = 8  # under the chips, for attention
LONGEST = 24  # characters of a chip's text
TINT = 0.46  # how much of the full colour a sure verdict gets: text stays readable on it
GREY = 0.3  # the same of the colour of shares, which is nearly that of text
UNREAD = 0.4  # of that, before the token is read


class LaneStrip(QWidget):
    """picked(place): a click on a chip. Only what is in sight is painted, so length costs nothing."""

    picked = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self._tokens: tuple[Token, ...] = ()
        self._sides: list[tuple[float, float]] = []
        self._lefts: list[float] = []
        self._saying: Saying | None = None
        self._marks: tuple[int, ...] = ()
        self._read = -1  # the last token that is read
        self._weights: np.ndarray | None = None
        self._offset = 0
        self._has_bars = False
        self.setObjectName("LaneStrip")
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    @staticmethod
    def text(token: Token) -> str:
        """A token as its chip writes it."""
        text = visible_text(token.text)
        return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"

    def widths(self, tokens: Sequence[Token]) -> list[float]:
        """What the chips of some tokens need, with the gap behind them."""
        bold = QFontMetricsF(self.theme.font(bold=True))
        least = QFontMetricsF(self.theme.mono("small")).horizontalAdvance("▼100")
        known: dict[str, float] = {}
        for token in tokens:
            text = self.text(token)
            if text not in known:
                known[text] = max(bold.horizontalAdvance(text), least) + 2 * INSET + GAP
        return [known[self.text(token)] for token in tokens]

    def set_chips(self, tokens: tuple[Token, ...], sides: Sequence[tuple[float, float]], *, bars: bool) -> None:
        """Take the tokens and where each stands in the common columns. bars: keep room for them under the chips."""
        self._has_bars = bars
        self._tokens, self._sides = tokens, list(sides)
        self._lefts = [left for left, _ in self._sides]
        self._marks, self._weights = (), None
        self.updateGeometry()
        self.update()

    def set_saying(self, saying: Saying | None) -> None:
        """Take what the model says after each token."""
        self._saying = saying
        self.update()

    def set_place(self, marks: tuple[int, ...], weights: np.ndarray | None) -> None:
        """Mark the current tokens. weights: [pos], how much the last of them looks at each token."""
        changed = {*self._marks, *marks}
        self.setAccessibleDescription(self.describe(marks[-1]) if marks else "")
        self._marks, self._weights = marks, weights
        if marks:
            changed |= set(range(min(self._read, marks[-1]) + 1, max(self._read, marks[-1]) + 1))
            self._read = marks[-1]
        for place in changed:
            if place < len(self._sides):
                self.update(self.rect_of(place).adjusted(-4, -TOP, 4, 2).toAlignedRect())
        if self._has_bars:
            self.update(QRect(0, round(TOP + self._chip_height()), self.width(), self.height()))

    def set_offset(self, offset: int) -> None:
        """How far the columns are scrolled, in pixels. What stays in sight is not painted again."""
        by, self._offset = self._offset - offset, offset
        if by and abs(by) < self.width():
            self.scroll(by, 0)
        elif by:
            self.update()

    def rect_of(self, place: int) -> QRectF:
        """Where a chip is; it may be out of sight."""
        left, right = self._sides[place]
        return QRectF(left - self._offset, TOP, right - left - GAP, self._chip_height())

    def place_at(self, x: float) -> int | None:
        """The token whose chip is at x."""
        place = bisect_right(self._lefts, x + self._offset) - 1
        return place if place >= 0 and self.rect_of(place).right() >= x else None

    def sizeHint(self) -> QSize:
        return QSize(320, round(TOP + self._chip_height() + (BARS + 3 if self._has_bars else 1)))

    def minimumSizeHint(self) -> QSize:
        return QSize(80, self.sizeHint().height())

    def _chip_height(self) -> float:
        upper, lower = QFontMetricsF(self.theme.font()), QFontMetricsF(self.theme.mono("small"))
        return float(upper.height() + lower.height() + 4)

    # Painting ----------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.theme.colour("panel"))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        first = max(0, bisect_right(self._lefts, self._offset + event.rect().left()) - 1)
        last = bisect_left(self._lefts, self._offset + event.rect().right() + 1)
        region = event.region()
        shown = [place for place in range(first, last) if region.intersects(self._area(place))]
        for place in sorted(shown, key=lambda place: place in self._marks):
            self._paint_chip(painter, place)
        if self._weights is not None:
            self._paint_bars(painter, range(first, last))

    def _area(self, place: int) -> QRect:
        return self.rect_of(place).adjusted(-1, -TOP, 1, 1).toAlignedRect()

    def _paint_bars(self, painter: QPainter, places: range) -> None:
        """How much the current token looks at each, the tallest the most."""
        assert self._weights is not None
        most = float(self._weights.max(initial=0.0))
        for place in places:
            weight = float(self._weights[place]) if place < len(self._weights) else 0.0
            if weight > 0:
                rect = self.rect_of(place)
                bar = QRectF(rect.left() + 2, rect.bottom() + 2, rect.width() - 4, max(1.0, BARS * weight / most))
                painter.fillRect(bar, self.theme.colour("attention"))

    def _paint_chip(self, painter: QPainter, place: int) -> None:
        token, rect, colour = self._tokens[place], self.rect_of(place), self.theme.colour
        current, read = place in self._marks, place <= self._read
        pen = QPen(colour("accent") if current else colour("border"), 2 if current else 1)
        if token.special:
            pen.setStyle(Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.setBrush(self._fill(place, read))
        painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)
        font = self.theme.font(bold=current)
        font.setItalic(token.special)
        upper = QRectF(rect.left(), rect.top() + 1, rect.width(), QFontMetricsF(font).height())
        self._write(painter, upper, self.text(token), font, colour("text" if read else "muted"))
        lower = QRectF(rect.left(), upper.bottom(), rect.width(), rect.bottom() - upper.bottom() - 1)
        self._write(painter, lower, self._number(place), self.theme.mono("small"), colour("text" if read else "muted"))
        if current and place == self._marks[-1]:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour("accent"))
            x = rect.center().x()
            painter.drawPolygon(QPolygonF([QPointF(x - 5, 0), QPointF(x + 5, 0), QPointF(x, TOP - 1)]))

    def _write(self, painter: QPainter, rect: QRectF, text: str, font: QFont, colour: QColor) -> None:
        painter.setFont(font)
        painter.setPen(colour)
        painter.drawText(rect, int(Qt.AlignmentFlag.AlignCenter), text)

    def _fill(self, place: int, read: bool) -> QColor:
        """The chip's colour: towards a class by how sure it is, else by how expected the word is that follows."""
        base = self.theme.colour("raised")
        leaning = self._leaning(place)
        if leaning is None:
            return base
        role, share = leaning
        share *= (GREY if role == "attention" else TINT) * (1 if read else UNREAD)
        full = self.theme.colour(role)
        return QColor.fromRgbF(
            base.redF() + (full.redF() - base.redF()) * share,
            base.greenF() + (full.greenF() - base.greenF()) * share,
            base.blueF() + (full.blueF() - base.blueF()) * share,
        )

    def _leaning(self, place: int) -> tuple[str, float] | None:
        """The colour that a chip leans to, and how far, 0 to 1."""
        saying = self._saying
        if saying is None or saying.kind in (NOTHING, LEFT_OUT):
            return None
        if saying.kind != CLASSES:
            following = saying.following(place)
            return ("attention", following.probability) if following is not None else None
        if saying.apart and saying.shares is not None:  # as the number: the likeliest of them
            row = saying.shares[place]
            return None if np.isnan(row).any() else ("attention", float(row.max()))
        if saying.shares is None or saying.verdicts[place] is None:
            return None
        row = saying.shares[place]
        if len(row) == 2:
            return ("positive" if row[1] >= 0.5 else "negative"), abs(2 * float(row[1]) - 1)
        return "attention", float(row.max())

    def _number(self, place: int) -> str:
        """What stands under the word: ▲93 of two classes, the percentage of what follows of next-word models."""
        saying = self._saying
        if saying is None or saying.kind in (NOTHING, LEFT_OUT):
            return ""
        if saying.kind != CLASSES:
            following = saying.following(place)
            return "" if following is None else _short_percent(following.probability)
        if saying.apart and saying.shares is not None and saying.raw is not None:
            row = saying.shares[place]
            if np.isnan(row).any():
                return "…"
            bare = saying.readout is not None and saying.readout.bare
            return f"{saying.raw[place, 0]:.1f}".replace("-", MINUS) if bare else f"{100 * row.max():.0f}"
        class_ = saying.verdicts[place]
        if saying.shares is None or class_ is None:
            return "…"
        share = f"{100 * float(saying.shares[place, class_]):.0f}"
        return f"{'▼▲'[class_]}{share}" if saying.shares.shape[1] == 2 else share

    # Mouse -------------------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        place = self.place_at(event.position().x())
        if place is not None:
            self.picked.emit(place)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        over = self.place_at(event.position().x()) is not None
        self.setCursor(Qt.CursorShape.PointingHandCursor if over else Qt.CursorShape.ArrowCursor)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            place = self.place_at(event.pos().x())
            if place is None:
                QToolTip.hideText()
            else:
                QToolTip.showText(event.globalPos(), self.describe(place), self)
            return True
        return super().event(event)

    def describe(self, place: int) -> str:
        """What a chip's tooltip says."""
        token = self._tokens[place]
        lines = [f"token {place + 1} of {len(self._tokens)}: “{visible_text(token.text)}”, id {token.id}"]
        if token.unknown:
            lines.append("unknown to this model's vocabulary: every unknown word gets the same vector")
        if token.special:
            lines.append("special token: added by the tokenizer")
        saying = self._saying
        if saying is not None and saying.kind == CLASSES and saying.shares is not None:
            class_ = saying.verdicts[place]
            if said := each_class(saying, place, MOST) if saying.apart else "":
                lines.append(f"after it: {said}")
            if class_ is not None:
                share = 100 * float(saying.shares[place, class_])
                lines.append(f"after it: {saying.label(class_)} {share:.1f} %")
        if self._weights is not None and place < len(self._weights):
            lines.append(f"the current token looks here with {100 * float(self._weights[place]):.1f} %")
        return "\n".join(lines)


def _short_percent(share: float) -> str:
    """12 %; <1 % for what is not nothing."""
    return "<1 %" if 0 < share < 0.005 else f"{100 * share:.0f} %"
