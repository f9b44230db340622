"""Finding words on the map: one to go to, or all that an expression is found in, to be selected."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject

from embstudio.base.errors import StudioError
from embstudio.gui.panels.space.answers import Answers
from embstudio.gui.panels.space.search_field import SearchField
from embstudio.gui.panels.space.standing import Standing
from embstudio.gui.plots.scatter.scatter import Scatter
from embstudio.space.vocabulary import Vocabulary
from embstudio.space.word_search import matching
from embstudio.studio import Notice, Severity, Studio


class MapSearch(QObject):
    """Does what the field asks for, beside the window; what is not found is said as a notice."""

    def __init__(
        self, studio: Studio, standing: Standing, field: SearchField, scatter: Scatter, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._studio, self._standing, self._map = studio, standing, scatter
        self._answers = Answers(self)
        self._answers.answered.connect(self._take)
        self._answers.failed.connect(self._fail)
        field.word_wanted.connect(self.find_word)
        field.pattern_wanted.connect(self.find_pattern)

    def find_word(self, text: str) -> None:
        """Go to a word, whatever its case and markers."""
        words = self._standing.words

        def find() -> object:
            vocabulary = Vocabulary(words)
            row = vocabulary.find(text)
            return vocabulary.row(text) if row is None else row

        self._answers.ask(lambda _check: find())

    def find_pattern(self, pattern: str) -> None:
        """Select all words in which an expression is found."""
        words = self._standing.words
        self._answers.ask(lambda check: np.array(matching(words, pattern, check), np.intp))

    def _take(self, found: object) -> None:
        if isinstance(found, int):
            self._studio.vector_walk.go(found)
        elif isinstance(found, np.ndarray) and len(self._map.figure.points) == len(self._standing.words):
            self._map.select(found)
            if not len(found):
                self._inform("The expression is found in no word.")

    def _fail(self, error: StudioError) -> None:
        self._inform(f"{error.what} {error.advice}")

    def _inform(self, text: str) -> None:
        self._studio.noticed.emit(Notice(Severity.INFO, text))
