"""Which words two sets have in common, however each writes the beginning of a word."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

BEGINS = " Ġ▁"  # what tokenizers put in front of a token that begins a word
_MARKED = 0.1  # share of a set's words with such a mark from which on the others are taken for pieces of words
_AT_ONCE = 20_000  # words between two calls of `check`


@dataclass(frozen=True)
class SharedWords:
    """words: those of both sets, as the first one writes them and in its order. first_rows, second_rows: [words].

    only_first, only_second: how many different words have no partner. unmarked: what had to be decided about the marks
    of tokens, "" for nothing.
    """

    words: tuple[str, ...]
    first_rows: np.ndarray
    second_rows: np.ndarray
    only_first: int
    only_second: int
    unmarked: str = ""

    def __len__(self) -> int:
        return len(self.words)


def share_words(first: Sequence[str], second: Sequence[str], check: Callable[[], None] = lambda: None) -> SharedWords:
    """Words are the same if they are written the same, case and all; a word that is there twice is its first row.

    In a set of tokens, " king" is the word and "king" a piece of one ("making"): the first is the "king" of a set of
    words, the second is nobody's. check: called now and then; what it raises ends the work.
    """
    marks = _is_marked(first), _is_marked(second)
    mine, theirs = (_rows(words, marked, check) for words, marked in zip((first, second), marks, strict=True))
    shared = [(row, theirs[key]) for key, row in mine.items() if key in theirs]
    rows = np.array(shared, np.int64).reshape(-1, 2)
    told = ""
    if marks[0] != marks[1]:
        told = "Only one of the two writes the space before a word into it: there a word is one with that space."
    return SharedWords(
        tuple(first[row] for row, _ in shared), rows[:, 0], rows[:, 1], len(mine) - len(shared),
        len(theirs) - len(shared), told,
    )  # fmt: skip


def _is_marked(words: Sequence[str]) -> bool:
    return sum(word[:1] in BEGINS for word in words if word) > _MARKED * len(words)


def _rows(words: Sequence[str], marked: bool, check: Callable[[], None]) -> dict[tuple[str, bool], int]:
    """(word without its mark, whether it is a piece of one) → its first row."""
    rows: dict[tuple[str, bool], int] = {}
    for row, word in enumerate(words):
        if row % _AT_ONCE == 0:
            check()
        begins = marked and len(word) > 1 and word[0] in BEGINS
        rows.setdefault((word[1:], False) if begins else (word, marked), row)
    return rows
