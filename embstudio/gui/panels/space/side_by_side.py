"""Two parts beside each other, or one above the other where there is too little room."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSplitter, QWidget

from embstudio.gui.style.theme import Theme

NARROW = 560  # pixels below which one part stands under the other, at text scale 1


class SideBySide(QSplitter):
    """second: pixels that the second part has at first beside the other, at text scale 1; below: its share of the
    height at first under the other. Afterwards the sizes are the person's."""

    def __init__(
        self, theme: Theme, second: int, *, narrow: int = NARROW, below: float = 0.5, parent: QWidget | None = None
    ) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._theme, self._second, self._narrow, self._below = theme, second, narrow, below
        self._way: Qt.Orientation | None = None
        self.setChildrenCollapsible(False)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        wide = event.size().width() >= self._narrow * self._theme.scale
        way = Qt.Orientation.Horizontal if wide else Qt.Orientation.Vertical
        if self._way != way:
            self._way = way
            self.setOrientation(way)
            whole = event.size().width() if wide else event.size().height()
            second = round(min(self._second * self._theme.scale, 0.6 * whole)) if wide else round(self._below * whole)
            self.setSizes([whole - second, second])
