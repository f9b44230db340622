"""What is shown of word2vec's tables: the picture, the nearest of some words, and whether an analogy comes out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from embstudio.lab.gliding import GlidingPlane, Plane
from embstudio.lab.word2vec.vocabulary import Vocabulary
from embstudio.space.analogies import Analogies
from embstudio.space.neighbours import NeighbourFinder

NEAREST = 5
_MOST_RANKS = 2_000  # then every other is let go
MOST_POINTS = 400  # words in the picture: the most frequent, and those one looks at


@dataclass(frozen=True)
class Question:
    """What a person looks at. words: whose nearest are told. analogy: a, b, c and the word expected of a − b + c.
    drawn: the words of the picture; the most frequent where fewer than three of them are in the text."""

    words: tuple[str, ...] = ()
    analogy: tuple[str, str, str, str] = ("", "", "", "")
    drawn: tuple[str, ...] = ()


@dataclass(frozen=True)
class Nearest:
    """word, and its nearest with their cosines; none where the word is not in the text."""

    word: str
    near: tuple[tuple[str, float], ...]
    known: bool = True


@dataclass(frozen=True)
class AnalogyAnswer:
    """best: words with their cosines, best first, without those asked with. first: of all words, these included.

    rank: of the word expected, 1 for the first; None where none is. unknown: words that are not in the text.
    """

    best: tuple[tuple[str, float], ...]
    first: str
    rank: int | None
    unknown: tuple[str, ...]

    @property
    def right(self) -> bool | None:
        """Whether the word expected comes first; None where none is."""
        return None if self.rank is None else self.rank == 1


@dataclass(frozen=True)
class Sight:
    """rows: [points], the words of the picture, as places in the vocabulary. asked: those of the words asked about.

    ranks: [n, 2], epochs and at which place the word expected came, since the analogy is asked.
    """

    rows: np.ndarray
    asked: tuple[int, ...]
    plane: Plane
    nearest: tuple[Nearest, ...]
    analogy: AnalogyAnswer | None
    ranks: np.ndarray


class Lookout:
    """Looks at tables of the same words again and again. Not for several threads at once."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._words = vocabulary.words
        self._place = {word: at for at, word in enumerate(vocabulary.words)}
        self._plane = GlidingPlane()
        self._ranks: list[tuple[float, int]] = []
        self._ranked: tuple[str, ...] = ()  # the analogy these are of

    def look(self, V: np.ndarray, question: Question, at: float = 0.0) -> Sight:
        """See the input table [words, width] after so many epochs."""
        asked = [self._place[word] for word in (*question.words, *question.analogy) if word in self._place]
        drawn = [self._place[word] for word in question.drawn if word in self._place]
        if len(drawn) < 3:
            drawn = [*range(min(MOST_POINTS, len(self._words))), *asked]
        rows = np.unique(np.array(drawn, dtype=np.intp))
        finder = NeighbourFinder(V, "cosine")
        nearest = tuple(self._nearest(finder, word) for word in question.words)
        analogy = self._analogy(V, finder, question.analogy)
        ranks = self._followed(question.analogy, analogy, at)
        return Sight(rows, tuple(dict.fromkeys(asked)), self._plane.of(V[rows]), nearest, analogy, ranks)

    def _followed(self, words: tuple[str, ...], answer: AnalogyAnswer | None, at: float) -> np.ndarray:
        """The ranks so far: of the way that training took, where it was rewound, and of this analogy."""
        self._ranks = [each for each in self._ranks if each[0] < at] if words == self._ranked else []
        self._ranked = words
        if answer is not None and answer.rank is not None:
            self._ranks.append((at, answer.rank))
        if len(self._ranks) > _MOST_RANKS:
            self._ranks = [*self._ranks[:-1:2], self._ranks[-1]]
        return np.array(self._ranks, np.float64).reshape(-1, 2)

    def _nearest(self, finder: NeighbourFinder, word: str) -> Nearest:
        at = self._place.get(word)
        if at is None:
            return Nearest(word, (), known=False)
        rows, distances = finder.of_rows([at], NEAREST)
        pairs = zip(rows[0].tolist(), (1 - distances[0]).tolist(), strict=True)
        return Nearest(word, tuple((self._words[row], cosine) for row, cosine in pairs))

    def _analogy(
        self, V: np.ndarray, finder: NeighbourFinder, words: tuple[str, str, str, str]
    ) -> AnalogyAnswer | None:
        a, b, c, expected = words
        if not (a and b and c):
            return None
        unknown = tuple(dict.fromkeys(word for word in words if word and word not in self._place))
        if unknown:
            return AnalogyAnswer((), "", None, unknown)
        places = [self._place[word] for word in (a, b, c)]
        found = Analogies(V, finder).ask(places[0], places[1], places[2], count=3)
        names = [self._words[row] for row in found.rows[:3].tolist()]
        rank = None
        if expected and self._place[expected] not in places:
            rank = 1 if names and names[0] == expected else _rank(V, found.vectors[3], self._place[expected], places)
        return AnalogyAnswer(
            tuple(zip(names, found.scores[:3].tolist(), strict=True)),
            self._words[found.first] if found.first >= 0 else "",
            rank, (),
        )  # fmt: skip


def _rank(V: np.ndarray, target: np.ndarray, expected: int, asked: list[int]) -> int:
    """The place of a row among all by the cosine with a target, without the rows asked with; it is not the first."""
    cosines = (V @ target.astype(V.dtype)) / np.maximum(np.linalg.norm(V, axis=1), np.finfo(V.dtype).tiny)
    nearer = cosines > cosines[expected]
    nearer[asked] = False
    return max(2, int(nearer.sum()) + 1)
