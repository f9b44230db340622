"""A button for an action, without `QToolButton.setDefaultAction`.

Qt 6.11 keeps some 140 bytes more with every change of an action that is a tool button's default action (its text, its
icon, whether it is enabled): 100,000 steps of play add up. Can go when `benchmarks/long_play.py` shows no growth
without it.
"""

from __future__ import annotations

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QToolButton, QWidget


class ActionButton(QToolButton):
    """Looks and acts as its action says."""

    def __init__(self, action: QAction, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._action = action
        self.setObjectName(action.objectName() + "Button")
        self.setAutoRaise(True)
        self.clicked.connect(action.trigger)
        action.changed.connect(self._follow)
        self._follow()

    def _follow(self) -> None:
        self.setIcon(self._action.icon())
        self.setEnabled(self._action.isEnabled())
        self.setToolTip(self._action.toolTip())
        self.setAccessibleName(self._action.text())
