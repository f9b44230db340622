"""The probability of each class after each token, as bars over the sentence."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QToolTip, QWidget

from embstudio.gui.plots.class_track import ClassTrack, paint_scale, paint_track
from embstudio.gui.plots.class_words import in_words
from embstudio.gui.plots.columns import Columns
from embstudio.gui.style.theme import Theme
from embstudio.stepper.class_readout import ClassReadout
from embstudio.trace.readout import Readout

INSET = 8.0
NARROWEST = 5.5  # widths of a digit that a column needs
SLIMMEST = 1.7  # the same of tracks over short tokens, such as bytes: their numbers stand where there is room


class ClassChart(QAbstractScrollArea):
    """One row of bars for each class; of two classes one row, up from the middle for the last, down for the first.
    Of classes that are judged each by itself, one row for each, from 0 to 100 %; of one score alone its own scale.

    Columns are as wide as the widget allows; where that is too narrow to read they keep their width and scroll.
    picked(column): a click on a column.
    """

    picked = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.probabilities = np.zeros((0, 0))
        self.scores = self.probabilities
        self.readout = ClassReadout(Readout.ONE_OF)
        self.names: tuple[str, ...] = ()
        self._labels: tuple[str, ...] = ()
        self._column = 0
        self.setObjectName("classChart")
        self.setFrameShape(QAbstractScrollArea.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the window's own keys step
        self.setAccessibleName("Probability of each class after each token")

    def set_bars(
        self,
        probabilities: np.ndarray,
        names: Sequence[str],
        labels: Sequence[str],
        readout: ClassReadout,
        scores: np.ndarray,
    ) -> None:
        """Take probabilities [pos, class], NaN where they are not there yet, the names of the classes and the labels of
        the tokens, and the scores [pos, class] with how they were read."""
        self.probabilities, self.names, self._labels = probabilities, tuple(names), tuple(labels)
        self.readout, self.scores = readout, scores
        self._fit()
        self.viewport().update()

    def set_column(self, column: int) -> None:
        """Mark the current token and bring it into sight."""
        self._column = max(0, min(column, len(self.probabilities) - 1))
        self._bring_into_sight()
        if len(self.probabilities):
            self.setAccessibleDescription(self.describe(self._column))
        self.viewport().update()

    def _bring_into_sight(self) -> None:
        bar = self.horizontalScrollBar()
        columns = self._unscrolled()
        start, end = columns.start(self._column) - columns.left, columns.start(self._column + 1) - columns.left
        if start - columns.pitch < bar.value():
            bar.setValue(int(start - columns.pitch))
        elif end + columns.pitch > bar.value() + self._room():
            bar.setValue(int(end + columns.pitch - self._room()) + 1)

    def describe(self, column: int) -> str:
        """What stands in a column: after ‘loved’ (token 6): positive 93.1 %, negative 6.9 %."""
        row = self.probabilities[column]
        if np.isnan(row).any():
            return f"after ‘{self._labels[column]}’ (token {column + 1}): not run yet"
        told = in_words(self.readout, self.names, row, self.scores[column])
        return f"after ‘{self._labels[column]}’ (token {column + 1}): {told}"

    @property
    def columns(self) -> Columns:
        """Where the columns are now, in pixels of the viewport."""
        still = self._unscrolled()
        return Columns(still.left - self.horizontalScrollBar().value(), still.width, still.count)

    def sizeHint(self) -> QSize:
        return QSize(480, round(160 * self.theme.scale))

    def minimumSizeHint(self) -> QSize:
        return QSize(160, round(80 * self.theme.scale))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()
        self._bring_into_sight()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.fillRect(self.viewport().rect(), self.theme.colour("panel"))
        if not len(self.probabilities):
            return
        columns = self.columns
        painter.save()
        painter.setClipRect(QRectF(self._gutter(), 0, self._room() + INSET, self.viewport().height()))
        self._paint_current(painter, columns)
        rows, tracks = self._rows(), self.tracks
        first = max(0, int((self._gutter() - columns.left) / columns.pitch))
        last = min(columns.count, int((self.viewport().width() - columns.left) / columns.pitch) + 1)
        above_labels = QRectF(0, 0, self.viewport().width(), self.viewport().height() - self._line())
        painter.save()
        painter.setClipRect(above_labels, Qt.ClipOperation.IntersectClip)
        for track in tracks:
            paint_track(painter, self.theme, track, columns, range(first, last), self._column)
        painter.restore()
        for row, band in () if tracks else rows:
            self._paint_rules(painter, band)
            for column in range(first, last):
                self._paint_bar(painter, columns, column, row, band)
        self._paint_labels(painter, columns, range(first, last))
        painter.restore()
        painter.setClipRect(above_labels)
        for track in tracks:
            paint_scale(painter, self.theme, track, INSET, self._gutter())
        painter.setClipping(False)
        for row, band in () if tracks else rows:
            self._paint_name(painter, row, band)

    @property
    def tracks(self) -> list[ClassTrack]:
        """Of classes that are judged each by itself, the first on top; none of classes that exclude one another."""
        if not self.readout.apart:
            return []
        values = self.scores if self.readout.bare else self.probabilities
        shares, above = not self.readout.bare, self._above()
        return [ClassTrack(self.names[row], values[:, row], band, shares, above) for row, band in self._rows()]

    def _two_way(self) -> bool:
        return len(self.names) == 2 and not self.readout.apart

    def _rows(self) -> list[tuple[int, QRectF]]:
        """The rows of bars: the class and its rectangle."""
        height = self.viewport().height() - self._line() - 4
        width = self.viewport().width()
        if self._two_way():
            return [(1, QRectF(0, self._line(), width, max(8.0, height - 2 * self._line())))]
        each, scrolled = self._each(), self.verticalScrollBar().value()
        if not self.readout.apart:
            each = height / max(1, len(self.names))
            rows = range(len(self.names)) if each > 3 else ()
            return [(row, QRectF(0, row * each + each * 0.3, width, each * 0.65)) for row in rows]
        above = self._above()
        below = above if self.readout.bare else 0.0
        tall = max(2.0, each - above - below - 3)
        return [(row, QRectF(0, row * each + above - scrolled, width, tall)) for row in range(len(self.names))]

    def _each(self) -> float:
        """The height of a track: more of them than there is room for scroll."""
        height = self.viewport().height() - self._line() - 4
        return max(height / max(1, len(self.names)), 1.2 * self._line())

    def _above(self) -> float:
        """The room over a track for its numbers, where it is tall enough to have some."""
        digits = QFontMetricsF(self.theme.mono("small")).ascent() + 4
        return digits if self._each() >= 2.2 * digits else self._each() * 0.2

    def _paint_current(self, painter: QPainter, columns: Columns) -> None:
        wash = QColor(self.theme.colour("accent"))
        wash.setAlpha(36)
        rect = QRectF(columns.start(self._column), 0, columns.pitch, self.viewport().height())
        painter.fillRect(rect, wash)

    def _paint_rules(self, painter: QPainter, band: QRectF) -> None:
        painter.setPen(QPen(self.theme.colour("border"), 1))
        for share in (0.0, 0.5, 1.0) if self._two_way() else (0.0,):
            y = round(band.bottom() - share * band.height()) + 0.5
            painter.drawLine(QPointF(self._gutter(), y), QPointF(self.viewport().width() - INSET, y))

    def _paint_bar(self, painter: QPainter, columns: Columns, column: int, row: int, band: QRectF) -> None:
        share = float(self.probabilities[column, row])
        if np.isnan(share):
            return
        zero = 0.5 if self._two_way() else 0.0
        colours = self.theme.colours
        colour = QColor(colours.attention if not self._two_way() else colours.positive if share >= 0.5
                        else colours.negative)  # fmt: skip
        current = column == self._column
        if column > self._column:
            colour.setAlpha(110)  # not read yet
        wide = min(columns.pitch * 0.7, 56 * self.theme.scale)
        left = columns.centre(column) - wide / 2
        y, base = band.bottom() - share * band.height(), band.bottom() - zero * band.height()
        rect = QRectF(left, min(y, base), wide, max(1.5, abs(base - y)))
        painter.fillRect(rect, colour)
        if current:
            painter.setPen(QPen(self.theme.colour("accent"), 2))
            painter.drawRect(rect)
        self._paint_number(painter, columns, column, share, y, below=share < zero)

    def _paint_number(
        self, painter: QPainter, columns: Columns, column: int, share: float, y: float, *, below: bool
    ) -> None:
        """The probability of the class that the bar leans to, at the bar's end."""
        told = 1 - share if below else share
        text = f"{100 * told:.0f}"
        font = self.theme.mono("small")
        metrics = QFontMetricsF(font)
        if metrics.horizontalAdvance(text) > columns.pitch - 2:
            return
        font.setBold(column == self._column)
        painter.setFont(font)
        painter.setPen(self.theme.colour("text" if column <= self._column else "muted"))
        base = y + metrics.ascent() + 1 if below else y - 3
        painter.drawText(QPointF(columns.centre(column) - metrics.horizontalAdvance(text) / 2, base), text)

    def _paint_labels(self, painter: QPainter, columns: Columns, shown: range) -> None:
        font, bold = self.theme.font("small"), self.theme.font("small", bold=True)
        metrics = QFontMetricsF(font)
        base = self.viewport().height() - self._line() + metrics.ascent() - 1
        for column in shown:
            own = column == self._column
            painter.setFont(bold if own else font)
            measure = QFontMetricsF(bold) if own else metrics
            text = measure.elidedText(self._labels[column], Qt.TextElideMode.ElideRight, columns.pitch - 3)
            painter.setPen(self.theme.colour("accent" if own else "muted"))
            painter.drawText(QPointF(columns.centre(column) - measure.horizontalAdvance(text) / 2, base), text)

    def _paint_name(self, painter: QPainter, row: int, band: QRectF) -> None:
        """The class at the left of its row; with two classes one at each end of the scale."""
        painter.setFont(self.theme.font("small"))
        metrics = QFontMetricsF(painter.font())
        room = self._gutter() - INSET - 6
        if self._two_way():
            ends = ((1, band.top() + metrics.ascent() / 2, "positive", "▲"), (0, band.bottom(), "negative", "▼"))
            for which, base, colour, arrow in ends:
                painter.setPen(self.theme.colour(colour))
                text = metrics.elidedText(f"{arrow} {self.names[which]}", Qt.TextElideMode.ElideRight, room)
                painter.drawText(QPointF(INSET, base), text)
            painter.setPen(self.theme.colour("muted"))
            painter.drawText(QPointF(INSET, band.center().y() + metrics.ascent() / 2), "50 %")
            return
        if band.height() < metrics.height() * 0.5:
            return
        painter.setPen(self.theme.colour("text"))
        text = metrics.elidedText(self.names[row], Qt.TextElideMode.ElideRight, room)
        painter.drawText(QPointF(INSET, band.center().y() + metrics.ascent() / 2), text)

    def _line(self) -> float:
        return QFontMetricsF(self.theme.font("small")).height() + 4

    def _gutter(self) -> float:
        metrics = QFontMetricsF(self.theme.font("small"))
        beside = "100 % " if self.readout.apart else "▲ "
        widest = max((metrics.horizontalAdvance(beside + name) for name in self.names), default=0.0)
        return min(INSET + widest + 10, max(60.0, self.viewport().width() * 0.35))

    def _room(self) -> float:
        return max(1.0, self.viewport().width() - self._gutter() - INSET)

    def _unscrolled(self) -> Columns:
        count = len(self.probabilities)
        digit = QFontMetricsF(self.theme.mono("small")).horizontalAdvance("0")
        least = NARROWEST * digit
        if self.readout.apart and count:
            widths = sorted(map(QFontMetricsF(self.theme.font("small")).horizontalAdvance, self._labels))
            least = min(least, max(SLIMMEST * digit, widths[len(widths) * 3 // 4] + 4))
        return Columns(self._gutter(), max(self._room(), count * least), count)

    def _fit(self) -> None:
        bar = self.horizontalScrollBar()
        bar.setRange(0, max(0, round(self._unscrolled().width - self._room())))
        bar.setPageStep(int(self._room()))
        bar.setSingleStep(max(1, int(self._unscrolled().pitch)))
        room = self.viewport().height() - self._line() - 4
        down = self.verticalScrollBar()
        down.setRange(0, max(0, round(self._each() * len(self.names) - room)) if self.readout.apart else 0)
        down.setPageStep(max(1, int(room)))
        down.setSingleStep(max(1, int(self._each())))

    # Mouse -------------------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        column = self._column_at(event.position())
        if column is not None:
            self.picked.emit(column)

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            column = self._column_at(QPointF(event.pos()))
            text = self.describe(column) + "\n" + self.toolTip() if column is not None else self.toolTip()
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().viewportEvent(event)

    def _column_at(self, at: QPointF) -> int | None:
        return self.columns.at(at.x()) if at.x() >= self._gutter() else None
