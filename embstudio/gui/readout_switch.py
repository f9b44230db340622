"""Whether the classes of the open model exclude one another: a choice where the model's file does not tell.

Stands by itself: give it a studio, and tell it how the trace that is shown is read.
"""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QWidget

from embstudio.stepper.class_readout import ClassReadout
from embstudio.studio import Studio
from embstudio.trace.readout import Readout

ABOUT = (
    "The file ends in one score for each class, and does not say whether exactly one class holds (softmax) or each "
    "may hold or not (sigmoid). The scores stay the same; every view reads them in the way chosen here, until another "
    "model is opened."
)
_WAYS = (
    (
        Readout.ONE_OF,
        "one of them (softmax)",
        "Exactly one of the classes holds, as with positive or negative: p = exp(score) / Σ exp(scores), "
        "which sum to 100 %",
    ),
    (
        Readout.EACH,
        "each by itself (sigmoid)",
        "Each class holds or not, whatever the others do (multi-label), as with ‘end of a word’ and ‘end of a "
        "sentence’: p = 1 / (1 + exp(−score)), from 0 to 100 % each",
    ),
)


class ReadoutSwitch(QWidget):
    """Hidden where there is nothing to choose: the graph or its numbers tell, or there is one score only."""

    def __init__(self, studio: Studio, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("readoutSwitch")
        self.studio = studio
        self.ways = QComboBox(self)
        self.ways.setObjectName("readoutWay")
        self.ways.setAccessibleName("How the classes are judged")
        self.ways.setAccessibleDescription(ABOUT)
        self.ways.setToolTip(ABOUT)
        for way, name, about in _WAYS:
            self.ways.addItem(name, way)
            self.ways.setItemData(self.ways.count() - 1, about, Qt.ItemDataRole.ToolTipRole)
        self.ways.activated.connect(lambda _index: self._choose())
        label = QLabel("&Classes:", self)
        label.setBuddy(self.ways)
        label.setToolTip(ABOUT)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(label)
        row.addWidget(self.ways)

    def show_readout(self, readout: ClassReadout) -> None:
        """Show the way that the trace is read."""
        self.setVisible(readout.open and self.studio.leaves_readout_open)
        self.ways.setCurrentIndex(next(at for at, (way, _, _) in enumerate(_WAYS) if way is readout.way))

    def _choose(self) -> None:
        self.studio.set_readout(Readout(self.ways.currentData()))
