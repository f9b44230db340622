"""The items of some pairs, each once, and the words they are made of."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from embstudio.base.errors import InputError
from embstudio.lab.pairs.pair_list import Pair
from embstudio.lab.pairs.settings import BAG, LSTM, TABLE

MOST_WORDS = 100  # in an item that is read word by word
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")


@dataclass(frozen=True)
class Items:
    """names: in lower case, in the order they come. ends: [pairs, 2], which items each pair is of. same: [pairs].

    words: the vocabulary. ids: [items, longest] places in it, filled up with 0 behind. lengths: [items], how many words
    each item has.
    """

    names: tuple[str, ...]
    ends: np.ndarray
    same: np.ndarray
    words: tuple[str, ...]
    ids: np.ndarray
    lengths: np.ndarray

    @classmethod
    def of(cls, pairs: Sequence[Pair], encoder: str) -> Items:
        """Raises InputError for an item the encoder cannot read."""
        places: dict[str, int] = {}
        ends = [[places.setdefault(named(text), len(places)) for text in (pair.left, pair.right)] for pair in pairs]
        names = tuple(places)
        read = [words_of(name) for name in names]
        if encoder != TABLE:
            _check_words(names, read)
        words: dict[str, int] = {}
        rows = [[words.setdefault(word, len(words)) for word in each] for each in read]
        lengths = np.array([len(row) for row in rows])
        ids = np.zeros((len(rows), int(lengths.max(initial=0))), np.intp)
        for at, row in enumerate(rows):
            ids[at, : len(row)] = row
        same = np.array([pair.same for pair in pairs])
        return cls(names, np.array(ends, np.intp).reshape(-1, 2), same, tuple(words), ids, lengths)

    def key(self, item: int, encoder: str) -> tuple[object, ...]:
        """What an encoder sees of an item: items with the same have the same vector, whatever is learnt."""
        row = self.ids[item, : self.lengths[item]].tolist()
        return {TABLE: (item,), BAG: tuple(_shares(row)), LSTM: tuple(row)}[encoder]


def named(text: str) -> str:
    """An item as it is told from others: in lower case, with single blanks."""
    return " ".join(text.lower().split())


def words_of(name: str) -> list[str]:
    """Its words: letters and digits, with hyphens and apostrophes inside."""
    return _WORD.findall(name)


def _shares(row: list[int]) -> list[tuple[int, float]]:
    """Each word with its share of all: the same shares have the same mean."""
    return [(word, row.count(word) / len(row)) for word in sorted(set(row))]


def _check_words(names: Sequence[str], read: Sequence[list[str]]) -> None:
    for name, words in zip(names, read, strict=True):
        if not words:
            raise InputError(f"There is no word in “{name}”.", advice="Change it, or take the table of vectors.")
        if len(words) > MOST_WORDS:
            raise InputError(f"“{name[:40]}…” is too long.", where=f"{len(words):,} words",
                             advice=f"Take {MOST_WORDS:,} words at most.")  # fmt: skip
