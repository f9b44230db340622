"""The menu of a cell: hold its gate or state at the values that are wanted most."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QMenu, QWidget

from embstudio.gui.panels.gate_words import word
from embstudio.gui.panels.memory.hold_editor import FROM_HERE, HERE, replacement
from embstudio.gui.panels.memory.hold_words import plain
from embstudio.gui.panels.memory.scene import Scene
from embstudio.trace.points import parse


class HoldMenu(QMenu):
    """asked(Replacement): hold this. more_wanted(): hold it at another value."""

    asked = Signal(object)
    more_wanted = Signal()

    def __init__(self, scene: Scene, part: str, step: int, unit: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("HoldMenu")
        point = scene.cell.point(part)
        own = float(scene.values(part)[step, unit])
        name, here = word(point), scene.named(step)
        gate = parse(point).kind.scale == "unit"
        for value in (1.0, 0.0, own) if gate else (0.0, own):
            written = f"{plain(value)}, its value here," if value == own else plain(value)
            what = replacement(scene, part, step, (unit,), value, FROM_HERE)
            self._offer(f"Hold {name} of unit {unit} at {written} from {here} on", what)
        self._offer(
            f"Hold {name} of unit {unit} at 0 at {here} only", replacement(scene, part, step, (unit,), 0.0, HERE)
        )
        if gate:
            self._offer(f"Hold {name} of all units at 1 from {here} on", replacement(scene, part, step, None, 1.0))
        self.addSeparator()
        self.addAction("Hold at another value…").triggered.connect(self.more_wanted)

    def _offer(self, text: str, what: object) -> None:
        self.addAction(text).triggered.connect(partial(self.asked.emit, what))
