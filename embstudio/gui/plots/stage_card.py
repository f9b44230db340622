"""One stage of a calculation as a card: its formula, its numbers, and whether they add up. It can be pressed."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QWidget

from embstudio.gui.style.numbers import MINUS, four
from embstudio.gui.style.rich_text import formula_text
from embstudio.gui.style.theme import Theme
from embstudio.stepper.probe import Probe
from embstudio.stepper.stage import Row, Stage

INSET = 6
ROUND = 5
WIDTH = 130  # pixels, at text scale 1
LEAST_LINES = 6


class StageCard(QAbstractButton):
    """Shows a Stage; pressed, it asks for its value in the inspector. The value that goes on is in bold.

    pointed(Probe), unpointed(): the mouse is over the card, or over one of its numbers that is a value of the trace.
    """

    pointed = Signal(object)
    unpointed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.stage = Stage("", ())
        self.current = False
        self.least_lines, self.least_width = LEAST_LINES, WIDTH
        self._over: Probe | None = None  # what the mouse is over
        self._rows: list[tuple[QRectF, Row]] = []  # where the numbers were drawn
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def set_stage(self, stage: Stage, *, current: bool) -> None:
        """Take a stage. current: the inspector shows its value."""
        if (stage, current) == (self.stage, self.current):
            return
        self.stage, self.current = stage, current
        self.setEnabled(stage.probe is not None)
        self.setAccessibleName(stage.title)
        said = self.said()
        self.setAccessibleDescription(said)
        self.setToolTip(said)
        self.update()

    def said(self) -> str:
        """All of the card as one sentence."""
        numbers = ", ".join(f"{row.label} {_number(row)}" for row in self.stage.rows)
        parts = (formula_text(self.stage.formula), numbers, self.stage.missing, self.verdict, self.stage.note)
        return "; ".join(part for part in parts if part)

    @property
    def verdict(self) -> str:
        """Whether the numbers add up; empty where there was nothing to compare."""
        check = self.stage.check
        if check is None:
            return ""
        apart = f"{check.difference:.0e}".replace("-", MINUS)
        return f"✓ agrees: {apart}" if check.agrees else f"≠ off by {four(check.difference)}"

    def probe_at(self, position: QPointF) -> Probe | None:
        """The value at a place of the card: that of the number there, or else the stage's own."""
        row = next((row for rect, row in self._rows if rect.contains(position)), None)
        return row.probe if row is not None and row.probe is not None else self.stage.probe

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        probe = self.probe_at(event.position())
        if probe != self._over:
            self._over = probe
            if probe is not None:
                self.pointed.emit(probe)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        if self._over is not None:
            self._over = None
            self.unpointed.emit()

    def sizeHint(self) -> QSize:
        return self.size_of(self.lines())

    def size_of(self, lines: int) -> QSize:
        """The room that so many lines need, at the least width."""
        height = lines * self._line() + QFontMetricsF(self.theme.font(bold=True)).height()
        return QSize(round(self.least_width * self.theme.scale), round(height) + 2 * INSET)

    def lines(self, wide: int = 0) -> int:
        """Lines that the card has below its title, at a width; 0: at the least."""
        rest = self.stage.missing or self.stage.note
        return max(self.least_lines, 1 + len(self.stage.rows) + bool(self.verdict) + self._wraps(rest, wide))

    def _wraps(self, text: str, wide: int) -> int:
        """Lines that a text takes."""
        metrics = QFontMetricsF(self.theme.font("small"))
        room = QRectF(0, 0, (wide or self.least_width * self.theme.scale) - 2 * INSET - 4, 1000)
        flags = int(Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextWordWrap)
        return round(metrics.boundingRect(room, flags, text).height() / metrics.height()) if text else 0

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def _line(self) -> float:
        return max(QFontMetricsF(self.theme.font("small")).height(), QFontMetricsF(self.theme.mono("small")).height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        marked = self.current or self.hasFocus()
        painter.setPen(
            QPen(
                self.theme.colour("accent" if marked else "border"),
                2 if self.current else 1,
                Qt.PenStyle.DotLine if self.hasFocus() and not self.current else Qt.PenStyle.SolidLine,
            )
        )
        painter.setBrush(self.theme.colour("raised"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), ROUND, ROUND)
        self._rows = []
        self._draw_corner(painter)
        y = self._draw_text(painter, INSET, self.stage.title, "text", bold=True)
        y = self._draw_formula(painter, y)
        if self.stage.missing:
            self._draw_wrapped(painter, y, self.stage.missing, self.theme.colour("muted"))
            return
        for row in self.stage.rows:
            top, bold = y, row is self.stage.rows[-1]
            y = self._draw_row(painter, y, row.label, _number(row), row.role, bold=bold)
            self._rows.append((QRectF(0, top, self.width(), y - top), row))
        if self.verdict:
            agrees = self.stage.check is not None and self.stage.check.agrees
            y = self._draw_text(painter, y, self.verdict, "muted" if agrees else "warning")
        self._draw_wrapped(painter, y, self.stage.note, self.theme.colour("muted"))

    def _draw_corner(self, painter: QPainter) -> None:
        """Draw what stands beside the title."""

    def _draw_text(self, painter: QPainter, y: float, text: str, colour: str, *, bold: bool = False) -> float:
        font = self.theme.font(bold=True) if bold else self.theme.font("small")
        metrics = QFontMetricsF(font)
        painter.setFont(font)
        painter.setPen(self.theme.colour(colour))
        text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, self.width() - 2 * INSET)
        painter.drawText(QPointF(INSET + 2, y + metrics.ascent()), text)
        return y + metrics.height()

    def _draw_formula(self, painter: QPainter, y: float) -> float:
        """Each symbol in the colour of what it stands for."""
        font = self.theme.mono("small")
        metrics = QFontMetricsF(font)
        painter.setFont(font)
        x, room = INSET + 2.0, self.width() - INSET - 2.0
        for piece in self.stage.formula:
            colour = QColor(self.theme.colours.role(piece.role)) if piece.role else self.theme.colour("muted")
            painter.setPen(colour)
            text = metrics.elidedText(piece.text, Qt.TextElideMode.ElideRight, max(0.0, room - x))
            painter.drawText(QPointF(x, y + metrics.ascent()), text)
            x += metrics.horizontalAdvance(text)
            if text != piece.text:
                if not text.endswith("…"):  # not even that had room
                    painter.drawText(QPointF(room - metrics.horizontalAdvance("…"), y + metrics.ascent()), "…")
                break
        return y + metrics.height()

    def _draw_row(self, painter: QPainter, y: float, label: str, number: str, role: str, *, bold: bool) -> float:
        mono = self.theme.mono("small")
        mono.setBold(bold)
        metrics = QFontMetricsF(mono)
        wide = metrics.horizontalAdvance(number)
        painter.setFont(mono)
        painter.setPen(QColor(self.theme.colours.role(role)) if role else self.theme.colour("text"))
        right = self.width() - INSET - 2
        painter.drawText(QPointF(right - wide, y + metrics.ascent()), number)
        font = self.theme.font("small")
        painter.setFont(font)
        painter.setPen(self.theme.colour("text" if bold else "muted"))
        room = right - wide - INSET - 8
        text = QFontMetricsF(font).elidedText(label, Qt.TextElideMode.ElideRight, room)
        painter.drawText(QPointF(INSET + 2, y + metrics.ascent()), text)
        return y + metrics.height()

    def _draw_wrapped(self, painter: QPainter, y: float, text: str, colour: QColor) -> None:
        font = self.theme.font("small")
        painter.setFont(font)
        painter.setPen(colour)
        rect = QRectF(INSET + 2, y, self.width() - 2 * INSET - 4, self.height() - y)
        painter.drawText(rect, int(Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextWordWrap), text)


def _number(row: Row) -> str:
    """A value in four digits, a count whole."""
    return f"{row.value:,}" if isinstance(row.value, int) else four(row.value)
