"""Every metric on every rung: a line a metric, a column a rung."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHeaderView, QWidget

from embstudio.gui.plots.line_model import LineModel
from embstudio.gui.plots.plain_table import PlainTable
from embstudio.gui.style.theme import Theme


class MetricLine(NamedTuple):
    """numbers: of each rung, as they are written. tip: the formula."""

    name: str
    numbers: tuple[str, ...]
    tip: str


class LadderModel(LineModel[MetricLine]):
    """headings: "metric" and the rungs'."""

    words = frozenset({0})
    _names: tuple[str, ...] = ()

    def set_rungs(self, names: Sequence[tuple[int, str]], lines: Sequence[MetricLine]) -> None:
        """Take other rungs: the number and the name of each."""
        self.headings = ("metric", *(f"rung {place}" for place, _ in names))
        self._names = ("", *(name for _, name in names))
        self.take(lines)

    def heading_tip(self, section: int) -> str:
        return self._names[section]

    def cells(self, _place: int, line: MetricLine) -> Sequence[str]:
        return line.name, *line.numbers

    def tip(self, _place: int, line: MetricLine) -> str:
        return line.tip


class MetricLadder(PlainTable):
    """As high as its lines; scrolls sideways where the rungs need more room."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.ladder = LadderModel(self)
        self.setModel(self.ladder)
        self.setObjectName("ladderMetrics")
        self.setAccessibleName("Every metric on every rung")
        self.verticalHeader().hide()
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setMinimumSectionSize(40)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.restyle()

    def set_rungs(self, names: Sequence[tuple[int, str]], lines: Sequence[MetricLine]) -> None:
        """See `LadderModel.set_rungs`."""
        self.ladder.set_rungs(names, lines)
        self._fit()

    def restyle(self) -> None:
        """Fonts or colours changed."""
        self.setFont(self.theme.font("small"))
        self.horizontalHeader().setFont(self.theme.font("small"))
        self.fit_rows()
        self._fit()

    def minimumSizeHint(self) -> QSize:
        return QSize(round(200 * self.theme.scale), self.height())

    def _fit(self) -> None:
        rows = max(1, self.ladder.rowCount())
        scroll = self.horizontalScrollBar().sizeHint().height()
        line = self.verticalHeader().defaultSectionSize()
        self.setFixedHeight(self.horizontalHeader().sizeHint().height() + rows * line + scroll + 4)
