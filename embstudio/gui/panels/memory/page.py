"""What every page of the Memory panel has in common: what it is told, and what it tells the panel.

The panel makes one of each in `MemoryPanel._build`, in the order of their tabs, and gives the page
that is seen its scene (another trace, layer or direction) and then its spot (each step of the cursor). A page that is
not seen is told nothing; when it comes into sight it is given both, in that order.
"""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from embstudio.gui.panels.memory.scene import Scene, Spot
from embstudio.gui.style.theme import Theme
from embstudio.stepper.probe import Probe
from embstudio.studio import Studio


class MemoryPage(QWidget):
    """name, tip: of the page's tab. tools: its own controls, which the header shows while the page is seen.

    step_picked(step), unit_picked(unit), cell_picked(step, unit): the person goes there. way_picked(RecurrentCell):
    the person goes to another layer or direction. pointed(Probe), unpointed(): the mouse is over a value, and is not
    any more. changed(): the page tells something else now, or its controls were used; it is given its spot again.
    """

    name = ""
    tip = ""
    step_picked = Signal(int)
    unit_picked = Signal(int)
    cell_picked = Signal(int, int)
    way_picked = Signal(object)
    pointed = Signal(object)
    unpointed = Signal()
    changed = Signal()

    def __init__(self, studio: Studio, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.studio = studio
        self.theme = theme
        self.scene: Scene | None = None
        self.spot = Spot(0, 0)
        self.tools: tuple[QWidget, ...] = ()
        self.setAccessibleName(self.name)

    def set_scene(self, scene: Scene) -> None:
        """Take another trace, layer or direction, or the same after a change of colours or fonts."""
        self.scene = scene

    def show_spot(self, spot: Spot) -> None:
        """Go to a step and a unit. Runs on every step of the cursor and must be quick (a few milliseconds)."""
        self.spot = spot

    def telling(self) -> str:
        """The step in a sentence, for the header."""
        return ""

    @property
    def probe(self) -> Probe | None:
        """The value that the inspector shows while the mouse is over none; None leaves it as it is."""
        return None

    def restyle(self) -> None:
        """Fonts or colours changed; the scene is set again after this."""
