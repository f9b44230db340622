"""One attention head in full: each row is a token that attends, each column a token it attends to."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QHelpEvent, QImage, QPainter, QPen
from PySide6.QtWidgets import QToolTip, QWidget

from embstudio.formulas.block_maximum import fit_weights
from embstudio.gui.plots import gutter
from embstudio.gui.plots.pill import paint_pill
from embstudio.gui.plots.zoom_grid import ZoomGrid
from embstudio.gui.style.theme import Theme

ROOM_FOR_NUMBERS = 34  # pixels a cell, at text scale 1


class HeadMap(ZoomGrid):
    """Weights [query, key] with the tokens on both axes; NaN where nothing can be. Numbers in the cells if they fit.

    set_place(query, key) marks the row of the query and the cell of the key.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.row_labels: tuple[str, ...] = ()
        self.column_labels: tuple[str, ...] = ()
        self.buttons_width = 0  # pixels at the right of the heading that something else covers
        self._heading, self._warns = "", False
        self._widest: tuple[float, float] | None = None  # of the row labels and of the column labels
        self._cells: QRect | None = None  # where they are, until anything changes
        self._clipped = 0  # values above the range
        self._ramp = QImage(1, 1, QImage.Format.Format_RGBA8888)

    def restyle(self) -> None:
        """Fonts or colours changed."""
        self._widest = None
        self.redraw()

    def set_labels(self, rows: Sequence[str], columns: Sequence[str]) -> None:
        """Take the labels of both axes."""
        self.row_labels, self.column_labels = tuple(rows), tuple(columns)
        self.restyle()

    def set_heading(self, text: str, *, warns: bool = False) -> None:
        """The line above the map. warns: it says that the map shows something else than the model's own weights."""
        self._heading, self._warns = text, warns
        self.redraw()

    def reduced(self, values: np.ndarray, rows: int, columns: int) -> np.ndarray:
        hidden = np.isnan(values)
        return fit_weights(np.where(hidden, np.float32(0), values), hidden, rows, columns)

    @property
    def note(self) -> str:
        """What must be known of the picture: which tokens are in sight, and whether cells share a pixel."""
        window, notes = self.window_in_sight, []
        if self._clipped:
            notes.append(f"{self._clipped:,} above {gutter.short(self.high)} clipped")
        if window.zoomed:
            rows, columns = (
                f"{first + 1}–{first + count} of {every}"
                for first, count, every in (
                    (window.row, window.rows, window.of_rows),
                    (window.column, window.columns, window.of_columns),
                )
            )
            notes.append(f"from {rows}, to {columns}")
        if self.shared:
            notes.append("a pixel is the strongest of its cells")
        return "; ".join(notes)

    def set_values(self, values: np.ndarray, table: np.ndarray, low: float, high: float) -> None:
        pixels = np.ascontiguousarray(table)
        self._ramp = QImage(pixels.data, len(pixels), 1, QImage.Format.Format_RGBA8888).copy()
        self._clipped = int((values > high).sum())
        super().set_values(values, table, low, high)

    @property
    def shows_numbers(self) -> bool:
        """Whether cells are large enough to hold their numbers."""
        metrics = QFontMetricsF(self.theme.mono("small"))
        return self.columns.pitch >= ROOM_FOR_NUMBERS * self.theme.scale and self.rows.pitch >= metrics.height()

    def redraw(self) -> None:
        self._cells = None
        super().redraw()

    def cells_rect(self) -> QRect:
        if self._cells is None:
            left, top, bottom = self._margins()
            self._cells = QRect(left, top, max(1, self.width() - left - 8), max(1, self.height() - top - bottom))
        return self._cells

    def sizeHint(self) -> QSize:
        return QSize(420, 360)

    def minimumSizeHint(self) -> QSize:
        return QSize(round(160 * self.theme.scale), round(140 * self.theme.scale))

    def _margins(self) -> tuple[int, int, int]:
        """Room to the left, above and below the cells."""
        metrics = QFontMetricsF(self.theme.font("small"))
        line = metrics.height()
        if self._widest is None:
            bold = QFontMetricsF(self.theme.font("small", bold=True))  # as the current one is written
            rows, columns = (
                max(map(bold.horizontalAdvance, labels), default=0.0)
                for labels in (self.row_labels, self.column_labels)
            )
            self._widest = rows, columns
        rows, columns = self._widest
        left = round(min(rows + 16, 0.3 * self.width()))
        upright = columns + 6 > (self.width() - left - 8) / max(1, self.window_in_sight.columns)
        bottom = min(columns + 8, 0.25 * self.height()) if upright else line + 2
        return left, round(2 * line) + 4, round(bottom)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            if event.pos().y() < self.cells_rect().top():
                QToolTip.showText(event.globalPos(), self.about, self)
            return True
        return super().event(event)

    @property
    def about(self) -> str:
        """What stands above the map, in full: a narrow one cuts it short."""
        colours = f"colours: {gutter.short(self.low)} … {gutter.short(self.high)}"
        return "\n".join(part for part in (self._heading, colours, self.note) if part)

    # Painting ----------------------------------------------------------------------------------------------------

    def paint_frame(self, painter: QPainter) -> None:
        self._draw_heading(painter)
        metrics = QFontMetricsF(self.theme.font("small"))
        painter.setFont(self.theme.font("small"))
        painter.setPen(self.theme.colour("muted"))
        rows, columns = self.in_sight()
        for row in range(rows.start, min(rows.stop, len(self.row_labels)), _every(metrics.height(), self.rows.pitch)):
            self._draw_row_label(painter, row)
        step = _every(metrics.height(), self.columns.pitch)
        for column in range(columns.start, min(columns.stop, len(self.column_labels)), step):
            self._draw_column_label(painter, column)
        painter.setPen(QPen(self.theme.colour("border"), 1))
        painter.drawRect(QRectF(self.cells_rect()).adjusted(-0.5, -0.5, 0.5, 0.5))
        if self.shows_numbers:
            self._draw_numbers(painter)

    def _draw_heading(self, painter: QPainter) -> None:
        metrics = QFontMetricsF(self.theme.font("small"))
        painter.setFont(self.theme.font("small"))
        painter.setPen(self.theme.colour("warning" if self._warns else "text"))
        room = self.width() - 12 - self.buttons_width
        text = metrics.elidedText(self._heading, Qt.TextElideMode.ElideRight, room)
        painter.drawText(QPointF(8, metrics.ascent()), text)
        line = QRect(0, round(metrics.height()), self.width(), round(metrics.height()))
        gutter.paint_range(painter, self.theme, line, self.low, self.high, self._ramp, "")
        painter.setFont(self.theme.font("small"))
        painter.setPen(self.theme.colour("muted"))
        mono = QFontMetricsF(self.theme.mono("small"))
        scale = mono.horizontalAdvance(f"{gutter.short(self.low)}{gutter.short(self.high)}  ")
        start = gutter.INSET + scale + gutter.RAMP * self.theme.scale + 16
        free = self.width() - start - self.buttons_width
        note = metrics.elidedText(self.note, Qt.TextElideMode.ElideRight, free)
        painter.drawText(QPointF(start, line.top() + metrics.ascent()), note)

    def _draw_row_label(self, painter: QPainter, row: int) -> None:
        metrics = QFontMetricsF(painter.font())
        room = self.cells_rect().left() - 10
        text = metrics.elidedText(self.row_labels[row], Qt.TextElideMode.ElideRight, room)
        rect = QRectF(2, self.rows.centre(row) - metrics.height() / 2, room, metrics.height())
        painter.drawText(rect, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), text)

    def _draw_column_label(self, painter: QPainter, column: int, *, over: bool = False) -> None:
        """Level where the words fit, else upright. over: hide what is written there already."""
        metrics = QFontMetricsF(painter.font())
        cells = self.cells_rect()
        room = self.height() - cells.bottom() - 4
        level = room <= metrics.height() + 2
        text = metrics.elidedText(
            self.column_labels[column], Qt.TextElideMode.ElideRight, self.columns.pitch if level else room
        )
        wide = metrics.horizontalAdvance(text)
        painter.save()
        painter.translate(self.columns.centre(column), cells.bottom() + 3)
        if level:
            rect = QRectF(-wide / 2, 0, wide, room)
        else:
            painter.rotate(-90)
            rect = QRectF(-wide - 1, -metrics.height() / 2, wide, metrics.height())
        if over:
            painter.fillRect(rect, self.theme.colour("panel"))
        painter.drawText(rect, int(Qt.AlignmentFlag.AlignCenter), text)
        painter.restore()

    def _draw_numbers(self, painter: QPainter) -> None:
        """The weight in each cell, light on dark or dark on light."""
        painter.setFont(self.theme.mono("small"))
        span = (self.high - self.low) or 1.0
        rows, columns = self.in_sight()
        for down, across in zip(*np.nonzero(np.isfinite(self.values[rows, columns])), strict=True):
            row, column = rows.start + int(down), columns.start + int(across)
            value = float(self.values[row, column])
            share = min(max((value - self.low) / span, 0.0), 1.0)
            red, green, blue, _ = self._table[round(share * (len(self._table) - 1))].tolist()
            light = 0.299 * red + 0.587 * green + 0.114 * blue > 128
            painter.setPen(QColor("#101318" if light else "#F4F6FA"))
            cell = self.cell_rect(row, column)
            painter.drawText(cell, int(Qt.AlignmentFlag.AlignCenter), f"{value:.2f}")

    def paint_marks(self, painter: QPainter) -> None:
        accent, cells = self.theme.colour("accent"), self.cells_rect()
        rows, columns = self.in_sight()
        row_seen = rows.start <= self.row < rows.stop
        column_seen = columns.start <= self.column < columns.stop
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if row_seen:
            row = self.outline(self.row, columns.start)
            painter.setPen(QPen(accent, 2))
            painter.drawRect(QRectF(cells.left() - 1, row.top(), cells.width() + 2, row.height()))
        if column_seen:
            painter.setPen(QPen(accent, 1, Qt.PenStyle.DotLine))
            column = self.outline(rows.start, self.column)
            painter.drawRect(QRectF(column.left(), cells.top() - 1, column.width(), cells.height() + 2))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if row_seen:
            self.triangle(painter, QPointF(cells.left() - 2, self.rows.centre(self.row)), down=False)
        if column_seen:
            self.triangle(painter, QPointF(self.columns.centre(self.column), cells.top() - 1), down=True)
        painter.setFont(self.theme.font("small", bold=True))
        painter.setPen(self.theme.colour("text"))
        if column_seen and self.column < len(self.column_labels):
            self._draw_column_label(painter, self.column, over=True)
        if row_seen and self.row < len(self.row_labels):
            self._draw_pill(painter)

    def _draw_pill(self, painter: QPainter) -> None:
        """The current query's own label, marked as everywhere."""
        metrics = QFontMetricsF(self.theme.font("small", bold=True))
        room = self.cells_rect().left() - 8
        text = metrics.elidedText(self.row_labels[self.row], Qt.TextElideMode.ElideRight, room - 6)
        wide = metrics.horizontalAdvance(text) + 8
        rect = QRectF(room - wide, self.rows.centre(self.row) - metrics.height() / 2, wide, metrics.height())
        paint_pill(painter, self.theme, rect, text)


def _every(needed: float, pitch: float) -> int:
    """Label each n-th so that labels do not touch."""
    return max(1, int(np.ceil(needed / max(pitch, 1e-6))))
