"""Dims a panel while its successor is being computed: what one sees is the picture of before."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from embstudio.gui.style.theme import Theme

OPACITY = 0.45


class Veil(QWidget):
    """Lies over a widget and lets every click through."""

    def __init__(self, over: QWidget, theme: Theme) -> None:
        super().__init__(over)
        self.setObjectName("Veil")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._theme = theme
        self._over = over
        over.installEventFilter(self)
        self.hide()

    def drop(self, veiled: bool) -> None:
        """Cover the widget, or uncover it."""
        self.setGeometry(self._over.rect())
        self.setVisible(veiled)
        self.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self.setGeometry(self._over.rect())
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        colour = QColor(self._theme.colours.window)
        colour.setAlphaF(OPACITY)
        QPainter(self).fillRect(self.rect(), colour)
