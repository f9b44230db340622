"""The title of a dock: its name (unless a tab already says it), what it shows, and buttons to ask, float and close."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QDockWidget, QHBoxLayout, QLabel, QMainWindow, QMenu, QStyle, QToolButton, QWidget

from embstudio.gui.binding import bind
from embstudio.gui.panels.elided_label import ElidedLabel
from embstudio.gui.style.theme import Theme


class DockTitle(QWidget):
    """A quiet line over a panel. Dragging it moves the dock, a double click floats it, as Qt's own title does.

    terms: of the glossary, that the panel speaks of; ask(term): somebody wants to know what one means.
    """

    def __init__(
        self, dock: QDockWidget, shows: str, theme: Theme, terms: Sequence[str] = (),
        ask: Callable[[str], object] = lambda _term: None,
    ) -> None:  # fmt: skip
        super().__init__(dock)
        self.setObjectName("DockTitle")
        self._dock = dock
        self._theme = theme
        self._name = QLabel(dock.windowTitle(), self)
        self._shows = ElidedLabel(shows, self)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 3, 4, 3)
        row.setSpacing(8)
        row.addWidget(self._name)
        row.addWidget(self._shows, 1)
        if terms:
            row.addWidget(self._asking(terms, ask))
        row.addWidget(self._button("Float", QStyle.StandardPixmap.SP_TitleBarNormalButton, self._toggle_floating))
        row.addWidget(self._button("Close", QStyle.StandardPixmap.SP_TitleBarCloseButton, dock.close))
        dock.visibilityChanged.connect(self._name_if_needed)
        dock.topLevelChanged.connect(self._name_if_needed)
        dock.dockLocationChanged.connect(self._name_if_needed)
        bind(self, theme.changed, self._restyle)
        self._restyle()

    def minimumSizeHint(self) -> QSize:
        return QSize(60, super().minimumSizeHint().height())

    def _asking(self, terms: Sequence[str], ask: Callable[[str], object]) -> QToolButton:
        """A button whose menu has the words that the panel speaks of."""
        button = QToolButton(self)
        button.setText("?")
        button.setAutoRaise(True)
        button.setObjectName("askTerm")
        button.setMaximumHeight(button.fontMetrics().height() + 2)  # no taller than its neighbours
        name = f"What the words of the {self._dock.windowTitle()} panel mean"
        button.setToolTip(name)
        button.setAccessibleName(name)
        menu = QMenu(button)
        menu.aboutToShow.connect(lambda: _fill(menu, terms, ask))  # then only: the first paint need not wait for it
        button.setMenu(menu)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setStyleSheet("QToolButton::menu-indicator { image: none; }")
        return button

    def _button(self, verb: str, icon: QStyle.StandardPixmap, do: object) -> QToolButton:
        button = QToolButton(self)
        button.setIcon(self.style().standardIcon(icon))
        button.setIconSize(QSize(12, 12))
        button.setAutoRaise(True)
        name = f"{verb} the {self._dock.windowTitle()} panel"
        button.setToolTip(name)
        button.setAccessibleName(name)
        button.clicked.connect(do)
        return button

    def _toggle_floating(self) -> None:
        self._dock.setFloating(not self._dock.isFloating())

    def _name_if_needed(self, *_: object) -> None:
        window = self._dock.parentWidget()
        tabbed = isinstance(window, QMainWindow) and bool(window.tabifiedDockWidgets(self._dock))
        self._name.setVisible(not tabbed or self._dock.isFloating())

    def _restyle(self) -> None:
        self._name.setFont(self._theme.font(bold=True))
        self._shows.setFont(self._theme.font("small"))
        self._shows.setStyleSheet(f"color: {self._theme.colours.muted}")


def _fill(menu: QMenu, terms: Sequence[str], ask: Callable[[str], object]) -> None:
    """A line for each term."""
    if menu.isEmpty():
        for term in terms:
            menu.addAction(f"What is meant by “{term}”?", partial(ask, term))
