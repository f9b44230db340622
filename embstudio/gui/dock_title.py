"""The title of a dock: its name (unless a tab already says it), what it shows, and buttons to float and close it."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QDockWidget, QHBoxLayout, QLabel, QMainWindow, QStyle, QToolButton, QWidget

from embstudio.gui.binding import bind
from embstudio.gui.panels.elided_label import ElidedLabel
from embstudio.gui.style.theme import Theme


class DockTitle(QWidget):
    """A quiet line over a panel. Dragging it moves the dock, a double click floats it, as Qt's own title does."""

    def __init__(self, dock: QDockWidget, shows: str, theme: Theme) -> None:
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
        row.addWidget(self._button("Float", QStyle.StandardPixmap.SP_TitleBarNormalButton, self._toggle_floating))
        row.addWidget(self._button("Close", QStyle.StandardPixmap.SP_TitleBarCloseButton, dock.close))
        dock.visibilityChanged.connect(self._name_if_needed)
        dock.topLevelChanged.connect(self._name_if_needed)
        dock.dockLocationChanged.connect(self._name_if_needed)
        bind(self, theme.changed, self._restyle)
        self._restyle()

    def minimumSizeHint(self) -> QSize:
        return QSize(60, super().minimumSizeHint().height())

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
