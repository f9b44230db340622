"""What is wrong with what was typed: the text with a caret under the place, and what could be done."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from embstudio.gui.style.theme import Theme
from embstudio.stepper.watch.expression_error import ExpressionError


class FaultLabel(QLabel):
    """Hidden while nothing is wrong. Of a text that is too long the part around the fault is shown."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("fault")
        self.setAccessibleName("What is wrong with the expression")
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.setWordWrap(True)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        self._theme = theme
        self.error: ExpressionError | None = None
        self.hide()

    def show_error(self, error: ExpressionError | None) -> None:
        """Say what is wrong; None: nothing is."""
        self.error = error
        self._write()
        self.setVisible(error is not None)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._write()

    def minimumSizeHint(self) -> QSize:
        return QSize(80, super().minimumSizeHint().height())

    def restyle(self) -> None:
        """Fonts or colours changed."""
        self._write()

    def _write(self) -> None:
        error = self.error
        if error is None:
            self.setText("")
            self.setAccessibleDescription("")
            return
        mono, colours = self._theme.mono("small"), self._theme.colours
        fits = max(12, (self.width() - 20) // max(1, QFontMetrics(mono).horizontalAdvance("0")))
        text, caret = excerpt(error.text, error.start, error.end, fits)
        code = f"font-family:'{mono.family()}';font-size:{mono.pointSizeF()}pt;white-space:pre"
        advice = f' <span style="color:{colours.muted}">{escape(error.advice)}</span>' if error.advice else ""
        self.setText(
            f'<p style="{code};margin:0">{escape(text)}<br>'
            f'<span style="color:{colours.error}"><b>{caret}</b></span></p>'
            f'<p style="margin:0">{escape(error.what)}{advice}</p>'
        )
        self.setAccessibleDescription(f"{error.what} Column {error.start + 1}. {error.advice}".strip())


def excerpt(text: str, start: int, end: int, fits: int) -> tuple[str, str]:
    """The text and the line with the carets below it, cut to `fits` characters around the part [start, end)."""
    text = "".join(" " if letter in "\r\n\t" else letter for letter in text)
    first = 0
    if len(text) > fits:
        first = max(0, min(start - fits // 3, len(text) - fits))
    shown = text[first : first + fits]
    if first:
        shown = "…" + shown[1:]
    if first + fits < len(text):
        shown = shown[:-1] + "…"
    begin = start - first
    width = max(1, min(end - start, fits - begin))
    return shown, " " * begin + "^" * width
