"""Beside the map: the nearest of where one stands, with the way back, and what is selected, and clusters."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from PySide6.QtCore import QModelIndex, Signal
from PySide6.QtWidgets import QHBoxLayout, QSpinBox, QStackedWidget, QToolButton, QVBoxLayout, QWidget

from embstudio.gui.panels.elided_label import ElidedLabel
from embstudio.gui.panels.page_tabs import PageTabs
from embstudio.gui.plots.cluster_table import ClusterTable
from embstudio.gui.plots.neighbour_table import NeighbourTable
from embstudio.gui.plots.record_table import RecordTable
from embstudio.gui.style.theme import Theme
from embstudio.studio.vector_walk import VectorWalk

MOST = 100  # neighbours
_NEAREST, _SELECTED, _CLUSTERS = 0, 1, 2


class NearSide(QWidget):
    """save_wanted(): the selection is to be saved. Lines of both tables walk to their row."""

    save_wanted = Signal()

    def __init__(self, walk: VectorWalk, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._walk = walk
        self._near: list[int] = []
        self.back = self._button("walkBack", "◀", "Back to where you were (Alt+Left)", walk.back)
        self.forward = self._button("walkForward", "▶", "Forward again (Alt+Right)", walk.forward)
        self.heading = ElidedLabel("", self)
        self.heading.setObjectName("nearestHeading")
        self.heading.setContentsMargins(8, 0, 0, 0)
        self.count = QSpinBox(self)
        self.count.setObjectName("nearestCount")
        self.count.setAccessibleName("How many of the nearest")
        self.count.setToolTip("How many of the nearest")
        self.count.setPrefix("k = ")
        self.count.setRange(1, MOST)
        self.count.setValue(walk.comparison.count)
        self.count.valueChanged.connect(lambda count: walk.compare(count=count))
        self.table = NeighbourTable(theme)
        for signal in (self.table.clicked, self.table.activated):
            signal.connect(self._walk_on)
        self.records = RecordTable(theme)
        self.records.picked.connect(walk.go)
        self.clusters = ClusterTable(theme)
        tabs = [
            ("Nearest", "The nearest of where you stand"),
            ("Selected", "What you selected"),
            ("Clusters", "Groups of vectors, each with the words typical of it; a click selects its points"),
        ]
        self.tabs = PageTabs(tabs, self)
        self.tabs.setObjectName("nearTabs")
        self.tabs.setAccessibleName("What is listed")
        self.save = self._button("saveSelection", "Save…", "Save what is selected as TSV, npz or Parquet",
                                 self.save_wanted.emit)  # fmt: skip
        self.clear = self._button("clearSelection", "Clear", "Select nothing (Esc on the map)")
        self.selection_back = self._button("selectionBack", "◀", "What was selected before (Alt+Shift+Left)")
        self.selection_forward = self._button("selectionForward", "▶", "What was selected after it (Alt+Shift+Right)")
        self.body = QStackedWidget(self)
        self.body.addWidget(_column(_row(self.back, self.forward, self.count), self.heading, self.table))
        self.chosen = ElidedLabel("", self)
        self.chosen.setObjectName("selectedCount")
        self.chosen.setContentsMargins(8, 0, 0, 0)
        selection = _row(self.selection_back, self.selection_forward, self.save, self.clear)
        self.body.addWidget(_column(selection, self.chosen, self.records))
        self.body.addWidget(self.clusters)
        self.tabs.currentChanged.connect(self.body.setCurrentIndex)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self.tabs)
        column.addWidget(self.body, 1)
        self.tabs.setTabVisible(_CLUSTERS, False)
        self.show_selection(np.zeros(0, np.intp), (), {}, back=False, forward=False)
        self.follow()

    def follow(self) -> None:
        """One stands elsewhere."""
        self.back.setEnabled(self._walk.can_go_back)
        self.forward.setEnabled(self._walk.can_go_forward)
        self.count.setValue(self._walk.comparison.count)

    def show_near(self, rows: Sequence[int], found: Sequence[tuple[str, float]], metric: str) -> None:
        """List the nearest."""
        self._near = list(rows)
        self.table.neighbours.set_rows(found, metric)

    def show_selection(
        self, rows: np.ndarray, words: Sequence[str], columns: Mapping[str, Sequence[str]], *, back: bool, forward: bool
    ) -> None:
        """List what is selected, and bring it to the front if there is something. back, forward: whether something was
        selected before or after."""
        self.records.records.set_rows(rows, words, columns)
        self.chosen.setText(f"{len(rows):,} selected")
        self.tabs.setTabEnabled(_SELECTED, bool(len(rows)) or back or forward)
        self.selection_back.setEnabled(back)
        self.selection_forward.setEnabled(forward)
        for button in (self.save, self.clear):
            button.setEnabled(bool(len(rows)))
        if self.tabs.currentIndex() == _NEAREST and len(rows):
            self.tabs.setCurrentIndex(_SELECTED)
        elif self.tabs.currentIndex() == _SELECTED and not self.tabs.isTabEnabled(_SELECTED):
            self.tabs.setCurrentIndex(_NEAREST)
        self._show_tabs()

    def show_clusters(self, there: bool) -> None:
        """There is a list of clusters, which is brought to the front, or no more."""
        if there and not self.tabs.isTabVisible(_CLUSTERS):
            self.tabs.setTabVisible(_CLUSTERS, True)
            self.tabs.setCurrentIndex(_CLUSTERS)
        elif not there:
            if self.tabs.currentIndex() == _CLUSTERS:
                self.tabs.setCurrentIndex(_NEAREST)
            self.tabs.setTabVisible(_CLUSTERS, False)
        self._show_tabs()

    def _show_tabs(self) -> None:
        self.tabs.setVisible(self.tabs.isTabEnabled(_SELECTED) or self.tabs.isTabVisible(_CLUSTERS))

    def restyle(self) -> None:
        """Colours or fonts changed."""
        self.table.restyle()
        self.records.restyle()
        self.clusters.restyle()

    def _walk_on(self, index: QModelIndex) -> None:
        if index.row() < len(self._near):
            self._walk.go(self._near[index.row()])

    def _button(self, name: str, text: str, tip: str, do: Callable[[], object] = lambda: None) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName(name)
        button.setText(text)
        button.setToolTip(tip)
        button.setAccessibleName(tip.partition(" (")[0])
        button.setAutoRaise(True)
        button.clicked.connect(lambda _checked=False: do())
        return button


def _row(*widgets: QWidget) -> QWidget:
    both = QWidget()
    row = QHBoxLayout(both)
    row.setContentsMargins(4, 0, 4, 0)
    row.setSpacing(2)
    for widget in widgets:
        row.addWidget(widget)
    row.addStretch(1)
    return both


def _column(*widgets: QWidget) -> QWidget:
    both = QWidget()
    column = QVBoxLayout(both)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(2)
    for widget in widgets:
        column.addWidget(widget, 1 if widget is widgets[-1] else 0)
    return both
