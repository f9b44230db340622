"""Where a person says what is to be held: which gate or state, of which unit, at what, from where to where."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QLabel, QPushButton, QWidget

from embstudio.gui.flow_layout import FlowRow
from embstudio.gui.panels.gate_words import word
from embstudio.gui.panels.memory.scene import Scene, Spot
from embstudio.session.replacement import Replacement
from embstudio.trace.points import parse

FROM_HERE, HERE, EVERYWHERE = range(3)
MOST = 1000.0


class HoldEditor(FlowRow):
    """asked(Replacement): hold this. It is about the current unit and token. Enter holds, Escape closes."""

    asked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("HoldEditor")
        self.setAccessibleName("Hold a value while the model runs")
        self.scene: Scene | None = None
        self.spot = Spot(0, 0)
        self.part = self._box("HoldPart", "Gate or state", "Which gate or state is held")
        self.units = self._box("HoldUnits", "Units", "One unit, or all of the layer")
        self.value = QDoubleSpinBox(self)
        self.value.setObjectName("HoldValue")
        self.value.setAccessibleName("Value")
        self.value.setToolTip("The value that it is set to as the model runs; everything after it follows")
        self.value.setDecimals(4)
        self.value.setRange(-MOST, MOST)
        self.value.setSingleStep(0.1)
        self.when = self._box("HoldWhen", "Tokens", "At which tokens")
        self.hold = QPushButton("Hold", self)
        self.hold.setObjectName("HoldNow")
        self.hold.setToolTip("Run the model with this (Enter)")
        self.hold.clicked.connect(self._ask)
        self.close_button = QPushButton("Close", self)
        self.close_button.setObjectName("HoldClose")
        self.close_button.setToolTip("Close without holding anything (Esc)")
        self.close_button.clicked.connect(self.hide)
        self.flow.setContentsMargins(8, 0, 8, 0)
        for widget in (QLabel("Hold", self), self.part, QLabel("of", self), self.units, QLabel("at", self), self.value,
                       self.when, self.hold, self.close_button):  # fmt: skip
            self.flow.addWidget(widget)
        self.hide()

    def open(self, scene: Scene, spot: Spot, part: str) -> None:
        """Offer to hold a part at the current place, at 1 for a gate and at its own value for a state."""
        self.set_spot(scene, spot)
        self.part.setCurrentIndex(scene.cell.parts.index(part) if part in scene.cell.parts else 0)
        gate = parse(scene.cell.point(self._part)).kind.scale == "unit"
        self.value.setValue(1.0 if gate else float(scene.values(self._part)[spot.step, spot.unit]))
        self.show()
        self.value.setFocus()
        self.value.selectAll()

    def set_spot(self, scene: Scene, spot: Spot) -> None:
        """Be about another place, keeping what was chosen."""
        if scene is not self.scene:
            before = self.part.currentIndex()
            self._fill(self.part, [word(scene.cell.point(part)) for part in scene.cell.parts], before)
        self.scene, self.spot = scene, spot
        label = scene.named(spot.step)
        self._fill(self.units, [f"unit {spot.unit}", "all units"], self.units.currentIndex())
        whens = [f"from {label} on", f"at {label} only", "at every token"]
        self._fill(self.when, whens, self.when.currentIndex())

    @property
    def _part(self) -> str:
        assert self.scene is not None
        return self.scene.cell.parts[max(0, self.part.currentIndex())]

    def _ask(self) -> None:
        if self.scene is None:
            return
        units = (self.spot.unit,) if self.units.currentIndex() <= 0 else None
        self.asked.emit(replacement(self.scene, self._part, self.spot.step, units, self.value.value(),
                                    max(0, self.when.currentIndex())))  # fmt: skip

    def _box(self, name: str, plain: str, tip: str) -> QComboBox:
        box = QComboBox(self)
        box.setObjectName(name)
        box.setAccessibleName(plain)
        box.setToolTip(tip)
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        return box

    def _fill(self, box: QComboBox, texts: list[str], place: int) -> None:
        if texts != [box.itemText(at) for at in range(box.count())]:
            box.clear()
            box.addItems(texts)
            box.setCurrentIndex(max(0, min(place, len(texts) - 1)))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._ask()
        elif event.key() == Qt.Key.Key_Escape:
            self.hide()
        else:
            super().keyPressEvent(event)


def replacement(
    scene: Scene, part: str, step: int, units: tuple[int, ...] | None, value: float, when: int = FROM_HERE
) -> Replacement:
    """Hold a part at a value. From a step on means: in the order of reading, so a layer that reads backwards is held
    from the start of the text to that step."""
    start, end = scene.token(step), scene.token(step + 1)
    point = scene.cell.point(part)
    if when == EVERYWHERE:
        return Replacement(point, units, value=value)
    if when == HERE:
        return Replacement(point, units, start, end, value=value)
    return Replacement(point, units, 0, end, value=value) if scene.cell.backwards else Replacement(
        point, units, start, value=value
    )  # fmt: skip
