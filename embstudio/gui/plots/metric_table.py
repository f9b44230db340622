"""Ways to compare two vectors side by side: the name, the formula and the number of each."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHeaderView, QWidget

from embstudio.gui.plots.line_model import LineModel
from embstudio.gui.plots.plain_table import PlainTable
from embstudio.gui.style.numbers import MINUS, four
from embstudio.gui.style.theme import Theme

UNDEFINED = "undefined"


class Measured(NamedTuple):
    """value: None where the metric is undefined of these two. about: what it is, in a sentence, or why it is not.
    bounded: it lies between −1 and 2, and what is smaller than the last decimal shown is rounding."""

    name: str
    formula: str
    value: float | None
    about: str
    bounded: bool = False


def seven(value: float) -> str:
    """Seven decimals, so that most stand under each other, and of numbers from 10 on eight digits."""
    if math.isnan(value) or math.isinf(value):
        return four(value)
    size = abs(value)
    if size < 10:
        text = f"{value:.7f}" if value == 0 or size >= 1e-3 else f"{value:.4e}"
    else:
        text = f"{value:.{7 - math.floor(math.log10(size))}f}" if size < 1e6 else f"{value:.4e}"
    return text.replace("-", MINUS)


def _written(row: Measured) -> str:
    if row.value is None:
        return UNDEFINED
    return f"{round(row.value, 7) + 0.0:.7f}".replace("-", MINUS) if row.bounded else seven(row.value)


class MetricModel(LineModel[Measured]):
    """One line a metric."""

    headings = ("metric", "formula", "number")
    words = frozenset({0, 1})

    def cells(self, _place: int, line: Measured) -> Sequence[str]:
        return line.name, line.formula, _written(line)

    def tip(self, _place: int, line: Measured) -> str:
        exact = "" if line.value is None else f"\n{line.value!r}"
        return f"{line.name} = {line.formula}\n{line.about}{exact}"


class MetricTable(PlainTable):
    """As high as its rows."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.metrics = MetricModel(self)
        self.setModel(self.metrics)
        self.setObjectName("metricTable")
        self.setAccessibleName("The two vectors compared by every metric")
        self.verticalHeader().hide()
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        header.setMinimumSectionSize(40)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.restyle()

    def set_rows(self, rows: Sequence[Measured]) -> None:
        """Take the numbers of two vectors."""
        self.metrics.take(rows)
        self._fit()

    def restyle(self) -> None:
        """Fonts or colours changed."""
        self.setFont(self.theme.font())
        self.horizontalHeader().setFont(self.theme.font("small"))
        self.fit_rows()
        self._fit()

    def minimumSizeHint(self) -> QSize:
        return QSize(round(240 * self.theme.scale), self.height())

    def _fit(self) -> None:
        rows = max(1, self.metrics.rowCount())
        self.setFixedHeight(
            self.horizontalHeader().sizeHint().height() + rows * self.verticalHeader().defaultSectionSize() + 4
        )
