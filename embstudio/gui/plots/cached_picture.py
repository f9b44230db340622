"""A picture drawn once and shown at every paint, until it is forgotten."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QColor, QPainter, QPixmap
from PySide6.QtWidgets import QWidget


class CachedPicture:
    """As large as its widget, in the pixels of its screen."""

    def __init__(self) -> None:
        self._pixmap: QPixmap | None = None

    def forget(self) -> None:
        """What it shows changed, or its size did."""
        self._pixmap = None

    def of(self, widget: QWidget, background: QColor, draw: Callable[[QPainter], None]) -> QPixmap:
        """The picture; drawn now if it was forgotten, or if the widget has come to a screen of another density."""
        ratio = widget.devicePixelRatioF()
        if self._pixmap is None or self._pixmap.devicePixelRatioF() != ratio:
            pixmap = QPixmap(max(1, round(widget.width() * ratio)), max(1, round(widget.height() * ratio)))
            pixmap.setDevicePixelRatio(ratio)
            pixmap.fill(background)
            painter = QPainter(pixmap)
            try:
                draw(painter)
            finally:
                painter.end()  # a picture must not go while it is painted on, whatever went wrong
            self._pixmap = pixmap
        return self._pixmap
