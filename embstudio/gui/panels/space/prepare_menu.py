"""What is done to the vectors before they are compared and drawn; what is on stands on the button."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from embstudio.studio.vector_walk import VectorWalk

_CHANGES = {
    "centre": ("Centre", "Take the mean of all vectors away from each"),
    "whiten": ("Whiten", "Give every direction the same variance, so that a few strong ones no longer decide (ZCA)"),
    "unit": ("Unit length", "Divide each vector by its length: only its direction counts"),
}


class PrepareMenu(QToolButton):
    """Three switches. They act on the map and on the nearest, which then are those of the changed vectors."""

    def __init__(self, walk: VectorWalk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._walk = walk
        self.setObjectName("prepareVectors")
        self.setAccessibleName("What is done to the vectors first")
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.menu_of = QMenu(self)
        self.menu_of.setToolTipsVisible(True)
        self.actions_of = {}
        for name, (text, tip) in _CHANGES.items():
            action = self.menu_of.addAction(text)
            action.setToolTip(tip)
            action.setCheckable(True)
            action.toggled.connect(partial(self._switch, name))
            self.actions_of[name] = action
        self.setMenu(self.menu_of)
        self.follow()

    def follow(self) -> None:
        """Show what is on."""
        comparison = self._walk.comparison
        for name, action in self.actions_of.items():
            action.setChecked(getattr(comparison, name))
        self.setText(comparison.words or "as they are")
        self.setToolTip(
            f"Before they are compared and drawn, the vectors are {comparison.words}."
            if comparison.words
            else "The vectors are compared and drawn as they are. Centre, whiten, unit length…"
        )

    def _switch(self, name: str, on: bool) -> None:
        self._walk.compare(**{name: on})
