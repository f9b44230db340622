"""The switch between the exact search and an approximate index, and the line that says how far and how good that is."""

from __future__ import annotations

from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QProgressBar, QToolButton, QWidget

from embstudio.gui.panels.elided_label import ElidedLabel
from embstudio.gui.panels.space.near_index import why_not
from embstudio.gui.panels.space.nearest import Nearest
from embstudio.space import approximate_index
from embstudio.studio.vector_walk import VectorWalk

_ABOUT = (
    "Search by an index, which takes minutes to make and then answers at once, but may miss some of the nearest. How "
    "many it finds is measured on these very vectors."
)


class IndexSwitch(QCheckBox):
    """On: the index is wanted. It is seen where so many vectors are looked at that an index is of use."""

    def __init__(self, walk: VectorWalk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._walk = walk
        self.setObjectName("mapApproximate")
        self.setText("approximate")
        self.clicked.connect(lambda on: walk.compare(approximate=on))
        self.follow(0)

    def follow(self, rows: int) -> None:
        """So many vectors are looked at, or they are compared otherwise."""
        comparison = self._walk.comparison
        reason = why_not(rows, comparison.metric)
        self.setVisible(rows >= approximate_index.LEAST_ROWS)  # for fewer the exact search answers at once
        self.setEnabled(not reason)
        self.setChecked(comparison.approximate and not reason)
        self.setToolTip(f"Approximate search: {reason}." if reason else _ABOUT)
        self.setAccessibleName(f"Approximate search, {reason}" if reason else "Approximate search")


class IndexBar(QWidget):
    """Seen while an index is made, and while it answers."""

    def __init__(self, walk: VectorWalk, nearest: Nearest, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._walk, self._nearest = walk, nearest
        self.telling = ElidedLabel("", self)
        self.telling.setObjectName("indexTelling")
        self.progress = QProgressBar(self)
        self.progress.setObjectName("indexProgress")
        self.progress.setAccessibleName("How much of the index is made")
        self.progress.setRange(0, 1000)
        self.progress.setFormat("%p %")
        self.stop = QToolButton(self)
        self.stop.setObjectName("indexStop")
        self.stop.setText("Stop")
        self.stop.setAccessibleName("Stop making the index")
        self.stop.setToolTip("Make no index, and search exactly")
        self.stop.clicked.connect(self._give_up)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 0, 8, 0)
        row.addWidget(self.telling, 2)
        row.addWidget(self.progress, 1)
        row.addWidget(self.stop)
        nearest.index.changed.connect(self._follow)
        nearest.found.connect(self._follow)
        self._follow()

    def _follow(self) -> None:
        index, recall = self._nearest.index, self._nearest.recall
        for widget in (self.progress, self.stop):
            widget.setVisible(bool(index.doing))
        if index.doing:
            self.telling.setText(f"{index.doing}; the search is exact meanwhile…")
            self.progress.setValue(round(1000 * index.share))
        elif recall is not None:
            self.telling.setText(recall.sentence[0].upper() + recall.sentence[1:] + ".")
        self.setVisible(bool(index.doing) or recall is not None)

    def _give_up(self) -> None:
        self._walk.compare(approximate=False)
        self._nearest.index.stop()
