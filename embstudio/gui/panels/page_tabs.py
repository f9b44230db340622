"""The names of a panel's pages, one of which is seen."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QTabBar, QWidget

_KEYS = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_End)


class PageTabs(QTabBar):
    """With the focus, the arrow keys go from page to page; the window's own steps through the text have to wait.

    pages: the name and the tooltip of each.
    """

    def __init__(self, pages: Iterable[tuple[str, str]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setDrawBase(False)
        self.setExpanding(False)
        for place, (name, tip) in enumerate(pages):
            self.addTab(name)
            self.setTabToolTip(place, tip)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and event.key() in _KEYS:
            event.accept()
            return True
        return super().event(event)
