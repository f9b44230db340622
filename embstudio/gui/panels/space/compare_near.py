"""Beside the comparison: one word's neighbours in A and in B."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from embstudio.base.errors import StudioError
from embstudio.gui.panels.space.answers import Answers
from embstudio.gui.panels.space.compare_run import Compared
from embstudio.gui.panels.wrapped_label import WrappedLabel
from embstudio.gui.plots.common_table import COMMON, CommonTable
from embstudio.gui.plots.token_label import visible_text
from embstudio.gui.style.numbers import four
from embstudio.gui.style.theme import Theme
from embstudio.space.comparison import Comparison

NOWHERE = "Point at a word, or choose one in the list, to see its neighbours in A and in B."
_NAMED = 60  # letters of a text


class CompareNear(QWidget):
    """`stand` stays at a word, `glance` shows another one for a moment. picked(place): a neighbour was chosen."""

    picked = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.heading = WrappedLabel(NOWHERE, self, quiet=False)
        self.heading.setObjectName("compareHeading")
        self.table = CommonTable(theme)
        self.table.picked.connect(self.picked)
        self.answers = Answers(self)
        self.answers.answered.connect(self._show)
        self.answers.failed.connect(self._fail)
        self.place: int | None = None  # where one stands
        self.shown: int | None = None
        self._found: Comparison | None = None
        self._places: Mapping[str, int] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(4, 0, 4, 4)
        column.setSpacing(2)
        column.addWidget(self.heading)
        column.addWidget(self.table, 1)

    def set_compared(self, compared: Compared | None) -> None:
        """Take another comparison; a word that it has too stays."""
        before, at = self._found, self.place
        word = visible_text(before.words[at]) if before is not None and at is not None else None
        self._found = compared.comparison if compared is not None else None
        self._places = compared.places if compared is not None else {}
        self.place = self.shown = None
        self.answers.forget()
        self.table.neighbours.set_lists((), (), "")
        self.heading.setText(NOWHERE)
        kept = self.place_of(word) if word is not None else None
        if kept is not None:
            self.stand(kept)

    def go_on(self, compared: Compared) -> None:
        """Take the same, with more neighbours compared."""
        self._found = compared.comparison

    def place_of(self, word: str) -> int | None:
        """The place of a word as it is shown."""
        return self._places.get(word)

    def stand(self, place: int) -> None:
        """Show a word's neighbours, and stay there."""
        self.place = place
        self.glance(place)

    def glance(self, place: int | None) -> None:
        """Show a word's neighbours; None: those of where one stands."""
        place = place if place is not None else self.place
        found = self._found
        if place is None or found is None or place == self.shown:
            return
        self.shown = place
        self.answers.ask(lambda _check: (place, found, found.nearest(place)))

    def _show(
        self, answer: tuple[int, Comparison, tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]]
    ) -> None:
        place, found, nearest = answer
        lists = [
            [(at, found.words[at], apart) for at, apart in zip(rows.tolist(), distances.tolist(), strict=True)]
            for rows, distances in nearest
        ]
        self.table.neighbours.set_lists(lists[0], lists[1], found.metric)
        same = len(self.table.neighbours.common)
        word = visible_text(found.words[place])
        word = word if len(word) <= _NAMED else f"{word[:_NAMED]}…"
        moved = four(float(found.alignment.moved[place]))
        self.heading.setText(f"‘{word}’: {same} of {found.count} nearest are the same ({COMMON}); moved {moved}")

    def _fail(self, error: StudioError) -> None:
        self.heading.setText(str(error))

    def restyle(self) -> None:
        """Colours or fonts changed."""
        self.table.restyle()
        self.heading.setFont(self._theme.font(bold=True))
