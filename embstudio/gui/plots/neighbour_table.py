"""The nearest words with their distances, as a table."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QHeaderView, QWidget

from embstudio.gui.plots.line_model import LineModel
from embstudio.gui.plots.word_table import WordTable
from embstudio.gui.style.numbers import four
from embstudio.gui.style.theme import Theme

# What is listed are distances; "cosine" over one would be read as how alike two words are.
_HEADINGS = {"cosine": "1 − cosine"}


class NeighbourModel(LineModel[tuple[str, float]]):
    """Rank, word, distance."""

    headings = ("", "word", _HEADINGS["cosine"])
    metric = "cosine"

    def set_rows(self, rows: Sequence[tuple[str, float]], metric: str) -> None:
        """Take words with their distances, nearest first, and the name of the metric."""
        self.metric, self.headings = metric, ("", "word", _HEADINGS.get(metric, metric))
        self.take(rows)

    def cells(self, place: int, line: tuple[str, float]) -> Sequence[str]:
        return str(place + 1), line[0], four(line[1])

    def tip(self, place: int, line: tuple[str, float]) -> str:
        return f"{place + 1}. {line[0]}: {self.metric} distance {line[1]:.6g}"


class NeighbourTable(WordTable):
    """Read-only; the rows change with the cursor, the columns keep their places."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "neighbourTable", "Nearest words of the current token", parent, least=4)
        self.neighbours = NeighbourModel(self)
        self.show_lines(self.neighbours, QHeaderView.ResizeMode.Fixed)

    def restyle(self) -> None:
        super().restyle()
        metrics = self.fontMetrics()
        self.horizontalHeader().resizeSection(0, metrics.horizontalAdvance("000") + 8)
        self.horizontalHeader().resizeSection(2, metrics.horizontalAdvance("0.00000") + 24)
