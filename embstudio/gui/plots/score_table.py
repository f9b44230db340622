"""Words with a score each, the best first."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QHeaderView, QWidget

from embstudio.gui.plots.line_model import LineModel
from embstudio.gui.plots.word_table import WordTable
from embstudio.gui.style.numbers import four
from embstudio.gui.style.theme import Theme


class ScoreModel(LineModel[tuple[str, float]]):
    """Rank, word, score."""

    headings = ("", "word", "score")
    _about = ""

    def set_rows(self, rows: Sequence[tuple[str, float]], heading: str, about: str) -> None:
        """Take words with their scores, the best first. heading: what the score is, in a word; about: in a sentence."""
        self.headings, self._about = ("", "word", heading), about
        self.take(rows)

    def cells(self, place: int, line: tuple[str, float]) -> Sequence[str]:
        return str(place + 1), line[0], four(line[1])

    def tip(self, place: int, line: tuple[str, float]) -> str:
        return f"{place + 1}. {line[0]}: {line[1]:.7g}\n{self._about}"

    def heading_tip(self, section: int) -> str:
        return self._about if section == 2 else ""


class ScoreTable(WordTable):
    """Read-only."""

    def __init__(self, theme: Theme, name: str, plain: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, name, plain, parent, least=5)
        self.scores = ScoreModel(self)
        self.show_lines(self.scores, QHeaderView.ResizeMode.ResizeToContents)
