"""How the vectors of the tokens become one for the text: the choice, the vector as bars, its length, what made it.

Stands by itself: give it a studio and a theme, and put it where a model's last word is shown (see `concerns`).
"""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from embstudio.gui.panels.elided_label import ElidedLabel
from embstudio.gui.plots.vector_bars import VectorBars
from embstudio.gui.style.numbers import four
from embstudio.gui.style.theme import Theme
from embstudio.session.messages import Pooling
from embstudio.stepper.probe import Probe
from embstudio.studio import Studio

POINT = "pooled"
# (what is read, mode, tooltip)
_WAYS = (
    ("mean", "mean", "The mean of all tokens' vectors"),
    ("first token", "cls", "The vector of the first token, which is [CLS] in BERT's kin"),
    ("last token", "lasttoken", "The vector of the last token, as decoders are used"),
    ("largest", "max", "In each dimension the largest of all tokens' values"),
    ("mean, later ones more", "weightedmean", "The mean, each token weighted by its place (SGPT)"),
    ("sum / √tokens", "mean_sqrt_len_tokens", "The sum of the tokens' vectors over the root of their number"),
)
NONE = "no vector for the text"
AS_FILES = "as its files say"
OWN = "the model's own"
CHOICE = "A way to make one vector of the tokens' vectors; a choice of yours where the model's files name none."


def concerns(studio: Studio) -> bool:
    """Whether the open model reads a text and ends in vectors, so that the switch has something to show."""
    anatomy = studio.document.opened.anatomy if studio.document else None
    if anatomy is None or anatomy.head is None or anatomy.kind == "embedding table":
        return False
    return anatomy.head.kind in ("vectors per token", "vector")


class PoolingSwitch(QWidget):
    """Follows the studio as told by its panel: `show_trace` when another trace or model is there."""

    def __init__(self, studio: Studio, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("poolingSwitch")
        self.studio = studio
        self.theme = theme
        self.ways = QComboBox(self)
        self.ways.setObjectName("poolingWay")
        self.ways.setAccessibleName("One vector for the text")
        self.ways.setToolTip(CHOICE)
        self.ways.activated.connect(lambda _index: self._choose())
        self.length = QCheckBox("&length 1", self)
        self.length.setObjectName("poolingLength")
        self.length.setToolTip("Divide the vector by its length, so that products of two are cosines")
        self.length.toggled.connect(lambda _on: self._choose())
        self.about = ElidedLabel("", self)
        self.about.setObjectName("pooledAbout")
        self.bars = VectorBars(theme, self)
        self.bars.setObjectName("pooledBars")
        self.bars.setAccessibleName("The vector of the text")
        self.bars.describe = self._describe
        self.bars.hovered.connect(lambda dimension: studio.point_at(Probe(POINT, (dimension,))))
        self.bars.unhovered.connect(lambda: studio.point_at(None))
        self._arrange()

    def _arrange(self) -> None:
        label = QLabel("&Text as one vector:", self)
        label.setBuddy(self.ways)
        self._row = (label, self.ways, self.length)
        row = QHBoxLayout()
        row.setContentsMargins(8, 0, 8, 0)
        for widget in self._row:
            row.addWidget(widget)
        row.addWidget(self.about, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 4)
        column.setSpacing(4)
        column.addLayout(row)
        column.addWidget(self.bars, 1)

    def show_trace(self) -> None:
        """Another trace is there, or another model."""
        if self.studio.document is None:
            return
        self._fill()
        trace = self.studio.trace
        if trace is None or POINT not in trace:
            self.bars.set_values(np.zeros(0))
            self.about.setText("Choose a way to make one vector of the tokens' vectors.")
            return
        vector = trace[POINT].values
        self.bars.set_values(vector)
        self.about.setText(self._made(vector))
        self.bars.setAccessibleDescription(self.about.text())

    def _fill(self) -> None:
        """The ways there are for the open model, and the one that is taken."""
        assert self.studio.document is not None
        opened = self.studio.document.opened
        pools = opened.anatomy.head is not None and opened.anatomy.head.kind == "vectors per token"
        for widget in self._row:
            widget.setVisible(pools)
        chosen, own = self.studio.pooling, opened.pooling
        self.ways.blockSignals(True)
        self.ways.clear()
        self.ways.addItem(AS_FILES if own else OWN if opened.pooling_steps else NONE, None)
        if opened.pooling_steps:
            self.ways.setItemData(0, "; then ".join(opened.pooling_steps), Qt.ItemDataRole.ToolTipRole)
        for name, mode, tip in _WAYS:
            self.ways.addItem(name, mode)
            self.ways.setItemData(self.ways.count() - 1, tip, Qt.ItemDataRole.ToolTipRole)
        self.ways.setCurrentIndex(0 if chosen is None else self.ways.findData(chosen.mode))
        self.ways.blockSignals(False)
        self.length.blockSignals(True)
        taken = chosen or own
        self.length.setChecked(taken is not None and taken.normalise)
        self.length.setEnabled(chosen is not None)
        self.length.blockSignals(False)

    def _choose(self) -> None:
        mode = self.ways.currentData()
        self.studio.set_pooling(Pooling(mode, self.length.isChecked()) if mode else None)

    def _made(self, vector: np.ndarray) -> str:
        """The vector in words: how many numbers, how long, and what made it."""
        assert self.studio.document is not None
        opened, chosen = self.studio.document.opened, self.studio.pooling
        if chosen is not None:
            way = next((name for name, mode, _tip in _WAYS if mode == chosen.mode), chosen.mode)
            source = f"{way}, your choice"
        elif opened.pooling_steps:
            source = "; then ".join(opened.pooling_steps)
        else:
            source = "the model's own output"
        length = float(np.linalg.norm(vector.astype(np.float64)))
        return f"{len(vector)} numbers, length {four(length)}: {source}"

    def _describe(self, dimension: int) -> str:
        return f"pooled[{dimension}] = {four(float(self.bars.values[dimension]))}"
