"""The plain curve wᵏ and its numbers: a slider for w, one for the distance, and what comes of both."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QCheckBox,
    QDoubleSpinBox,
    QHBoxLayout,
    QLabel,
    QSlider,
    QSpinBox,
    QWidget,
)

from embstudio.gui.flow_layout import FlowRow
from embstudio.gui.style.numbers import four
from embstudio.gui.style.theme import Theme
from embstudio.stepper.gradient_curves import power

LEAST_W, MOST_W, START_W = 0.5, 1.5, 0.8
START_STEPS = 10
FINE = 1000  # steps of the slider for w from one whole number to the next
LEAST_STEPS = 30  # that the distance goes to at least, whatever the length of the text
READOUT = 200  # pixels that the result wants, or it gets a line of its own
_KEYS = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_End)
TIP_W = (
    "The plain curve by which vanishing gradients are usually explained: the same factor w at each step, so wᵏ "
    "over k steps.\nBelow 1 it vanishes, above 1 it explodes."
)
TIP_STEPS = "How many steps to look back from T; the token there is marked and told of"


class ArrowSlider(QSlider):
    """With the focus, the arrow keys move it; the window's own steps through the text have to wait."""

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and event.key() in _KEYS:
            event.accept()
            return True
        return super().event(event)


class PowerStrip(FlowRow):
    """changed(): w, or whether the curve is drawn. steps_chosen(steps): the person chose a distance."""

    changed = Signal()
    steps_chosen = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent, tail=READOUT)
        self._theme = theme
        self._touched = False  # whether the person chose a distance
        self.shown = QCheckBox("&Plain curve wᵏ", self)
        self.shown.setObjectName("GradientPlain")
        self.shown.setToolTip(TIP_W)
        self.shown.setChecked(True)
        self.shown.toggled.connect(lambda _on: self.changed.emit())
        self.w_slider, self.w_box = ArrowSlider(Qt.Orientation.Horizontal), QDoubleSpinBox()
        self.w_slider.setRange(round(LEAST_W * FINE), round(MOST_W * FINE))
        self.w_slider.setSingleStep(FINE // 100)
        self.w_slider.setPageStep(FINE // 10)
        self.w_box.setRange(LEAST_W, MOST_W)
        self.w_box.setDecimals(3)
        self.w_box.setSingleStep(0.01)
        self.steps_slider, self.steps_box = ArrowSlider(Qt.Orientation.Horizontal), QSpinBox()
        self.steps_box.setSuffix(" steps")
        self.readout = QLabel(self)
        self.readout.setObjectName("GradientPower")
        self.readout.setAccessibleName("The plain curve at this distance")
        self.readout.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        groups = (
            self._group("&w", "GradientW", "Factor w of the plain curve", TIP_W, self.w_slider, self.w_box),
            self._group("&distance", "GradientSteps", "Distance in steps", TIP_STEPS, self.steps_slider,
                        self.steps_box),
        )  # fmt: skip
        self.flow.setContentsMargins(4, 0, 4, 0)
        for widget in (self.shown, *groups, self.readout):
            self.flow.addWidget(widget)
        self.w_slider.valueChanged.connect(self._on_w_slider)
        self.w_box.valueChanged.connect(self._on_w_box)
        self.steps_slider.valueChanged.connect(self.steps_box.setValue)
        self.steps_box.valueChanged.connect(self._on_steps)
        self.set_reach(LEAST_STEPS, LEAST_STEPS)
        self.w_box.setValue(START_W)

    @property
    def w(self) -> float:
        return self.w_box.value()

    @property
    def steps(self) -> int:
        return self.steps_box.value()

    def set_reach(self, steps: int, there: int) -> None:
        """Let the distance go at least so far. there: how many steps there are; until the person chooses a distance it
        is one of them."""
        most = max(LEAST_STEPS, steps)
        for control in (self.steps_slider, self.steps_box):
            control.blockSignals(True)
            control.setRange(0, most)
            control.blockSignals(False)
        if not self._touched:
            self.set_steps(min(START_STEPS, there))

    def set_steps(self, steps: int) -> None:
        """Show a distance that was chosen elsewhere."""
        for control in (self.steps_slider, self.steps_box):
            control.blockSignals(True)
            control.setValue(steps)
            control.blockSignals(False)
        self._tell()

    def restyle(self) -> None:
        """Fonts changed."""
        self.readout.setFont(self._theme.mono())
        for slider in (self.w_slider, self.steps_slider):
            slider.setFixedWidth(round(96 * self._theme.scale))

    def _on_w_slider(self, value: int) -> None:
        self.w_box.setValue(value / FINE)

    def _on_w_box(self, w: float) -> None:
        self.w_slider.blockSignals(True)
        self.w_slider.setValue(round(w * FINE))
        self.w_slider.blockSignals(False)
        self._tell()
        self.changed.emit()

    def _on_steps(self, steps: int) -> None:
        self._touched = True
        self.set_steps(steps)
        self.steps_chosen.emit(steps)

    def _tell(self) -> None:
        steps = self.steps
        self.readout.setText(f"{self.w:g} over {steps} step{'' if steps == 1 else 's'}: {four(power(self.w, steps))}")

    def _group(
        self, text: str, name: str, accessible: str, tip: str, slider: QSlider, box: QAbstractSpinBox
    ) -> QWidget:
        group = QWidget(self)
        label = QLabel(text, group)
        label.setBuddy(box)
        slider.setObjectName(f"{name}Slider")
        box.setObjectName(name)
        row = QHBoxLayout(group)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        for widget in (label, slider, box):
            widget.setToolTip(tip)
            row.addWidget(widget)
        for control in (slider, box):
            control.setAccessibleName(accessible)
        return group
