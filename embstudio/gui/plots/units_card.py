"""One stage of a recurrent step as a card, with what it gives for all units as small bars."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QToolTip, QWidget

from embstudio.formulas.block_maximum import fit
from embstudio.gui.plots.columns import Columns
from embstudio.gui.plots.gutter import short
from embstudio.gui.plots.stage_card import INSET, StageCard
from embstudio.gui.style.colour_maps import paint, unit_map
from embstudio.gui.style.numbers import four
from embstudio.gui.style.theme import Theme
from embstudio.stepper.probe import Probe

STRIP = 3.6  # lines of text that the bars are high, with the gates above them
GATES = 7.0  # pixels that the row of gates is high
_NONE = np.zeros(0)


class UnitsCard(StageCard):
    """unit_picked(unit): a bar was clicked. probe_of(unit): what the inspector shows of a bar."""

    unit_picked = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.values = _NONE
        self.unit = 0
        self.low, self.high = -1.0, 1.0
        self.role = self.gate_role = ""
        self.gates = _NONE
        self.least_lines = 0
        self.probe_of: Callable[[int], Probe | None] = lambda unit: None
        self._strip = QRectF()

    def set_strip(self, values: np.ndarray, limits: tuple[float, float], role: str, unit: int) -> None:
        """Take the values of all units, the range of the bars, their colour, and which unit is the current one."""
        self.values, (self.low, self.high), self.role, self.unit = values, limits, role, unit
        self.gates = _NONE
        self.update()

    def set_gates(self, gates: np.ndarray, role: str) -> None:
        """Take the gates [unit] that made the values, which are drawn as a row of colours above the bars."""
        self.gates, self.gate_role = gates, role
        self.update()

    def unit_at(self, position: QPointF) -> int | None:
        """The unit whose bar is at a place of the card."""
        return self._columns.at(position.x()) if self._strip.contains(position) else None

    def probe_at(self, position: QPointF) -> Probe | None:
        unit = self.unit_at(position)
        return super().probe_at(position) if unit is None else self.probe_of(unit) or self.stage.probe

    def lines(self, wide: int = 0) -> int:
        return super().lines(wide) + round(STRIP)

    @property
    def _columns(self) -> Columns:
        return Columns(self._strip.left(), self._strip.width(), len(self.values))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        unit = self.unit_at(event.position())
        if unit is not None:
            gate = f", {self.gate_role} {four(float(self.gates[unit]))}" if self.gates.size else ""
            text = f"unit {unit}: {four(float(self.values[unit]))}{gate}"
            QToolTip.showText(event.globalPosition().toPoint(), text, self)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        unit = self.unit_at(event.position())
        if unit is not None and event.button() == Qt.MouseButton.LeftButton:
            self.unit_picked.emit(unit)
        super().mousePressEvent(event)

    def _draw_formula(self, painter: QPainter, y: float) -> float:
        y = super()._draw_formula(painter, y)
        high = STRIP * self._line()
        self._strip = QRectF(INSET + 2, y + 2, max(1.0, self.width() - 2 * INSET - 4), high - 6)
        if self.values.size and not self.stage.missing:
            self._draw_bars(painter)
            return y + high
        return y

    def _draw_bars(self, painter: QPainter) -> None:
        strip, columns = self._strip, self._columns
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.fillRect(strip, self.theme.colour("panel"))
        if self.gates.size:
            self._draw_gates(painter)
        colour = QColor(self.theme.colours.role(self.role)) if self.role else self.theme.colour("residual")
        pixels = max(1, min(int(strip.width()), columns.count))
        starts = np.arange(pixels) * columns.count // pixels
        lows = np.minimum(np.minimum.reduceat(self.values, starts), 0)
        highs = np.maximum(np.maximum.reduceat(self.values, starts), 0)
        self._paint_bars(painter, lows, highs, colour)
        zero = float(self._ys(np.zeros(1))[0])
        painter.setPen(QPen(self.theme.colour("border"), 1))
        painter.drawLine(QPointF(strip.left(), zero), QPointF(strip.right(), zero))
        painter.setPen(QPen(self.theme.colour("accent"), 1.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        mark = max(columns.pitch, 4.0)
        painter.drawRect(QRectF(columns.centre(self.unit) - mark / 2, strip.top(), mark, strip.height() - 1))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)

    def _paint_bars(self, painter: QPainter, lows: np.ndarray, highs: np.ndarray, colour: QColor) -> None:
        """A bar each, from its lowest to its highest value, as one picture: hundreds of lines take Qt far longer."""
        ratio = self.devicePixelRatioF()
        wide, high = max(1, round(self._strip.width() * ratio)), max(1, round(self._strip.height() * ratio))
        places = np.arange(wide) * len(lows) // wide
        gaps = wide >= 3 * len(lows)  # where there is room for them between the bars
        inside = np.diff(places, append=-1) == 0 if gaps else np.ones(wide, bool)
        top = self._strip.top()
        tops, bottoms = ((self._ys(values) - top) * ratio for values in (highs, lows))
        rows = np.arange(high)[:, None] + 0.5
        lit = (rows >= tops[places]) & (rows <= bottoms[places]) & inside
        pixels = np.zeros((high, wide), np.uint32)
        pixels[lit] = colour.rgba()
        image = QImage(pixels.data, wide, high, 4 * wide, QImage.Format.Format_ARGB32)
        painter.drawImage(QRectF(self._strip.left(), top, self._strip.width(), self._strip.height()), image)

    def _ys(self, values: np.ndarray) -> np.ndarray:
        """Heights of values in the card."""
        top = self._strip.top() + (GATES + 2 if self.gates.size else 0)
        share = (np.clip(values, self.low, self.high) - self.low) / (self.high - self.low or 1.0)
        return np.asarray(self._strip.bottom() - share * (self._strip.bottom() - top))

    def _draw_gates(self, painter: QPainter) -> None:
        """The strongest gate of those that share a pixel, as in the maps."""
        wide = max(1, min(int(self._strip.width()), len(self.gates)))
        table = unit_map(self.theme.colours, self.theme.colours.role(self.gate_role))
        pixels = np.ascontiguousarray(paint(fit(self.gates[None], 1, wide), 0.0, 1.0, table))
        image = QImage(pixels.data, wide, 1, 4 * wide, QImage.Format.Format_RGBA8888)
        painter.drawImage(QRectF(self._strip.left(), self._strip.top(), self._strip.width(), GATES), image)

    def _draw_corner(self, painter: QPainter) -> None:
        """The range of the bars."""
        if not self.values.size or self.stage.missing:
            return
        font = self.theme.mono("small")
        painter.setFont(font)
        painter.setPen(self.theme.colour("muted"))
        text = f"±{short(self.high)}" if self.low == -self.high else f"{short(self.low)} … {short(self.high)}"
        wide = QFontMetricsF(font).horizontalAdvance(text)
        title = QFontMetricsF(self.theme.font(bold=True)).horizontalAdvance(self.stage.title)
        if title + wide + 3 * INSET < self.width():
            painter.drawText(QPointF(self.width() - INSET - 2 - wide, INSET + QFontMetricsF(font).ascent() + 2), text)
