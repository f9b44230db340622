"""What a number is made of: a bar to the left or right of zero for each part, and the sum below them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from embstudio.gui.plots.hover_plot import HoverPlot
from embstudio.gui.style.numbers import four, percent
from embstudio.gui.style.theme import Theme
from embstudio.stepper.gate_reason import Part

INSET = 8
LABELS = 0.46  # of the width, that names and symbols may take
ENDS = (0.1, 0.2, 0.5, 1.0)  # of bars that are probabilities
UNTOLD = "cannot be told"


class PartBars(HoverPlot):
    """hovered(row), unhovered(): the mouse. picked(row): a click, or Enter, on a row that leads somewhere.

    With the focus, Up and Down go from one such row to the next.
    """

    hovered = Signal(int)
    picked = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.parts: tuple[Part, ...] = ()
        self.limit = 1.0
        self._row = -1  # that the keyboard is on
        self._reserved = 0  # rows that there was once need for: nothing jumps from step to step

    def set_parts(self, parts: Sequence[Part]) -> None:
        """Take the rows."""
        self.parts = tuple(parts)
        values = [value for part in self.parts for value in (part.value, part.before) if value is not None]
        largest = max(map(abs, values), default=0.0)
        shares = any(part.share for part in self.parts)
        self.limit = next(end for end in ENDS if largest <= end or end == 1) if shares else largest or 1.0
        leads = [row for row, part in enumerate(self.parts) if part.unit is not None]
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if leads else Qt.FocusPolicy.NoFocus)
        if self._row not in leads:
            self._row = -1
        self._hover = None
        self.setAccessibleDescription("; ".join(map(self.said, range(len(self.parts)))))
        if len(self.parts) > self._reserved:
            self._reserved = len(self.parts)
            self.updateGeometry()
        self.update()

    def restyle(self) -> None:
        """Fonts or colours changed."""
        self._reserved = len(self.parts)
        self.updateGeometry()
        self.update()

    def said(self, row: int) -> str:
        """A row in words: "bias b: 1.02"."""
        part = self.parts[row]
        name = f"{part.label} {part.symbol}".strip()
        before = f", before {percent(part.before)}" if part.before is not None else ""
        return f"{name}: {self._number(part)}{before}"

    def sizeHint(self) -> QSize:
        return QSize(420, round(max(self._reserved, 3) * self._high()) + 4)

    def minimumSizeHint(self) -> QSize:
        return QSize(240, self.sizeHint().height())

    def place_at(self, position: QPointF) -> tuple[int, ...] | None:
        row = int((position.y() - 2) // self._high())
        return (row,) if 0 <= row < len(self.parts) else None

    def tooltip_of(self, place: tuple[int, ...]) -> str:
        part = self.parts[place[0]]
        return self.said(place[0]) + ("\nclick: go to this unit" if part.unit is not None else "")

    def _high(self) -> float:
        return max(QFontMetricsF(self.theme.font("small")).height(), QFontMetricsF(self.theme.mono("small")).height())

    @staticmethod
    def _number(part: Part) -> str:
        if part.value is None:
            return UNTOLD
        return percent(part.value) if part.share else four(part.value)

    # Painting ----------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.theme.colour("panel"))
        if not self.parts:
            return
        left, right = self._edges()
        for row, part in enumerate(self.parts):
            self._draw(painter, part, QRectF(0, 2 + row * self._high(), self.width(), self._high()), left, right)
        zero = self._x_of(0.0, left, right)
        painter.setPen(QPen(self.theme.colour("border"), 1))
        painter.drawLine(QPointF(zero, 2), QPointF(zero, 2 + len(self.parts) * self._high()))
        for row, colour in ((self._hover[0] if self._hover else -1, "muted"), (self._focused, "accent")):
            if 0 <= row < len(self.parts) and (colour == "accent" or self.parts[row].unit is not None):
                painter.setPen(QPen(self.theme.colour(colour), 1, Qt.PenStyle.DotLine))
                painter.drawRect(QRectF(2, 2 + row * self._high(), self.width() - 4, self._high() - 1))

    @property
    def _focused(self) -> int:
        if not self.hasFocus():
            return -1
        return self._row if self._row >= 0 else next(iter(self._leads()), -1)

    def _leads(self) -> list[int]:
        return [row for row, part in enumerate(self.parts) if part.unit is not None]

    def _edges(self) -> tuple[float, float]:
        """Where the bars begin and end: names to the left of them, numbers to the right."""
        font, mono = QFontMetricsF(self.theme.font("small")), QFontMetricsF(self.theme.mono("small"))
        name = max(font.horizontalAdvance(part.label) + 2 * INSET * part.inside for part in self.parts)
        symbol = max(mono.horizontalAdvance(part.symbol) for part in self.parts)
        left = min(INSET + name + (symbol + 10 if symbol else 0) + 8, LABELS * self.width())
        number = max(mono.horizontalAdvance(self._number(part)) for part in self.parts)
        return left, max(left + 20, self.width() - INSET - max(number, mono.horizontalAdvance("−0.00000")) - 8)

    def _x_of(self, value: float, left: float, right: float) -> float:
        shares = any(part.share for part in self.parts)
        signed = not shares and any(part.value is not None and part.value < 0 for part in self.parts)
        low = -self.limit if signed else 0.0
        return left + (right - left) * (value - low) / (self.limit - low)

    def _draw(self, painter: QPainter, part: Part, band: QRectF, left: float, right: float) -> None:
        font, mono = self.theme.font("small", bold=part.total), self.theme.mono("small")
        mono.setBold(part.total)
        colour = QColor(self.theme.colours.role(part.role)) if part.role else self.theme.colour("residual")
        middle = int(Qt.AlignmentFlag.AlignVCenter)
        if part.total:
            painter.setPen(QPen(self.theme.colour("muted"), 1))
            painter.drawLine(QPointF(INSET, band.top() + 0.5), QPointF(self.width() - INSET, band.top() + 0.5))
        painter.setFont(mono)
        painter.setPen(colour if part.role else self.theme.colour("muted"))
        wide = QFontMetricsF(mono).horizontalAdvance(part.symbol)
        painter.drawText(band.adjusted(0, 0, left - 8 - band.width(), 0), middle | int(Qt.AlignmentFlag.AlignRight),
                         part.symbol)  # fmt: skip
        start = INSET + 2 * INSET * part.inside
        room = left - 8 - wide - (6 if wide else 0) - start
        painter.setFont(font)
        painter.setPen(self.theme.colour("muted" if part.inside else "text"))
        text = QFontMetricsF(font).elidedText(part.label, Qt.TextElideMode.ElideRight, room)
        painter.drawText(band.adjusted(start, 0, 0, 0), middle, text)
        painter.setFont(mono)
        painter.setPen(self.theme.colour("text" if part.value is not None else "muted"))
        painter.drawText(band.adjusted(0, 0, -INSET, 0), middle | int(Qt.AlignmentFlag.AlignRight),
                         self._number(part))  # fmt: skip
        if part.value is not None:
            self._draw_bar(painter, part, band, colour, left, right)

    def _draw_bar(self, painter: QPainter, part: Part, band: QRectF, colour: QColor, left: float, right: float) -> None:
        assert part.value is not None
        thin = 0.38 if part.inside else 0.2
        zero, end = self._x_of(0.0, left, right), self._x_of(part.value, left, right)
        bar = QRectF(QPointF(min(zero, end), band.top()), QPointF(max(zero, end), band.bottom()))
        painter.fillRect(bar.adjusted(0, thin * band.height(), 0, -thin * band.height()), colour)
        if part.before is not None:
            x = self._x_of(part.before, left, right)
            painter.fillRect(QRectF(x - 1, band.top() + 1, 2, band.height() - 2), self.theme.colour("text"))

    # Mouse and keys ----------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        place = self.place_at(event.position())
        if place is not None and self.parts[place[0]].unit is not None:
            self._row = place[0]
            self.picked.emit(place[0])

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and _mine(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        leads = self._leads()
        if not _mine(event) or not leads:
            super().keyPressEvent(event)
            return
        if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            at = leads.index(self._focused) + (1 if event.key() == Qt.Key.Key_Down else -1)
            self._row = leads[max(0, min(at, len(leads) - 1))]
            self.update()
        else:
            self.picked.emit(self._focused)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()


def _mine(event: QKeyEvent) -> bool:
    plain = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier == Qt.KeyboardModifier.NoModifier
    keys = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)
    return plain and event.key() in keys
