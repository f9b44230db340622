"""The header of the Attention panel: which page, layer, head and sort of attention, and the current row in words."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QSpinBox, QWidget

from embstudio.gui.flow_layout import FlowRow
from embstudio.gui.panels.elided_label import ElidedLabel
from embstudio.gui.panels.page_tabs import PageTabs

TELLING = 240  # pixels that the sentence on the current row wants, or it gets a line of its own
PAGES = (
    ("Map", "All heads, one head in full, and lines from the current token"),
    ("Stages", "How the current token gets from a key to the next layer, step by step, with the model's numbers"),
    ("Heads", "What each head does over the sentence; sort to find the interesting ones"),
)


class AttentionHeader(FlowRow):
    """tools: the controls of the pages, of which those of the page that is seen are shown.

    page_chosen(place), layer_chosen(layer), head_chosen(head), kind_chosen(place): the person's choice.
    """

    page_chosen = Signal(int)
    layer_chosen = Signal(int)
    head_chosen = Signal(int)
    kind_chosen = Signal(int)

    def __init__(self, tools: Sequence[QWidget], parent: QWidget | None = None) -> None:
        super().__init__(parent, tail=TELLING)
        self.pages = PageTabs(PAGES, self)
        self.pages.setObjectName("AttentionPages")
        self.pages.setAccessibleName("How attention is shown")
        self.pages.currentChanged.connect(self.page_chosen)
        self.kind_choice = QComboBox(self)
        self.kind_choice.setObjectName("AttentionKind")
        self.kind_choice.setAccessibleName("Which attention")
        self.kind_choice.setToolTip("Which attention of the model: encoder, decoder, or from one to the other")
        self.kind_choice.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.kind_choice.setMinimumWidth(80)
        self.kind_choice.activated.connect(self.kind_chosen)
        self.layer_box, layer = self._box("AttentionLayer", "&Layer", "Ctrl+Up, Ctrl+Down")
        self.layer_box.valueChanged.connect(self.layer_chosen)
        self.head_box, head = self._box("AttentionHead", "&Head", "Ctrl+Left, Ctrl+Right")
        self.head_box.valueChanged.connect(self.head_chosen)
        self.telling = ElidedLabel()
        self.telling.setObjectName("AttentionTelling")
        self.flow.setContentsMargins(4, 0, 4, 0)
        for widget in (self.pages, layer, head, self.kind_choice, *tools, self.telling):
            self.flow.addWidget(widget)

    def set_kinds(self, titles: Sequence[str], place: int) -> None:
        """Name the sorts of attention there are; with one there is nothing to choose."""
        self.kind_choice.clear()
        self.kind_choice.addItems(titles)
        self.kind_choice.setCurrentIndex(place)
        self.kind_choice.setVisible(len(titles) > 1)

    def set_place(self, layer: int, last_layer: int, head: int, last_head: int) -> None:
        """Show where the panel stands."""
        for box, value, most in ((self.layer_box, layer, last_layer), (self.head_box, head, last_head)):
            box.blockSignals(True)
            box.setRange(0, most)
            box.setSuffix(f" (0–{most})")
            box.setValue(value)
            box.blockSignals(False)

    def _box(self, name: str, text: str, keys: str) -> tuple[QSpinBox, QWidget]:
        """A box for a number, and that box with its label."""
        plain = text.replace("&", "")
        both = QWidget(self)
        box = QSpinBox(both)
        box.setObjectName(name)
        box.setAccessibleName(plain)
        box.setToolTip(f"{plain}, counted from 0 ({keys})")
        label = QLabel(text, both)
        label.setBuddy(box)
        row = QHBoxLayout(both)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(label)
        row.addWidget(box)
        return box, both
