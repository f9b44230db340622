"""What the pages of the Gradient panel have in common: what they are told, and what they tell the panel."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from embstudio.gui.panels.gradient.scene import Scene
from embstudio.gui.plots.columns_in_sight import ColumnsInSight
from embstudio.gui.style.theme import Theme

# How notes of an answer begin that are about one part of it only.
OF_SCORES, OF_WORDS = "Saliency: ", "How far back the last vector reaches: "


class GradientPage(QWidget):
    """sight: the tokens in sight, on all pages the same. name, tip: of the page's tab. tools: its own controls, which
    the header shows while the page is seen.

    The page that is seen is given a scene whenever there is another answer, and then the column that is told of; one
    that is not seen is given both when it comes into sight. token_picked(column), layer_picked(layer): the person goes
    there. changed(): the page tells something else now. asked(): it wants another answer than the one it has.
    """

    name = ""
    tip = ""
    compares = False  # whether the models beside the open one are drawn too
    token_picked = Signal(int)
    layer_picked = Signal(int)
    changed = Signal()
    asked = Signal()

    def __init__(self, theme: Theme, sight: ColumnsInSight, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.sight = sight
        self.scene: Scene | None = None
        self.tools: Sequence[QWidget] = ()
        self.setAccessibleName(self.name)

    def set_scene(self, scene: Scene) -> None:
        """Take another answer, or the same after a change of colours or fonts."""
        self.scene = scene
        self.sight.take(scene.count)

    def show_column(self, column: int | None) -> None:
        """Tell of the cursor's token, while T is kept; None: T is the cursor's token. Runs on every step of the cursor
        and must be quick."""

    def show_layer(self, layer: int) -> None:
        """Follow the cursor to a recurrent layer, if one layer is looked at."""

    def pick_layer(self, part: str) -> None:
        """Take the cursor along to the layer that was chosen ("lstm.0.forward"); "" is all of them."""
        if part:
            self.layer_picked.emit(int(part.split(".")[1]))

    def shown_tools(self) -> Sequence[QWidget]:
        """Those of the tools that there is something to choose with."""
        return self.tools

    def show_numbers(self, wanted: bool) -> None:
        """Show a table in place of the pictures."""

    def why_empty(self, scene: Scene) -> str:
        """Why there is nothing to show of an answer, and what to do; "" where there is something."""
        return ""

    def telling(self) -> str:
        """What is seen, in a sentence for the header."""
        return ""

    def note(self) -> str:
        """What exactly is shown, and how exactly, for the line at the bottom."""
        return ""

    def notes(self, scene: Scene) -> list[str]:
        """Of the worker's notes those that concern this page."""
        return list(scene.own.answer.notes)

    def restyle(self) -> None:
        """Fonts or colours changed; the scene is set again after this."""
