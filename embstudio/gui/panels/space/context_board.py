"""The map of contexts with what stands beside it; or, in the map's place, why there is nothing and what to do."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSplitter, QStackedWidget, QToolButton, QVBoxLayout, QWidget

from embstudio.gui.panels.empty_state import EmptyState
from embstudio.gui.panels.space.context_map import ContextMap
from embstudio.gui.panels.space.context_side import ContextSide
from embstudio.gui.style.theme import Theme

NARROW = 560  # pixels below which the list stands under the map, at text scale 1
_MAP = 0.58  # share of the room
_LEAST = 180  # pixels of the map's height above the list, at text scale 1; a lower panel scrolls


class ContextBoard(QSplitter):
    """model_wanted(): another model is to be opened, one that has something to show."""

    model_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._theme = theme
        self._way: Qt.Orientation | None = None  # from the first time on the sizes are the person's
        self.map = ContextMap(theme)
        self.map.setObjectName("contextMap")
        self.map.setAccessibleName("Occurrences of the word")
        self.side = ContextSide(theme)
        self.empty = EmptyState("")
        self.better = QToolButton()
        self.better.setObjectName("contextBetter")
        self.better.setText("Open masked-word")
        self.better.setToolTip("Open the bundled model that fills in hidden words")
        self.better.clicked.connect(self.model_wanted)
        nothing = QWidget()
        column = QVBoxLayout(nothing)
        column.addStretch(1)
        column.addWidget(self.empty)
        column.addWidget(self.better, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)
        self._pages = QStackedWidget()
        self._pages.addWidget(nothing)
        self._pages.addWidget(self.map)
        self.setChildrenCollapsible(False)
        self.addWidget(self._pages)
        self.addWidget(self.side)
        self.setStretchFactor(0, 3)
        self.setStretchFactor(1, 2)

    def show_map(self) -> None:
        """There is something to see."""
        self.map.setEnabled(True)
        self._pages.setCurrentIndex(1)

    def say(self, why: str, *, other_model: bool) -> None:
        """There is nothing. other_model: whether a model that has something is offered."""
        self.empty.setText(why)
        self.better.setVisible(other_model)
        self._pages.setCurrentIndex(0)

    def restyle(self) -> None:
        """Colours or fonts changed."""
        self.side.restyle()
        self._stand()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._stand()

    def _stand(self) -> None:
        """The list beside the map where there is room for both, else below it."""
        wide, high = self.width(), self.height()
        way = Qt.Orientation.Vertical if wide < NARROW * self._theme.scale else Qt.Orientation.Horizontal
        self.map.setMinimumHeight(round(_LEAST * self._theme.scale) if way == Qt.Orientation.Vertical else 0)
        if self._way != way:
            self._way = way
            self.setOrientation(way)
            whole = wide if way == Qt.Orientation.Horizontal else high
            self.setSizes([round(_MAP * whole), round((1 - _MAP) * whole)])
