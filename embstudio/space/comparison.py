"""Two sets compared over the words they share: which words keep their company, and which moved."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from embstudio.base.errors import InputError
from embstudio.space.alignment import Alignment, align
from embstudio.space.neighbours import NeighbourFinder
from embstudio.space.vector_set import VectorSet
from embstudio.space.vocabulary import Vocabulary

_TOGETHER = 512  # words whose neighbours are looked for before asking whether anybody still waits


@dataclass(frozen=True)
class Comparison:
    """words: those of both sets, in the first one's order. first_rows, second_rows: [words], where each stands.

    asked: [n], places in `words` whose neighbours were compared: all, or a random sample. overlap: [n], the share of
    the `count` nearest shared words, by the metric, that are the same in both. alignment: of all shared words.
    """

    words: tuple[str, ...]
    first_rows: np.ndarray
    second_rows: np.ndarray
    metric: str
    count: int
    asked: np.ndarray
    overlap: np.ndarray
    alignment: Alignment

    @property
    def by_chance(self) -> float:
        """The overlap that neighbours drawn at random would have."""
        return self.count / (len(self.words) - 1)

    @property
    def most_moved(self) -> np.ndarray:
        """Places in `words`, those first that the alignment leaves furthest from where they are in the second set."""
        return np.argsort(-self.alignment.moved, kind="stable")


def compare_sets(
    first: VectorSet,
    second: VectorSet,
    count: int = 10,
    metric: str = "cosine",
    most: int | None = None,
    check: Callable[[], None] = lambda: None,
) -> Comparison:
    """most: compare the neighbours of at most so many words, drawn at random (always the same ones).

    Words with values that are no numbers are left out. check: called now and then; what it raises ends the work.
    Raises InputError where fewer than three words are shared.
    """
    mine, theirs = Vocabulary(first.words), Vocabulary(second.words)
    shared = [row for row, word in enumerate(first.words) if word in theirs and mine.find(word) == row]
    first_rows = np.array(shared, np.int64)
    second_rows = np.array([theirs.find(first.words[row]) for row in shared], np.int64)
    a, b = first.vectors[first_rows], second.vectors[second_rows]
    finite = np.isfinite(a).all(axis=1) & np.isfinite(b).all(axis=1)
    if not finite.all():
        a, b, first_rows, second_rows = a[finite], b[finite], first_rows[finite], second_rows[finite]
    words = tuple(first.words[row] for row in first_rows)
    if len(words) < 3:
        raise InputError(
            "The two sets share too few words to compare.", where=f"{len(words)} shared",
            advice="Words are the same only if they are written the same, case and all.",
        )  # fmt: skip
    count = min(count, len(words) - 1)
    asked = np.arange(len(words))
    if most is not None and most < len(words):
        asked = np.sort(np.random.default_rng(0).choice(len(words), most, replace=False))
    overlap = neighbour_overlap(a, b, count, metric, asked, check)
    return Comparison(words, first_rows, second_rows, metric, count, asked, overlap, align(a, b))


def neighbour_overlap(
    a: np.ndarray,
    b: np.ndarray,
    count: int,
    metric: str = "cosine",
    asked: np.ndarray | None = None,
    check: Callable[[], None] = lambda: None,
) -> np.ndarray:
    """|N(aᵢ) ∩ N(bᵢ)| / count of each row asked for, N the `count` nearest rows in the same table. a, b: [rows, …]."""
    asked = np.arange(len(a)) if asked is None else asked
    finders = [NeighbourFinder(vectors, metric) for vectors in (a, b)]
    shares = np.empty(len(asked))
    for start in range(0, len(asked), _TOGETHER):
        check()
        part = asked[start : start + _TOGETHER].tolist()
        near, also = (finder.of_rows(part, count)[0] for finder in finders)
        both = [len(np.intersect1d(x, y)) for x, y in zip(near, also, strict=True)]
        shares[start : start + len(part)] = np.array(both) / max(count, 1)
    return shares
