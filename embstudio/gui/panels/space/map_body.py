"""The map and what is listed beside it, or under it where there is little room."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSplitter, QWidget

from embstudio.gui.style.theme import Theme

NARROW = 520  # pixels below which the lists stand under the map, at text scale 1
LISTS = 250  # pixels of the lists beside the map


class MapBody(QSplitter):
    """Once it has its way, the sizes are the person's."""

    def __init__(self, theme: Theme, scatter: QWidget, lists: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._theme = theme
        self._way: Qt.Orientation | None = None
        self.setChildrenCollapsible(False)
        self.addWidget(scatter)
        self.addWidget(lists)
        self.setStretchFactor(0, 3)
        self.setStretchFactor(1, 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        wide, high, scale = event.size().width(), event.size().height(), self._theme.scale
        way = Qt.Orientation.Vertical if wide < NARROW * scale else Qt.Orientation.Horizontal
        if self._way != way:
            self._way = way
            self.setOrientation(way)
            lists = round(LISTS * scale) if way == Qt.Orientation.Horizontal else round(0.42 * high)
            self.setSizes([(wide if way == Qt.Orientation.Horizontal else high) - lists, lists])
