"""The Heads page: a table of what each head does over the sentence."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from embstudio.gui.panels.attention.scene import Scene, Spot
from embstudio.gui.plots.heads_table import COLUMNS, HeadsTable
from embstudio.gui.style.theme import Theme
from embstudio.stepper.attention_weights import SINK
from embstudio.trace.head_measures import HeadMeasures

CELLS_AT_ONCE = 1_000_000  # weights measured before the window gets to answer again


class HeadsPage(QWidget):
    """head_picked(layer, head): go there. Measures are worked out a few heads at a time, while the page is seen."""

    head_picked = Signal(int, int)
    layer_wanted = Signal(int)
    progressed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.scene: Scene | None = None
        self._stale = True  # whether the table is still of another scene
        self._known: dict[tuple[int, int], HeadMeasures] = {}
        self.table = HeadsTable(theme, self)
        self.table.setObjectName("HeadsTable")
        self.table.picked.connect(self._on_picked)
        self._next = QTimer(self)
        self._next.setSingleShot(True)
        self._next.timeout.connect(self._measure)
        column = QVBoxLayout(self)
        column.setContentsMargins(4, 2, 4, 0)
        column.addWidget(self.table)

    @property
    def complete(self) -> bool:
        """Whether all heads that are captured are measured."""
        return not self._stale and not self._waiting()

    def restyle(self) -> None:
        """Fonts or colours changed."""
        self.table.restyle()

    def set_scene(self, scene: Scene) -> None:
        """Take another trace or sort of attention, or more of the same; the table is filled when it is looked at."""
        self.scene, self._stale = scene, True

    def _take(self, scene: Scene) -> None:
        self._stale = False
        layers = scene.weights.stack.layers
        heads = [(layer, head) for layer in layers for head in range(scene.weights.heads(layer))]
        self._known = {place: scene.weights.measures(*place) for place in heads if scene.weights.measured(*place)}
        known = {layer for layer, _head in self._known}
        missing = frozenset(layer for layer in layers if not scene.weights.captured(layer) and layer not in known)
        self.table.measures.set_heads(heads, missing)
        self._fill()
        self._next.start(0)

    def show_spot(self, spot: Spot) -> None:
        """Mark the current head."""
        if self._stale and self.scene is not None:
            self._take(self.scene)
        self.table.set_current(spot.layer, spot.head)

    def telling(self) -> str:
        """What the table is about."""
        assert self.scene is not None
        count = len(self.scene.queries)
        lacking = len(self.table.measures.heads) - len(self._known)
        waiting = f"; {lacking} heads to go" if lacking else ""
        return f"each head over all {count} tokens; click a column to sort, a row to go there{waiting}"

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._next.start(0)

    def _waiting(self) -> list[tuple[int, int]]:
        if self.scene is None:
            return []
        weights = self.scene.weights
        return [place for place in self.table.measures.heads
                if weights.captured(place[0]) and place not in self._known]  # fmt: skip

    def _measure(self) -> None:
        """Measure some heads, and come back for the rest."""
        scene, waiting = self.scene, self._waiting()
        if scene is None or self._stale or not self.isVisible() or not waiting:
            return
        size = max(1, len(scene.queries) * len(scene.keys))
        some = waiting[: max(1, CELLS_AT_ONCE // size)]
        self._known |= {place: scene.weights.measures(*place) for place in some}
        self._fill()
        self.progressed.emit()
        self._next.start(0)

    def _fill(self) -> None:
        """Show what is known; columns that mean nothing here are left out."""
        self.table.add(self._known)
        done = self.scene is not None and not self._waiting()
        for place, column in enumerate(COLUMNS, start=1):
            values = [getattr(measured, column.name) for measured in self._known.values()]
            empty = all(value != value for value in values)
            if column.name == "sink":
                empty = not any(value > SINK for value in values)
            self.table.setColumnHidden(place, empty and (done or bool(values)))

    def _on_picked(self, layer: int, head: int) -> None:
        self.head_picked.emit(layer, head)
        if self.scene is not None and not self.scene.weights.captured(layer):
            self.layer_wanted.emit(layer)
