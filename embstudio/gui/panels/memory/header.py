"""The header of the Memory panel: which page, layer, direction and unit, and the current step in words."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QSpinBox, QWidget

from embstudio.gui.flow_layout import FlowRow
from embstudio.gui.panels.elided_label import ElidedLabel
from embstudio.gui.panels.memory.scene import way
from embstudio.gui.panels.page_tabs import PageTabs
from embstudio.stepper.recurrent_flow import RecurrentCell

TELLING = 240  # pixels that the sentence on the current step wants, or it gets a line of its own


class MemoryHeader(FlowRow):
    """tools: the controls of the pages, of which those of the page that is seen are shown.

    page_chosen(place), cell_chosen(place), unit_chosen(unit): the person's choice.
    """

    page_chosen = Signal(int)
    cell_chosen = Signal(int)
    unit_chosen = Signal(int)

    def __init__(
        self, pages: Sequence[tuple[str, str]], tools: Sequence[QWidget], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent, tail=TELLING)
        self.pages = PageTabs(pages, self)
        self.pages.setObjectName("MemoryPages")
        self.pages.setAccessibleName("How memory is shown")
        self.pages.setVisible(len(pages) > 1)
        self.pages.currentChanged.connect(self.page_chosen)
        self.layer_choice = QComboBox()
        self.layer_choice.setObjectName("MemoryLayer")
        self.layer_choice.setAccessibleName("Recurrent layer and direction")
        self.layer_choice.setToolTip(
            "Which recurrent layer, and which way it reads\n"
            "(Ctrl+Up, Ctrl+Down: another layer; Ctrl+Left, Ctrl+Right: another direction)"
        )
        self.layer_choice.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.layer_choice.activated.connect(self.cell_chosen)
        self.layer = self._labelled("La&yer", self.layer_choice)
        self.unit_box = QSpinBox()
        self.unit_box.setObjectName("MemoryUnit")
        self.unit_box.setAccessibleName("Unit")
        self.unit_box.setToolTip(
            "The unit that lines and sum are about, by the model's own number (Up and Down in a map go to the next row)"
        )
        self.unit_box.valueChanged.connect(self.unit_chosen)
        self.telling = ElidedLabel()
        self.telling.setObjectName("MemoryTelling")
        self.flow.setContentsMargins(4, 0, 4, 0)
        for widget in (self.pages, self.layer, self._labelled("&Unit", self.unit_box), *tools, self.telling):
            self.flow.addWidget(widget)

    def set_cells(self, cells: Sequence[RecurrentCell], place: int) -> None:
        """Name the layers and directions there are; with one there is nothing to choose."""
        self.layer_choice.clear()
        self.layer_choice.addItems([f"{cell.kind} {cell.layer} {way(cell.direction)}" for cell in cells])
        self.layer_choice.setCurrentIndex(place)
        self.layer.setVisible(len(cells) > 1)

    def set_unit(self, unit: int, units: int) -> None:
        """Show the current unit."""
        box = self.unit_box
        box.blockSignals(True)
        if box.maximum() != units - 1 or not box.suffix():
            box.setRange(0, units - 1)
            box.setSuffix(f" (0–{units - 1})")
        box.setValue(unit)
        box.blockSignals(False)

    def _labelled(self, text: str, control: QWidget) -> QWidget:
        """A control with its label in front."""
        both = QWidget(self)
        label = QLabel(text, both)
        label.setBuddy(control)
        row = QHBoxLayout(both)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(label)
        row.addWidget(control)
        return both
