"""The tokens along an axis: whole where they fit, elided or left out where they crowd, the current in full."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QHelpEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QToolTip, QWidget

from embstudio.gui.plots.columns import Columns, spread
from embstudio.gui.plots.heat_map import RIGHT
from embstudio.gui.plots.pill import paint_pill
from embstudio.gui.style.theme import Theme

GAP = 5
SHORTEST = 22  # pixels below which an elided word tells nothing
LEAST = 3  # characters, the … among them


class TokenAxis(QWidget):
    """One line of labels under or between pictures. picked(column): a click on a column.

    first: number of tokens before the first column, where they are out of sight.
    """

    picked = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self._labels: tuple[str, ...] = ()
        self._column: int | None = 0
        self.first = 0
        self._gutter = 100
        self._sight: slice | None = None  # the columns that are shown; None: all
        self._placed: list[tuple[QRectF, str]] | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName("Tokens")

    def set_labels(self, labels: Sequence[str], gutter: int) -> None:
        """Take the labels of all columns, and the room to their left."""
        self._labels, self._gutter = tuple(labels), gutter
        self._placed = None
        self.updateGeometry()
        self.update()

    def set_sight(self, sight: slice | None) -> None:
        """Show these columns only, as wide as there is room; None: all."""
        if sight != self._sight:
            self._sight, self._placed = sight, None
            self.update()

    def set_column(self, column: int | None) -> None:
        """Mark the current column; None if it is out of sight."""
        self._column = None if column is None else max(0, min(column, len(self._labels) - 1))
        if self._labels and self._column is not None:
            self.setAccessibleDescription(f"token {self._column + 1} of {len(self._labels)}: {self._current}")
        self.update()

    @property
    def columns(self) -> Columns:
        sight = self._sight if self._sight is not None else slice(0, len(self._labels))
        return spread(self._gutter, max(1, self.width() - self._gutter - RIGHT), sight, len(self._labels))

    @property
    def _in_sight(self) -> range:
        count = len(self._labels)
        return range(*self._sight.indices(count)) if self._sight is not None else range(count)

    def _column_at(self, x: float) -> int | None:
        column = self.columns.at(x)
        return column if column is not None and column in self._in_sight else None

    @property
    def _current(self) -> str:
        return self._labels[self._column or 0]

    def sizeHint(self) -> QSize:
        return QSize(480, round(QFontMetricsF(self.theme.font()).height()) + 4)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, self.sizeHint().height())

    def resizeEvent(self, event: object) -> None:
        self._placed = None

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.theme.colour("panel"))
        if not self._labels:
            return
        if self._placed is None:
            self._placed = self._place()
        painter.setFont(self.theme.font("small"))
        painter.setPen(self.theme.colour("muted"))
        pill = self._pill() if self._column is not None else QRectF()
        for rect, text in self._placed:
            if not rect.intersects(pill):
                painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, text)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._column is not None:
            paint_pill(painter, self.theme, pill, self._current)

    def _pill(self) -> QRectF:
        """Around the current token: as wide as its word, within the widget."""
        width = QFontMetricsF(self.theme.font("small", bold=True)).horizontalAdvance(self._current) + 10
        left = self.columns.centre(self._column or 0) - width / 2
        left = max(0.0, min(left, self.width() - width))
        return QRectF(left, 1, width, self.height() - 2)

    def _place(self) -> list[tuple[QRectF, str]]:
        """Labels from left to right, each whole if it does not touch the one before, else elided, else left out."""
        metrics = QFontMetricsF(self.theme.font("small"))
        columns, placed, free = self.columns, [], float(self._gutter) - 20
        sight = self._in_sight
        widths = [metrics.horizontalAdvance(label) for label in self._labels[sight.start : sight.stop]]
        own = columns.pitch - GAP  # what a label has for itself in any case
        for place, column in enumerate(sight):
            label, centre, wide = self._labels[column], columns.centre(column), widths[place]
            after = widths[place + 1] if place + 1 < len(widths) else 0.0
            right = centre + columns.pitch - min(after, own) / 2 - GAP if own >= SHORTEST and after else self.width()
            limit = max(2 * min(centre - free, right - centre), min(own, 2 * (centre - free)))
            if wide > limit:
                if limit < SHORTEST:
                    continue
                label = metrics.elidedText(label, Qt.TextElideMode.ElideRight, limit)
                if len(label) < LEAST:
                    continue
                wide = metrics.horizontalAdvance(label)
            placed.append((QRectF(centre - wide / 2 - 1, 0, wide + 2, self.height()), label))
            free = centre + wide / 2 + GAP
        return placed

    def mousePressEvent(self, event: QMouseEvent) -> None:
        column = self._column_at(event.position().x())
        if column is not None:
            self.picked.emit(column)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            column = self._column_at(QPointF(event.pos()).x())
            if column is not None:
                QToolTip.showText(event.globalPos(), f"token {self.first + column + 1}: “{self._labels[column]}”", self)
            return True
        return super().event(event)
