"""A picture beside pages one chooses from; where there is no room for both, the picture is a page like the others."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QScrollArea, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from embstudio.gui.panels.page_tabs import PageTabs
from embstudio.gui.panels.scroll_body import ScrollBody
from embstudio.gui.style.theme import Theme

_LEAST_HEIGHT = 150  # pixels at the normal size of text
_WIDE = 700  # pixels from which there is room for both, at the normal size of text


class Sides(QWidget):
    """pages: name, tooltip and widget of each; the first of them is the picture's."""

    def __init__(self, theme: Theme, pages: Sequence[tuple[str, str, QWidget]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._picture = pages[0][2]
        self.tabs = PageTabs([(name, tip) for name, tip, _ in pages], self)
        self.tabs.setObjectName("labPages")
        self.tabs.setAccessibleName("What is shown of the training")
        self.tabs.currentChanged.connect(self._choose)
        self._stack = QStackedWidget(self)
        self._place_of_picture = QWidget(self)
        self._left = QWidget(self)
        self._homes = [_home(each) for each in (self._left, self._place_of_picture)]
        self._stack.addWidget(self._place_of_picture)
        for name, _, page in pages[1:]:
            self._stack.addWidget(page if isinstance(page, QScrollArea) else ScrollBody(page, f"lab{name}Scroll"))
        right = QWidget(self)
        column = QVBoxLayout(right)
        column.setContentsMargins(8, 0, 8, 4)
        column.setSpacing(4)
        column.addWidget(self.tabs)
        column.addWidget(self._stack, 1)
        self._split = QSplitter(Qt.Orientation.Horizontal, self)
        self._split.setChildrenCollapsible(False)
        self._split.addWidget(self._left)
        self._split.addWidget(right)
        self._split.setStretchFactor(0, 5)
        self._split.setStretchFactor(1, 4)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._split)
        self.wide: bool | None = None
        self._fit()

    def choose(self, name: str) -> None:
        """Show a page."""
        for place in range(self.tabs.count()):
            if self.tabs.tabText(place) == name and self.tabs.isTabVisible(place):
                self.tabs.setCurrentIndex(place)

    @property
    def page(self) -> str:
        """The name of the page that is shown."""
        return self.tabs.tabText(self.tabs.currentIndex())

    def restyle(self) -> None:
        """The size of text may be another."""
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        self._split.setMinimumHeight(round(_LEAST_HEIGHT * self._theme.scale))
        wide = self.width() >= _WIDE * self._theme.scale
        if wide == self.wide:
            return
        self.wide = wide
        self._homes[0 if wide else 1].addWidget(self._picture)
        self._left.setVisible(wide)
        self.tabs.setTabVisible(0, not wide)
        if wide and self.tabs.currentIndex() == 0:
            self.tabs.setCurrentIndex(1)

    def _choose(self, place: int) -> None:
        self._stack.setCurrentIndex(place)


def _home(widget: QWidget) -> QVBoxLayout:
    column = QVBoxLayout(widget)
    column.setContentsMargins(0, 0, 0, 0)
    return column
