"""Two sets compared over the words they share: which words keep their company, and which moved."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from embstudio.base.errors import InputError
from embstudio.space.alignment import Alignment, align
from embstudio.space.neighbours import NeighbourFinder
from embstudio.space.shared_words import SharedWords, share_words
from embstudio.space.transforms import Transform
from embstudio.space.vector_set import VectorSet

_TOGETHER = 64  # words whose neighbours are looked for before asking whether anybody still waits
_POOL_BYTES = 2**30  # of shared words' vectors that are compared; of more than that a part is drawn at random
_SEED = 0

Check = Callable[[], None]
Finders = tuple[NeighbourFinder, NeighbourFinder]


@dataclass(frozen=True)
class Comparison:
    """shared: all shared words. words: [n], those of them that are compared, with finite values in both sets: all, or
    a random sample where all would not fit. first_rows, second_rows: [n], where each stands in its set.

    tables: their vectors, [n, width] each. unusable: shared words left out since a value of theirs is no number.
    special: shared names left out since they stand for no text in one of the sets ([UNK], </s>).
    asked: [m], places in `words` whose neighbours were compared: all, or a random sample. overlap: [m], the share of
    the `count` nearest among `words`, by the metric, that are the same in both. alignment: of all n. shuffled: how far
    apart words lie in the mean where the second set's are shuffled before they are aligned: what chance can do.
    """

    shared: SharedWords
    words: tuple[str, ...]
    first_rows: np.ndarray
    second_rows: np.ndarray
    tables: tuple[np.ndarray, np.ndarray] = field(repr=False)
    unusable: int
    special: int
    metric: str
    count: int
    finders: Finders = field(repr=False)
    asked: np.ndarray
    overlap: np.ndarray
    alignment: Alignment
    shuffled: float

    @property
    def by_chance(self) -> float:
        """The overlap that neighbours drawn at random would have."""
        return self.count / (len(self.words) - 1)

    @property
    def overlap_error(self) -> float:
        """How far the mean overlap of the words asked may be off that of all words: its standard error, 0 of all."""
        asked, whole = len(self.asked), len(self.words)
        if asked == whole or asked < 2:
            return 0.0
        return float(self.overlap.std(ddof=1) / np.sqrt(asked) * np.sqrt(1 - asked / whole))

    @property
    def is_sample(self) -> bool:
        """Whether some shared words are not compared at all, for want of room."""
        return len(self.words) + self.unusable + self.special < len(self.shared)

    @property
    def most_moved(self) -> np.ndarray:
        """Places in `words`, those first that the alignment leaves furthest from where they are in the second set."""
        return np.argsort(-self.alignment.moved, kind="stable")

    @property
    def overlaps(self) -> np.ndarray:
        """[n], the overlap of each word, NaN where its neighbours were not compared."""
        whole = np.full(len(self.words), np.nan)
        whole[self.asked] = self.overlap
        return whole

    def nearest(self, place: int) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
        """The `count` nearest of a word in the first set and in the second: (places in `words`, distances) each."""
        first, second = (finder.of_rows([place], self.count) for finder in self.finders)
        return (first[0][0], first[1][0]), (second[0][0], second[1][0])


def compare_sets(
    first: VectorSet,
    second: VectorSet,
    count: int = 10,
    metric: str = "cosine",
    most: int | None = None,
    check: Check = lambda: None,
    transforms: tuple[Transform, Transform] | None = None,
    progress: Callable[[str, float], object] = lambda _said, _share: None,
    enough: Callable[[], bool] = lambda: False,
) -> Comparison:
    """most: compare the neighbours of at most so many words, drawn at random (always the same ones).

    Words with values that are no numbers are left out, and special tokens: they are trained on next to nothing or on
    everything, so that they would head what moved and say nothing of words. check: called now and then; what it raises
    ends the work. transforms: done to the vectors of each first. progress(what, share): called now and then. enough:
    asked now and then; True keeps what there is of the neighbours (the words asked so far are drawn at random too).
    Raises InputError where fewer than three words are shared.
    """
    progress("matching words", 0.0)
    shared = share_words(first.words, second.words, check)
    texts = _are_texts(shared, first, second)
    drawn = texts[_drawn(len(texts), (first.width + second.width) * 4)]
    first_rows, second_rows = shared.first_rows[drawn], shared.second_rows[drawn]
    a, b = first.vectors[first_rows], second.vectors[second_rows]
    finite = np.isfinite(a).all(axis=1) & np.isfinite(b).all(axis=1)
    unusable = int((~finite).sum())
    if unusable:
        a, b, first_rows, second_rows = a[finite], b[finite], first_rows[finite], second_rows[finite]
    words = tuple(first.words[row] for row in first_rows)
    if len(words) < 3:
        raise InputError(
            "The two sets share too few words to compare.", where=f"{len(words)} shared",
            advice="Words are the same only if they are written the same, case and all.",
        )  # fmt: skip
    check()
    if transforms is not None:
        a, b = transforms[0](a), transforms[1](b)
    count = min(count, len(words) - 1)
    progress("aligning", 0.0)
    alignment = align(a, b)
    check()
    order = np.random.default_rng(_SEED).permutation(len(words))
    shuffled = float(align(a, b[order]).moved.mean())
    asked = order[: len(words) if most is None else most]
    finders = NeighbourFinder(a, metric), NeighbourFinder(b, metric)
    overlap = _overlap(finders, count, asked, check, lambda share: progress("comparing neighbours", share), enough)
    asked = asked[: len(overlap)]
    rising = np.argsort(asked)
    return Comparison(
        shared, words, first_rows, second_rows, (a, b), unusable, len(shared) - len(texts), metric, count, finders,
        asked[rising], overlap[rising], alignment, shuffled,
    )  # fmt: skip


def compare_more(
    found: Comparison,
    most: int,
    check: Check = lambda: None,
    progress: Callable[[str, float], object] = lambda _said, _share: None,
    enough: Callable[[], bool] = lambda: False,
) -> Comparison:
    """The same comparison, with the neighbours of `most` words: of the sample that it has and of more words drawn at
    random. check, progress, enough: as in `compare_sets`, which gives the same for that many at once."""
    order, had = np.random.default_rng(_SEED).permutation(len(found.words)), len(found.asked)
    more = order[had:most]
    whole = had + len(more)

    def tell(share: float) -> None:
        progress("comparing neighbours", (had + share * len(more)) / whole)

    overlap = _overlap(found.finders, found.count, more, check, tell, enough)
    asked = np.concatenate([found.asked, more[: len(overlap)]])
    rising = np.argsort(asked)
    return replace(found, asked=asked[rising], overlap=np.concatenate([found.overlap, overlap])[rising])


def neighbour_overlap(
    a: np.ndarray,
    b: np.ndarray,
    count: int,
    metric: str = "cosine",
    asked: np.ndarray | None = None,
    check: Check = lambda: None,
) -> np.ndarray:
    """|N(aᵢ) ∩ N(bᵢ)| / count of each row asked for, N the `count` nearest rows in the same table. a, b: [rows, …]."""
    asked = np.arange(len(a)) if asked is None else asked
    return _overlap((NeighbourFinder(a, metric), NeighbourFinder(b, metric)), count, asked, check)


def _overlap(
    finders: Finders,
    count: int,
    asked: np.ndarray,
    check: Check,
    progress: Callable[[float], object] = lambda _: None,
    enough: Callable[[], bool] = lambda: False,
) -> np.ndarray:
    shares = np.empty(len(asked))
    for start in range(0, len(asked), _TOGETHER):
        check()
        if start and enough():
            return shares[:start]
        progress(start / len(asked))
        part = asked[start : start + _TOGETHER].tolist()
        near, also = (finder.of_rows(part, count)[0] for finder in finders)
        both = [len(np.intersect1d(x, y)) for x, y in zip(near, also, strict=True)]
        shares[start : start + len(part)] = np.array(both) / max(count, 1)
    return shares


def _are_texts(shared: SharedWords, first: VectorSet, second: VectorSet) -> np.ndarray:
    """Places among the shared words of those that are special in neither set."""
    sets = ((first.special, shared.first_rows), (second.special, shared.second_rows))
    marked = [np.isin(rows, np.fromiter(special, np.int64, len(special))) for special, rows in sets]
    return np.flatnonzero(~(marked[0] | marked[1]))


def _drawn(shared: int, bytes_each: int) -> np.ndarray:
    """Which of the shared words are compared: all, or as many as there is room for."""
    most = max(_POOL_BYTES // max(bytes_each, 1), 3)
    if shared <= most:
        return np.arange(shared)
    return np.sort(np.random.default_rng(_SEED).choice(shared, most, replace=False))
