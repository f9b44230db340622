"""What every page of the Space panel has in common: what it is told.

The panel makes one of each in `SpacePanel._build`, in the order of their tabs, and tells the page that is seen of
another set of vectors (`show_set`) and then of the place (each step of the cursor). A page that is not seen is told
nothing; when it comes into sight it is told both, in that order.
"""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from embstudio.gui.style.theme import Theme
from embstudio.studio import Studio


class SpacePage(QWidget):
    """name, tip: of the page's tab. What is looked at is `studio.vector_sets.active`; where that is None the page asks
    for it with `studio.vector_sets.want`, if it needs the vectors themselves, and says that it waits.
    needs_set: whether it has nothing to show where there are no vectors to look at."""

    name = ""
    tip = ""
    needs_set = True

    def __init__(self, studio: Studio, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.studio = studio
        self.theme = theme
        self.setAccessibleName(self.name)

    def show_set(self) -> None:
        """Another set of vectors is looked at, or the trace is another, or colours and fonts are."""

    def show_place(self) -> None:
        """The cursor moved. Runs on every step and must be quick (a few milliseconds)."""

    def restyle(self) -> None:
        """Colours or fonts changed; `show_set` and `show_place` follow."""
