"""Which token the memory is asked about: one choice for all pages that ask."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSpinBox, QWidget

from embstudio.gui.panels.memory.scene import Scene
from embstudio.stepper.memory_shares import MemoryShares

LONGEST = 9  # letters of a word in the box


class SourceChoice(QObject):
    """step: the chosen position. Before anybody chose one it is the token that wrote most among those read before the
    cursor. changed(): the person chose another."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.step = 0
        self._chosen: str | None = None  # the word that the person chose
        self._scene: Scene | None = None

    def settle(self, scene: Scene, shares: MemoryShares, now: int) -> None:
        """Find the choice again in another trace, layer or direction. now: the cursor's position."""
        if scene is self._scene:
            return
        self._scene = scene
        if self._chosen is not None and self.step < scene.steps and scene.labels[self.step] == self._chosen:
            return
        if self._chosen is not None and self._chosen in scene.labels:
            self.step = scene.labels.index(self._chosen)
            return
        self._chosen = None
        size = np.abs(shares.writings).sum(axis=1)
        early = [shares.step(step) < max(1, shares.step(now)) for step in range(scene.steps)]
        self.step = int(np.where(early, size, -1.0).argmax())

    def choose(self, step: int) -> None:
        """The person asks about another token."""
        scene = self._scene
        if scene is None:
            return
        step = max(0, min(step, scene.steps - 1))
        self._chosen = scene.labels[step]
        if step != self.step:
            self.step = step
            self.changed.emit()


class SourceBox(QWidget):
    """The choice as a box to type a number into, with its word. also: what else the tooltip says."""

    def __init__(self, choice: SourceChoice, name: str, also: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._choice = choice
        self.box = QSpinBox(self)
        self.box.setObjectName(name)
        self.box.setAccessibleName("The token that wrote")
        self.box.setToolTip(f"Which token's writing is followed, counted from 1{also}")
        self.box.valueChanged.connect(lambda number: choice.choose(number - 1))
        label = QLabel("&written at", self)
        label.setBuddy(self.box)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(label)
        row.addWidget(self.box)

    def show_choice(self, scene: Scene | None) -> None:
        """Show what is chosen; None: there is nothing to choose from."""
        if scene is None:
            self.box.blockSignals(True)
            self.box.setSuffix("")
            self.box.setRange(1, 1)
            self.box.blockSignals(False)
            return
        word = scene.labels[self._choice.step]
        word = word if len(word) <= LONGEST else f"{word[: LONGEST - 1]}…"
        self.box.blockSignals(True)
        self.box.setRange(1, scene.steps)
        self.box.setValue(self._choice.step + 1)
        self.box.setSuffix(f" ‘{word}’")
        self.box.blockSignals(False)
