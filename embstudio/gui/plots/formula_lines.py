"""Formulas with their numbers, one a line, each symbol in its own colour. Long lines break before an "=" sign."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QSize
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from embstudio.gui.style.numbers import four
from embstudio.gui.style.theme import Theme
from embstudio.stepper.working import Piece

INSET = 8
Phrase = tuple[Piece, ...]


class FormulaLines(QWidget):
    """Lines of phrases; a phrase is never broken. The height grows with the lines and does not shrink again before
    the width changes, so that nothing jumps from step to step. least: the lines that there is always room for."""

    def __init__(self, theme: Theme, parent: QWidget | None = None, *, least: int = 2) -> None:
        super().__init__(parent)
        self.theme = theme
        self.lines: tuple[tuple[Phrase, ...], ...] = ()
        self._least = self._rows = least
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_lines(self, lines: Sequence[Sequence[Phrase]]) -> None:
        """Take lines, each of phrases."""
        self.lines = tuple(tuple(line) for line in lines)
        self.setAccessibleDescription("; ".join(self.texts()))
        self._reserve(max(self._rows, len(self._broken())))
        self.update()

    def texts(self) -> list[str]:
        """Each line as plain text."""
        return [" ".join("".join(map(_text, phrase)).strip() for phrase in line) for line in self.lines]

    def sizeHint(self) -> QSize:
        return QSize(400, round(self._rows * self._row_height()) + 4)

    def minimumSizeHint(self) -> QSize:
        return QSize(200, self.sizeHint().height())

    def restyle(self) -> None:
        """Fonts or colours changed."""
        self._reserve(max(self._least, len(self._broken())))
        self.updateGeometry()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        plain, bold = self._fonts()
        ascent, row_height = QFontMetricsF(plain).ascent(), self._row_height()
        for row, phrases in enumerate(self._broken()):
            x, y = float(INSET if not phrases[0][0] else 4 * INSET), 2 + row * row_height + ascent
            for piece in (piece for _follows, phrase in phrases for piece in phrase):
                font = bold if piece.role else plain
                text = _text(piece)
                painter.setFont(font)
                painter.setPen(QColor(self.theme.colours.role(piece.role)) if piece.role else self.theme.colour("text"))
                painter.drawText(QPointF(x, y), text)
                x += QFontMetricsF(font).horizontalAdvance(text)

    def resizeEvent(self, event: object) -> None:
        self._reserve(max(len(self.lines), len(self._broken())))

    def _reserve(self, rows: int) -> None:
        if rows != self._rows:
            self._rows = rows
            self.updateGeometry()

    def _broken(self) -> list[list[tuple[bool, Phrase]]]:
        """Rows of (continues a line, phrase)."""
        rows: list[list[tuple[bool, Phrase]]] = []
        for line in self.lines:
            rows.append([])
            x = float(INSET)
            for phrase in line:
                wide = sum(self._width(piece) for piece in phrase)
                if rows[-1] and x + wide > self.width() - INSET:
                    rows.append([])
                    x = 4.0 * INSET
                rows[-1].append((phrase is not line[0], phrase))
                x += wide
        return rows

    def _width(self, piece: Piece) -> float:
        plain, bold = self._fonts()
        return QFontMetricsF(bold if piece.role else plain).horizontalAdvance(_text(piece))

    def _fonts(self) -> tuple[QFont, QFont]:
        plain, bold = self.theme.mono(), self.theme.mono()
        bold.setBold(True)
        return plain, bold

    def _row_height(self) -> float:
        return QFontMetricsF(self._fonts()[1]).height() + 2


def _text(piece: Piece) -> str:
    return piece.text if piece.value is None else four(piece.value)
