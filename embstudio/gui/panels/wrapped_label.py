"""A line of text that goes on in the next where it is too narrow, and is as high as it needs."""

from __future__ import annotations

from PySide6.QtCore import QEvent
from PySide6.QtGui import QPalette, QResizeEvent
from PySide6.QtWidgets import QLabel, QWidget


class WrappedLabel(QLabel):
    """Keeps its own height: a label whose height depends on its width makes a scroll area around it take everybody's
    wishes for needs."""

    def __init__(self, text: str = "", parent: QWidget | None = None, *, quiet: bool = True) -> None:
        super().__init__(text, parent)
        self.setWordWrap(True)
        if quiet:
            self.setForegroundRole(QPalette.ColorRole.PlaceholderText)

    def hasHeightForWidth(self) -> bool:
        return False

    def setText(self, text: str) -> None:
        if text != self.text():
            super().setText(text)
            self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._fit()

    def _fit(self) -> None:
        self.setMinimumHeight(0)  # Qt never says less than what is fixed already
        self.setFixedHeight(self.heightForWidth(self.width()) if self.text() else 0)
