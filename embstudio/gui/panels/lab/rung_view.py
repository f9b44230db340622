"""One rung of the ladder: both vectors, number by number, and every metric between them."""

from __future__ import annotations

import numpy as np
from PySide6.QtWidgets import QStackedWidget, QWidget

from embstudio.gui.panels.lab.column import column
from embstudio.gui.panels.lab.ladder_words import READING, Shown, difference
from embstudio.gui.panels.lab.pair_bars import PairBars
from embstudio.gui.panels.lab.table_map import TableMap
from embstudio.gui.panels.space.distance_words import measured, undefined_words
from embstudio.gui.panels.wrapped_label import WrappedLabel
from embstudio.gui.plots.metric_table import MetricTable
from embstudio.gui.style.theme import Theme
from embstudio.space.ladder import Rung

_ROWS = ("A", "B", "A backwards")
_DIFFERENCES = ("A − B", "A − A backwards")


class RungView:
    """`numbers` and `measures` are widgets for two pages; `show` fills both."""

    def __init__(self, theme: Theme) -> None:
        self.bars = PairBars(theme, "The numbers of both texts")
        self.bars.setObjectName("ladderBars")
        self.map, self.apart = TableMap(theme, ""), TableMap(theme, "Where they differ")
        self._maps = column(self.map, self.apart)
        self._none = WrappedLabel("There is no vector here yet.")
        self._views = QStackedWidget()
        for view in (self.bars, self._maps, self._none):
            self._views.addWidget(view)
        self.metrics = MetricTable(theme)
        self._undefined = WrappedLabel("")
        self.numbers: QWidget = column(self._views)
        self.measures: QWidget = column(self.metrics, self._undefined)
        self._drawn = ""  # the rung that is there

    def show(self, shown: Shown) -> None:
        """Show a rung. While a model reads, what is there of it stays, in grey."""
        waits = shown.rung is None and shown.missing == READING and shown.name == self._drawn
        for part in (self._views, self.metrics):
            part.setEnabled(not waits)
        if waits:
            return
        self._drawn = shown.name
        if shown.rung is None:
            self._views.setCurrentWidget(self._none)
            self.metrics.set_rows([])
            self._undefined.setText("")
            return
        self._show_vectors(shown.rung)
        rows = measured(shown.rung.a, shown.rung.b)
        self.metrics.set_rows(rows)
        self._undefined.setText(undefined_words(rows))

    def restyle(self) -> None:
        """Colours or fonts changed."""
        self.bars.restyle()
        self.metrics.restyle()
        for view in (self.map, self.apart):
            view.updateGeometry()
            view.update()

    def _show_vectors(self, rung: Rung) -> None:
        if rung.axes:
            self.bars.set_values(rung.axes, (("A", rung.a), ("B", rung.b)))
            self._views.setCurrentWidget(self.bars)
        else:
            self.map.title = rung.name
            self.map.set_values(np.stack([rung.a, rung.b, rung.turned]), _ROWS)
            self.apart.set_values(difference(rung), _DIFFERENCES)
            self._views.setCurrentWidget(self._maps)
        view = self._views.currentWidget()
        assert view is not None
        self._views.setMinimumHeight(view.minimumSizeHint().height())
