"""Which row a word is, and what was probably meant by a word that there is not."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from difflib import get_close_matches

from embstudio.base.errors import InputError

CASE_RULE = "A word is looked up as it is written; where there is none, in lower case."

_COMPARED = 20_000  # words that may be meant, more than which are not gone through
_NAMED = 5
_AT_ONCE = 10_000  # words between two calls of `check`; other threads have their turn then
Check = Callable[[], None]
_SOUNDS = tuple(
    (re.compile(spelling), letter)
    for spelling, letter in (
        ("ph", "f"), ("^kn", "n"), ("^wr", "r"), ("ck|qu|c(?![eih])|q", "k"), ("c(?=[ei])|z", "s"), ("y", "i"),
        (r"(.)\1+", r"\1"),
    )
)  # fmt: skip


class Vocabulary:
    """The rows of words. A word that is there twice is its first row.

    check: called often while a long list is gone through; what it raises ends the work.
    """

    def __init__(self, words: Sequence[str], check: Check = lambda: None) -> None:
        self.words = words
        self._rows: dict[str, int] = {}
        for stop in range(len(words), 0, -_AT_ONCE):  # from the end, so that the first of equal words stays
            check()
            start = max(0, stop - _AT_ONCE)
            self._rows.update(zip(reversed(words[start:stop]), range(stop - 1, start - 1, -1), strict=True))

    def __contains__(self, word: str) -> bool:
        return word in self._rows

    def find(self, word: str) -> int | None:
        """The word's row by `CASE_RULE`, or None."""
        row = self._rows.get(word)
        return self._rows.get(word.lower()) if row is None else row

    def row(self, word: str) -> int:
        """The same. Raises InputError, which names words spelt alike."""
        row = self.find(word)
        if row is not None:
            return row
        alike = self.spelt_alike(word)
        raise InputError(
            f"There is no vector for {word!r}.",
            advice=f"There are {', '.join(map(repr, alike))}." if alike else "No word is spelt like it.",
        )

    def spelt_alike(self, word: str, check: Check = lambda: None) -> list[str]:
        """A few words that differ by case, by a space marker in front (Ġ, ▁, ##), by a spelling of the same sounds,
        or by a letter or two; in this order."""
        sought, folded, near = word.casefold(), list[str](), dict[str, str]()
        sound = sound_of(sought)
        for at, known in enumerate(self.words):
            if at % _AT_ONCE == 0:
                check()
            plain = known.lstrip("Ġ▁# ").casefold()
            if plain == sought:
                folded.append(known)
            elif abs(len(plain) - len(sought)) <= 2 and len(near) < _COMPARED and _shares_an_end(plain, sought):
                near.setdefault(plain, known)
        sounding = [known for plain, known in near.items() if sound_of(plain) == sound]
        alike = [near[plain] for plain in get_close_matches(sought, near, n=_NAMED, cutoff=0.7)]
        return list(dict.fromkeys(folded + sounding + alike))[:_NAMED]


def sound_of(word: str) -> str:
    """A word in lower case with one letter for spellings that sound the same: elefant for elephant, nok for knock."""
    for spelling, letter in _SOUNDS:
        word = spelling.sub(letter, word)
    return word


def _shares_an_end(word: str, other: str) -> bool:
    """Most slips of the hand leave the first letter or the last two."""
    return word[:1] == other[:1] or word[-2:] == other[-2:]
