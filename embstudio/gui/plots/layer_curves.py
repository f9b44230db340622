"""A few curves over the layers of a model, between −1 and 1, the current layer marked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from embstudio.gui.plots.column_plot import ColumnPlot
from embstudio.gui.plots.gutter import INSET
from embstudio.gui.plots.line_style import draw_marker, style_of
from embstudio.gui.style.theme import Theme

_SAMPLE = 20.0  # pixels of a line beside its name, at text scale 1


@dataclass(frozen=True)
class LayerCurve:
    """name: in the legend. colour: a name in `Colours`. values: one a layer, NaN where there is none."""

    name: str
    colour: str
    values: np.ndarray


class LayerCurves(ColumnPlot):
    """The legend above, the names of the layers below. hovered(column), unhovered(), picked(column)."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.curves: tuple[LayerCurve, ...] = ()
        self.layers: tuple[str, ...] = ()  # short: what stands under the columns
        self.low, self.high = 0.0, 1.0
        self.describe: Callable[[int], str] = lambda column: f"layer {column}"
        self.current = 0
        self.setObjectName("layerCurves")

    def set_curves(self, curves: Sequence[LayerCurve], layers: Sequence[str]) -> None:
        """Take curves, all of as many values as there are layers."""
        self.curves, self.layers = tuple(curves), tuple(layers)
        values = np.concatenate([*(curve.values for curve in self.curves), np.zeros(1)])
        self.low = -1.0 if float(np.nanmin(values)) < -0.5 else -0.5 if float(np.nanmin(values)) < 0 else 0.0
        self._hover = None
        self.setAccessibleDescription("; ".join(map(self._told, self.curves)))
        self.update()

    def set_current(self, column: int) -> None:
        """Mark a layer."""
        self.current = column
        self.update()

    @property
    def count(self) -> int:
        return len(self.layers)

    def tooltip_of(self, place: tuple[int, ...]) -> str:
        return self.describe(*place)

    def y_of(self, value: float) -> float:
        rect = self.plot_rect
        return float(rect.bottom() - rect.height() * (value - self.low) / (self.high - self.low))

    @property
    def plot_rect(self) -> QRectF:
        """Where the curves are."""
        small = QFontMetricsF(self.theme.font("small")).height()
        top = len(self._legend_rows()) * (small + 2) + 8
        return QRectF(self._gutter, top, self.wide, max(1.0, self.height() - top - small - 6))

    def sizeHint(self) -> QSize:
        return QSize(300, round(14 * QFontMetricsF(self.theme.font("small")).height()))

    def minimumSizeHint(self) -> QSize:
        return QSize(160, round(9 * QFontMetricsF(self.theme.font("small")).height()))

    def restyle(self) -> None:
        """Fonts or colours changed."""
        self.updateGeometry()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        self._gutter = round(QFontMetricsF(self.theme.mono("small")).horizontalAdvance("−0.5") + 16)
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.theme.colour("panel"))
        if not self.curves or not self.layers:
            return
        middle = [mark for mark in (-0.5, 0.0, 0.5) if self.low < mark < self.high]
        self.paint_scale(painter, [self.low, *middle, self.high])
        self._paint_layers(painter)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_current(painter)
        for place, curve in enumerate(self.curves):
            self._paint_curve(painter, place, curve)
        self._paint_legend(painter)

    def _paint_current(self, painter: QPainter) -> None:
        rect, columns = self.plot_rect, self.columns
        for column, colour, width in (
            (self.current, "accent", 2.0),
            (self._hover[0] if self._hover else -1, "text", 1),
        ):
            if 0 <= column < self.count:
                painter.setPen(QPen(self.theme.colour(colour), width))
                x = columns.centre(column)
                painter.drawLine(QPointF(x, rect.top()), QPointF(x, rect.bottom()))

    def _paint_curve(self, painter: QPainter, place: int, curve: LayerCurve) -> None:
        style, marker = style_of(place)
        colour = QColor(self.theme.colour(curve.colour))
        points = [
            QPointF(self.columns.centre(column), self.y_of(float(value)))
            for column, value in enumerate(curve.values)
            if np.isfinite(value)
        ]
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(colour, 1.8, style))
        painter.drawPolyline(QPolygonF(points))
        for point in points:
            draw_marker(painter, point, marker, colour)

    def _paint_layers(self, painter: QPainter) -> None:
        """The names of the layers, as many as have room."""
        font = self.theme.font("small")
        metrics = QFontMetricsF(font)
        painter.setFont(font)
        painter.setPen(self.theme.colour("muted"))
        base, reached = self.height() - metrics.descent() - 2, -1e9
        for column, name in enumerate(self.layers):
            wide = metrics.horizontalAdvance(name)
            x = min(max(self.columns.centre(column) - wide / 2, 2.0), self.width() - wide - 2)
            if x > reached + 6:
                painter.drawText(QPointF(x, base), name)
                reached = x + wide

    def _legend_rows(self) -> list[list[tuple[int, float]]]:
        """The places of the curves with the pixels each needs, in lines."""
        metrics = QFontMetricsF(self.theme.font("small"))
        rows: list[list[tuple[int, float]]] = [[]]
        used = float(INSET)
        for place, curve in enumerate(self.curves):
            wide = _SAMPLE * self.theme.scale + metrics.horizontalAdvance(curve.name) + 18
            if rows[-1] and used + wide > self.width():
                rows.append([])
                used = float(INSET)
            rows[-1].append((place, wide))
            used += wide
        return rows

    def _paint_legend(self, painter: QPainter) -> None:
        font = self.theme.font("small")
        metrics = QFontMetricsF(font)
        painter.setFont(font)
        sample, y = _SAMPLE * self.theme.scale, 2.0
        for row in self._legend_rows():
            x = float(INSET)
            for place, wide in row:
                style, marker = style_of(place)
                colour = QColor(self.theme.colour(self.curves[place].colour))
                middle = y + metrics.height() / 2
                painter.setPen(QPen(colour, 1.8, style))
                painter.drawLine(QPointF(x, middle), QPointF(x + sample, middle))
                draw_marker(painter, QPointF(x + sample / 2, middle), marker, colour)
                painter.setPen(self.theme.colour("text"))
                painter.drawText(QPointF(x + sample + 5, y + metrics.ascent()), self.curves[place].name)
                x += wide
            y += metrics.height() + 2

    def _told(self, curve: LayerCurve) -> str:
        known = curve.values[np.isfinite(curve.values)]
        if not len(known):
            return f"{curve.name}: not known"
        return f"{curve.name}: {known[0]:.3f} at first, {known[-1]:.3f} at the end".replace("-", "−")
