"""Beside the map of contexts: the list of sentences, the cosines at a layer, and curves over the layers."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from embstudio.gui.panels.page_tabs import PageTabs
from embstudio.gui.panels.space.context_list import ContextList
from embstudio.gui.panels.space.context_words import decimals, short_stage_name, stage_name
from embstudio.gui.panels.wrapped_label import WrappedLabel
from embstudio.gui.plots.cosine_table import CosineTable
from embstudio.gui.plots.layer_curves import LayerCurve, LayerCurves
from embstudio.gui.style.theme import Theme
from embstudio.studio.context_table import ContextReading, ContextTable

_PAGES = (
    ("Sentences", "The sentences with the word, and what it means in each"),
    ("Cosines", "The cosine of each two occurrences at this layer"),
    ("By layer", "Mean cosines over the layers: within a group, across groups, with the static vector"),
)
_ROOMY = 620  # pixels of height from which on all of them are seen, at text scale 1


class ContextSide(QWidget):
    """layer_picked(place): in the curves. point_picked(place): in the table of cosines."""

    layer_picked = Signal(int)
    point_picked = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.reading: ContextReading | None = None
        self.place = 0
        self.list = ContextList(theme)
        self.cosines = CosineTable(theme)
        self.cosines.setObjectName("contextCosines")
        self.cosines.setAccessibleName("The cosine of each two occurrences")
        self.cosine_note = WrappedLabel("")
        self.cosine_note.setObjectName("contextCosineNote")
        self.curves = LayerCurves(theme)
        self.curves.setAccessibleName("Mean cosines over the layers")
        self.curves.describe = self._describe
        self.curve_note = WrappedLabel("")
        self.curve_note.setObjectName("contextCurveNote")
        self.tabs = PageTabs(_PAGES, self)
        self.tabs.setObjectName("contextTabs")
        self.tabs.setAccessibleName("What is shown beside the map")
        outer = QVBoxLayout(self)
        outer.setContentsMargins(4, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self.tabs)
        self.pages: list[QWidget] = []
        for widgets in ((self.list,), (self.cosines, self.cosine_note), (self.curves, self.curve_note)):
            page = QWidget(self)
            column = QVBoxLayout(page)
            column.setContentsMargins(0, 2, 8, 2)
            column.setSpacing(2)
            for widget in widgets:
                column.addWidget(widget, 1 if widget is widgets[0] else 0)
            outer.addWidget(page, 1)
            self.pages.append(page)
        self.tabs.currentChanged.connect(lambda _place: self._arrange())
        self._arrange()
        self.curves.picked.connect(self.layer_picked)
        self.cosines.picked.connect(self.point_picked)

    def show_reading(self, reading: ContextReading | None, place: int) -> None:
        """Take what is known; None: nothing is."""
        self.reading = reading
        if reading is None:
            self.cosines.set_matrix((), (), np.zeros((0, 0)))
            self.curves.set_curves((), ())
            self.cosine_note.setText("")
            self.curve_note.setText("")
            return
        self._draw_curves(reading)
        self.go_to(place)

    def go_to(self, place: int) -> None:
        """Show another layer."""
        self.place = place
        if self.reading is None:
            return
        table, layer = self.reading.table, self.reading.layers[place]
        order = order_of(table)
        names = [f"{table.points[at].label}  {table.points[at].sentence}" for at in order]
        self.cosines.set_matrix([table.points[at].label for at in order], names, layer.matrix[np.ix_(order, order)])
        self.cosine_note.setText(_cosine_words(self.reading, place))
        self.curves.set_current(place)

    def restyle(self) -> None:
        """Colours or fonts changed."""
        self.list.restyle()
        self.cosines.restyle()
        self.curves.restyle()
        for note in (self.cosine_note, self.curve_note):
            note.setFont(self._theme.font("small"))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        """All pages below each other where there is room, else the one whose tab was chosen."""
        roomy = self.height() >= _ROOMY * self._theme.scale
        self.tabs.setVisible(not roomy)
        for place, page in enumerate(self.pages):
            page.setVisible(roomy or place == self.tabs.currentIndex())

    def point_of(self, row: int) -> int:
        """The point that a row of the table of cosines stands for."""
        return order_of(self.reading.table)[row] if self.reading is not None else row

    def _draw_curves(self, reading: ContextReading) -> None:
        table = reading.table
        pairs = [layer.pairs for layer in reading.layers]
        curves = []
        if len({group for group in table.groups if group}) > 1:
            curves.append(LayerCurve("within groups", "value", np.array([each.within for each in pairs])))
            curves.append(LayerCurve("across", "query", np.array([each.across for each in pairs])))
        else:
            curves.append(LayerCurve("any two of these", "value", np.array([each.all for each in pairs])))
        if table.static is not None:
            own = np.array([layer.to_static for layer in reading.layers])
            curves.append(LayerCurve("to static", "text", own))
        if not table.centred:
            any_two = np.array([layer.any_two for layer in reading.layers])
            curves.append(LayerCurve("any two tokens", "residual", any_two))
        self.curves.set_curves(curves, [short_stage_name(stage) for stage in table.stages])
        short, whole = _curve_words(table)
        self.curve_note.setText(short)
        self.curve_note.setToolTip(whole)

    def _describe(self, column: int) -> str:
        if self.reading is None or column >= len(self.reading.layers):
            return ""
        name = stage_name(self.reading.table.stages[column])
        told = [f"{curve.name}: {decimals(float(curve.values[column]))}" for curve in self.curves.curves]
        return "\n".join([name, *told])


def order_of(table: ContextTable) -> list[int]:
    """The points by group, in the order in which the groups first come; those without one last."""
    groups = list(dict.fromkeys(group for group in table.groups if group))
    ranks = {group: rank for rank, group in enumerate(groups)}
    return sorted(range(len(table.points)), key=lambda at: ranks.get(table.points[at].group, len(groups)))


def _cosine_words(reading: ContextReading, place: int) -> str:
    layer, table = reading.layers[place], reading.table
    within, across, every = layer.pairs.counts
    said = []
    if within or across:
        said.append(
            f"Within a group {decimals(layer.pairs.within)} ({within} pairs), across {decimals(layer.pairs.across)} "
            f"({across})."
        )
    elif every:
        said.append(f"Mean of {every} pairs: {decimals(layer.pairs.all)}. Name groups in the list to compare them.")
    if table.centred:
        said.append("Centred.")
    elif not math.isnan(layer.any_two):
        said.append(f"Any two tokens: {decimals(layer.any_two)}.")
    said.append("Colours: −1 … 1.")
    return " ".join(said)


def _curve_words(table: ContextTable) -> tuple[str, str]:
    """What must be seen with the curves, and more about it."""
    if table.centred:
        return "Centred: tokens with nothing in common are near 0.", (
            f"Mean cosines after the mean of all {table.tokens} tokens of the sentences was taken away at each layer."
        )
    return "What lies above ‘any two tokens’ is likeness.", (
        f"Mean cosines, as they are. That of any two of the {table.tokens} tokens of these sentences is what vectors "
        "of a layer share whatever they mean."
    )
