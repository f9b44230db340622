"""What every plot that answers the mouse has in common: the place under the pointer, and its tooltip."""

from __future__ import annotations

from typing import ClassVar

from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QToolTip, QWidget

from embstudio.gui.style.theme import Theme


class HoverPlot(QWidget):
    """Knows the place the mouse is over, where a place is what tells a part of the plot: (column,) or (row, column).

    Subclasses say which place is where (`place_at`) and what the tooltip says of it (`tooltip_of`), and mark `_hover`.
    hovered(*place): the mouse came to another place; unhovered(): it left them all.
    """

    hovered: ClassVar[Signal]  # declared by subclasses, which know what a place is made of
    unhovered = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self._hover: tuple[int, ...] | None = None
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def place_at(self, position: QPointF) -> tuple[int, ...] | None:
        """The place at a position in the widget, or None beside them all."""
        raise NotImplementedError

    def tooltip_of(self, place: tuple[int, ...]) -> str:
        """The sentence for the tooltip of a place."""
        raise NotImplementedError

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        place = self.place_at(event.position())
        if place == self._hover:
            return
        self._hover = place
        self.update()
        if place is None:
            QToolTip.hideText()
            self.unhovered.emit()
        else:
            QToolTip.showText(event.globalPosition().toPoint(), self.tooltip_of(place), self)
            self.hovered.emit(*place)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        if self._hover is not None:
            self._hover = None
            self.update()
            self.unhovered.emit()
