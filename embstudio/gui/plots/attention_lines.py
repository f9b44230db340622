"""From the current token, lines to the tokens it attends to: the stronger the thicker."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QHelpEvent, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QToolTip, QWidget

from embstudio.gui.plots.columns import Columns
from embstudio.gui.plots.token_column import TokenColumn
from embstudio.gui.style.numbers import four, percent
from embstudio.gui.style.theme import Theme

FAINTEST = 0.01  # weights below this draw no line
MOST_LINES = 16
MOST_NUMBERS = 8
THICKEST = 7.0
LEAST_LENGTH = 30  # pixels that lines keep beside long words, at text scale 1


class AttentionLines(QWidget):
    """Two columns of tokens: those that attend on the left, those attended to on the right.

    Only the current token's lines are drawn, so it costs the same for any length.
    query_picked(query), key_picked(key): clicks on the columns.
    """

    query_picked = Signal(int)
    key_picked = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.weights = np.zeros(0)
        self._queries = TokenColumn(theme, to_the_right=True)
        self._keys = TokenColumn(theme, to_the_right=False)
        self._widest = 0.0  # of all labels, in bold
        self._query = self._key = 0
        self._rest = 0.0
        self._sight = range(0), range(0)  # queries and keys that are shown
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def set_labels(self, queries: Sequence[str], keys: Sequence[str]) -> None:
        """Take the tokens of both columns."""
        self._queries.set_labels(queries)
        self._keys.set_labels(keys)
        self._sight = range(len(queries)), range(len(keys))
        metrics = QFontMetricsF(self.theme.font("small", bold=True))
        self._widest = max(map(metrics.horizontalAdvance, {*queries, *keys}), default=0.0)
        self.update()

    def set_weights(self, query: int, weights: np.ndarray, key: int, rest: float = 0.0) -> None:
        """Show the weights [key] of a query, and mark one key. NaN where the query cannot look.

        rest: what goes to no token (an attention sink), which is said below.
        """
        self._query, self._key = query, key
        self.weights = np.nan_to_num(weights)
        self._rest = rest
        strongest = ", ".join(f"{self._keys.labels[at]} {self.weights[at]:.3f}" for at in self.strongest()[:3])
        self.setAccessibleDescription(f"{self._queries.labels[query]} attends to {strongest}")
        self.update()

    def strongest(self) -> list[int]:
        """The keys that get a line, strongest first."""
        order = np.argsort(-self.weights, kind="stable")[:MOST_LINES]
        return [int(key) for key in order if self.weights[key] >= FAINTEST]

    @property
    def note(self) -> str:
        """What the picture leaves out: weaker lines, and what goes to no token."""
        worth, drawn = int((self.weights >= FAINTEST).sum()), len(self.strongest())
        away = sum(key not in self._sight[1] for key in self.strongest())
        beyond = f"{away} of {drawn} lines lead out of sight" if away else ""
        more = f"{drawn} strongest of {worth} lines" if worth > drawn else ""
        if not worth and self.weights.any():
            more = f"no key has {percent(FAINTEST)} or more"
        rest = f"{percent(self._rest)} goes to no token (sink)" if self._rest else ""
        return "; ".join(part for part in (more, beyond, rest) if part)

    def sizeHint(self) -> QSize:
        return QSize(260, 360)

    def minimumSizeHint(self) -> QSize:
        return QSize(round(150 * self.theme.scale), round(140 * self.theme.scale))

    def set_sight(self, queries: slice, keys: slice) -> None:
        """Show some of the tokens only: those that a zoomed map shows. Lines to the others run out of the picture."""
        sight = range(queries.start, queries.stop), range(keys.start, keys.stop)
        if sight != self._sight:
            self._sight = sight
            self.update()

    @property
    def query_rows(self) -> Columns:
        """Where the tokens that attend lie, from the top."""
        return self._rows(len(self._queries.labels), self._sight[0])

    @property
    def key_rows(self) -> Columns:
        """Where the tokens attended to lie, from the top."""
        return self._rows(len(self._keys.labels), self._sight[1])

    def _rows(self, count: int, sight: range) -> Columns:
        """Those in sight fill the widget, but do not lie too far apart where they are few."""
        line = QFontMetricsF(self.theme.font("small")).height()
        top = line + 8
        height = min(self.height() - top - 6 - line, 5 * line * len(sight))  # a line below is for the note
        pitch = max(1.0, height) / max(1, len(sight))
        return Columns(top - pitch * sight.start, pitch * count, count)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.theme.colour("panel"))
        if not self.weights.size:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        left, right, number = self._edges()
        strongest = self.strongest()
        self._draw_heads(painter, right)
        self._draw_lines(painter, strongest, left, right)
        seen_queries, seen_keys = self._sight
        self._queries.draw(painter, self.query_rows, seen_queries, 4, left - 10, [self._query])
        if self._query in seen_queries:
            self._queries.draw_pill(painter, self.query_rows, 4, left - 10, self._query)
        first = [key for key in strongest if key in seen_keys][:MOST_NUMBERS]
        written = self._keys.draw(painter, self.key_rows, seen_keys, right + 4, number - right - 6, first)
        self._draw_numbers(painter, written, self.key_rows, number)

    def _edges(self) -> tuple[float, float, float]:
        """Where the lines begin and end, and where the numbers begin."""
        number = self.width() - QFontMetricsF(self.theme.mono("small")).horizontalAdvance("0.000") - 6
        word = min(self._widest + 12, (number - LEAST_LENGTH * self.theme.scale) / 2)
        return word, number - word, number

    def _draw_heads(self, painter: QPainter, right: float) -> None:
        font = self.theme.font("small")
        painter.setFont(font)
        painter.setPen(self.theme.colour("muted"))
        ascent = QFontMetricsF(font).ascent()
        painter.drawText(QPointF(4, ascent + 1), "from")
        painter.drawText(QPointF(right + 4, ascent + 1), "to")
        if self.note:
            note = QFontMetricsF(font).elidedText(self.note, Qt.TextElideMode.ElideRight, self.width() - 8)
            painter.drawText(QPointF(4, self.height() - QFontMetricsF(font).descent() - 1), note)

    def _draw_lines(self, painter: QPainter, strongest: list[int], left: float, right: float) -> None:
        queries, keys = self.query_rows, self.key_rows
        line = QFontMetricsF(self.theme.font("small")).height()
        painter.save()
        painter.setClipRect(QRectF(0, line + 4, self.width(), self.height() - 2 * line - 6))
        start = QPointF(left, queries.centre(self._query))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for key in reversed(strongest):  # the strongest on top
            weight = float(self.weights[key])
            end = QPointF(right, keys.centre(key))
            bend = (right - left) * 0.45
            path = QPainterPath(start)
            path.cubicTo(start + QPointF(bend, 0), end - QPointF(bend, 0), end)
            colour = self.theme.colour("accent" if key == self._key else "attention")
            colour.setAlphaF(min(1.0, 0.2 + 0.8 * weight))
            painter.setPen(QPen(colour, 0.8 + THICKEST * weight))
            painter.drawPath(path)
        painter.restore()

    def _draw_numbers(self, painter: QPainter, keys: list[int], rows: Columns, left: float) -> None:
        painter.setFont(self.theme.mono("small"))
        painter.setPen(self.theme.colour("text"))
        metrics = QFontMetricsF(painter.font())
        for key in keys:
            y = rows.centre(key) + metrics.ascent() / 2 - 1
            painter.drawText(QPointF(left, y), f"{self.weights[key]:.3f}")

    def mousePressEvent(self, event: QMouseEvent) -> None:
        query, key = self._at(event.position())
        if query is not None:
            self.query_picked.emit(query)
        elif key is not None:
            self.key_picked.emit(key)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self.about(QPointF(event.pos())), self)
            return True
        return super().event(event)

    def about(self, position: QPointF) -> str:
        """The tooltip at a place: which token it is, since of a long text not all can be written."""
        query, key = self._at(position)
        if query is not None:
            return f"token {query + 1}: ‘{self._queries.labels[query]}’"
        if key is not None:
            return f"token {key + 1}: ‘{self._keys.labels[key]}’, weight {four(float(self.weights[key]))}"
        return ""

    def _at(self, position: QPointF) -> tuple[int | None, int | None]:
        """The query or the key at a place."""
        left, right, _number = self._edges()
        if position.x() <= left:
            query = self.query_rows.at(position.y())
            return (query if query in self._sight[0] else None), None
        key = self.key_rows.at(position.y()) if position.x() >= right else None
        return None, (key if key in self._sight[1] else None)
