"""What is wrong with what stands in a field, and words spelt alike to put there instead."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject

from embstudio.gui.panels.space.answers import Answers, Check
from embstudio.gui.panels.space.spelling_row import SpellingRow
from embstudio.gui.panels.space.term_field import TermField
from embstudio.space.lookup import Lookup


class SpellingHelp(QObject):
    """Of one field at a time, said in a row of its own."""

    def __init__(self, row: SpellingRow, parent: QObject) -> None:
        super().__init__(parent)
        self._row = row
        self._field: TermField | None = None
        self._alike = Answers(self)  # which words are spelt alike takes a while
        self._alike.answered.connect(self._offer)
        row.chosen.connect(self._correct)

    @property
    def busy(self) -> bool:
        """Whether words are being looked for."""
        return self._alike.busy

    def clear(self) -> None:
        """Nothing is wrong."""
        self._alike.forget()
        self._row.say("")

    def complain(self, field: TermField, text: str) -> None:
        """Say what is wrong with a field."""
        self._alike.forget()
        self._field = field
        self._row.say(text)

    def look_for(self, field: TermField, lookup: Lookup) -> None:
        """Say that there is no such word as stands in a field, and offer those spelt like it."""
        word = field.text().strip()
        self.complain(field, f"There is no vector for ‘{word}’. Looking for words spelt like it…")
        self._alike.ask(partial(_spelt_alike, lookup, word))

    def _offer(self, words: list[str]) -> None:
        if self._field is not None:
            known = f"There is no vector for ‘{self._field.text().strip()}’."
            self._row.say(f"{known} Did you mean:" if words else f"{known} No word is spelt like it.", words)

    def _correct(self, word: str) -> None:
        if self._field is not None:
            self._field.put(word)
            self._field.setFocus()


def _spelt_alike(lookup: Lookup, word: str, check: Check) -> list[str]:
    return [lookup.written(each) for each in lookup.vocabulary.spelt_alike(word, check)]
