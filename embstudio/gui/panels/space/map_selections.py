"""What is selected on the map: listed beside it, and the way back to what was selected before."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from PySide6.QtCore import QObject

from embstudio.gui.panels.space.near_side import NearSide
from embstudio.gui.panels.space.selection_history import SelectionHistory
from embstudio.gui.panels.space.standing import Standing
from embstudio.gui.plots.scatter.scatter import Scatter

Columns = Callable[[], Mapping[str, Sequence[str]]]


class MapSelections(QObject):
    """Follows the scatter's `selected`; rows are of the vectors that are looked at. columns(): known of each row."""

    def __init__(self, standing: Standing, scatter: Scatter, side: NearSide, columns: Columns, parent: QObject) -> None:
        super().__init__(parent)
        self._standing, self._map, self._side, self._columns = standing, scatter, side, columns
        self.history = SelectionHistory()
        self._of: object = standing.whose
        scatter.selected.connect(self._take)
        side.selection_back.clicked.connect(self.back)
        side.selection_forward.clicked.connect(self.forward)
        side.clear.clicked.connect(self.clear)
        side.records.narrowed.connect(scatter.select)

    def back(self) -> None:
        """Select what was selected before."""
        self._map.select(self.history.back())
        self.show()

    def forward(self) -> None:
        """Select what was left by going back."""
        self._map.select(self.history.forward())
        self.show()

    def select_all(self) -> None:
        """Select all points that have a place."""
        self._map.select(np.flatnonzero(np.isfinite(self._map.figure.points.points).all(axis=1)))

    def clear(self) -> None:
        """Select nothing."""
        self._map.select(np.zeros(0, np.intp))

    def follow_set(self) -> None:
        """Of other vectors there is no history."""
        if self._standing.whose != self._of:
            self._of = self._standing.whose
            self.history.clear()
            self.show()

    def show(self) -> None:
        """List what is selected, with what is known of it now."""
        history = self.history
        self._side.show_selection(history.current, self._standing.words, self._columns(),
                                  back=history.can_go_back, forward=history.can_go_forward)  # fmt: skip

    def _take(self, rows: np.ndarray) -> None:
        self.history.take(rows)
        self.show()
