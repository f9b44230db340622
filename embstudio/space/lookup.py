"""A set of vectors asked by words: what a typed word or vector stands for, and what answers questions about it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from embstudio.base.errors import InputError
from embstudio.space.analogies import Analogies
from embstudio.space.neighbours import NeighbourFinder
from embstudio.space.transforms import Transform
from embstudio.space.vector_set import VectorSet
from embstudio.space.vocabulary import Check, Vocabulary
from embstudio.space.word_search import beginning

_BEGINS = " Ġ▁"  # what tokenizers put in front of a token that begins a word
_NAMED = 24  # characters of a typed vector that are its name


@dataclass(frozen=True)
class Term:
    """What was asked with. name: for people. vector: [width] float64. row: where it stands in the set, None for a
    vector that was typed."""

    name: str
    vector: np.ndarray
    row: int | None = None


class Lookup:
    """One set. What it takes to answer is prepared when it is first wanted, and kept.

    transform: what was done to the vectors of the set; it is done to typed ones of their width too.
    """

    def __init__(self, vectors: VectorSet, transform: Transform | None = None) -> None:
        self.set = vectors
        self._transform = transform
        self._finders: dict[str, NeighbourFinder] = {}

    @property
    def done(self) -> str:
        """What was done to the vectors, in words; "" where they are as they came."""
        return self._transform.words if self._transform is not None else ""

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The rows of its words."""
        return Vocabulary(self.set.words)

    def prepare(self, check: Check) -> Lookup:
        """Make the list of its words now, beside the window where there are many. check: as `Vocabulary` takes it."""
        self.vocabulary = Vocabulary(self.set.words, check)
        return self

    @cached_property
    def analogies(self) -> Analogies:
        """Answers to a − b + c."""
        return Analogies(self.set.vectors, self.finder("cosine"))

    def finder(self, metric: str) -> NeighbourFinder:
        """The neighbours by a metric. Raises ValueError for one that there is not."""
        if metric not in self._finders:
            self._finders[metric] = NeighbourFinder(self.set.vectors, metric)
        return self._finders[metric]

    def term(self, text: str) -> Term | None:
        """A word of the set, or a vector as it is typed: [0.2, 0.8, 0.1]. None for a word that there is not.

        Of tokens, "king" is the one that begins a word, " king", rather than the end of "making"; in quotes a word is
        taken as it is written.

        Raises InputError for a vector that is none, and for a word whose vector holds NaN or infinity.
        """
        text = text.strip()
        row = self.row(text)
        if row is None:
            return self.guest(*_typed(text)) if text.startswith("[") else None
        vector = self.set.vectors[row].astype(np.float64)
        if not np.isfinite(vector).all():
            raise InputError(
                f"The vector of {self.set.words[row]!r} holds values that are no numbers.",
                where=f"row {row + 1:,}", advice="Choose another word.",
            )  # fmt: skip
        return Term(self.set.words[row], vector, row)

    def guest(self, name: str, vector: np.ndarray) -> Term:
        """A vector [any width] float64 that is not of the set: what was done to the set's is done to it where it has
        their width."""
        if self._transform is None or len(vector) != self.set.width:
            return Term(name, vector)
        return Term(name, self._transform(vector[None])[0])

    def knows(self, word: str) -> bool:
        """Whether there is such a word."""
        return self.row(word) is not None

    def row(self, text: str) -> int | None:
        """The row that a word stands for, as `term` has it."""
        vocabulary = self.vocabulary
        if len(text) > 2 and text[0] == text[-1] == '"' and text[1:-1] in vocabulary:
            return vocabulary.find(text[1:-1])
        for marker in _BEGINS:
            if marker + text in vocabulary:
                return vocabulary.find(marker + text)
        return vocabulary.find(text)

    def written(self, word: str) -> str:
        """How a word of the set is typed so that it is that one: in quotes where another is meant otherwise."""
        plain = word.strip()
        return plain if self.row(plain) == self.vocabulary.find(word) else f'"{word}"'

    def beginning(self, start: str, most: int = 12) -> list[str]:
        """Words of the set that begin so, whatever their case and markers, in the set's order; as they are typed."""
        return [self.written(word) for word in beginning(self.set.words, start, most)]


def _typed(text: str) -> tuple[str, np.ndarray]:
    """A name for a vector, and it, out of its numbers, with commas, semicolons or spaces between them."""
    parts = text.strip("[]").replace(",", " ").replace(";", " ").replace("−", "-").split()
    try:
        numbers = [float(part) for part in parts]
    except ValueError:
        numbers = []
    if len(numbers) < 2 or not all(map(math.isfinite, numbers)):
        raise InputError(
            "This is no vector.", where=text[:60], advice="Write at least two numbers, such as [0.2, 0.8, 0.1]."
        )
    whole = f"[{', '.join(f'{number:g}' for number in numbers)}]"
    name = whole if len(whole) <= _NAMED else f"[{numbers[0]:g}, {numbers[1]:g}, … {len(numbers)} numbers]"
    return name, np.array(numbers)
