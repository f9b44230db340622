"""King − man + woman: the word that is to woman as king is to man.

Rules of Levy and Goldberg (2014, Linguistic Regularities in Sparse and Explicit Word Representations), on vectors of
length 1, â = a / ‖a‖:
    3CosAdd   argmax over x of cos(x, â − b̂ + ĉ), which is that of cos(x, a) − cos(x, b) + cos(x, c)
    3CosMul   argmax over x of c(x, a) c(x, c) / (c(x, b) + 0.001), with c = (1 + cos) / 2
The words asked with are left out, as everywhere in the literature; which word comes first otherwise is told beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from embstudio.space.neighbours import NeighbourFinder

RULES = ("3cosadd", "3cosmul")

_EPSILON = 0.001
_BLOCK = 4096  # rows in float64 at a time
_QUESTIONS = 256  # at a time
Check = Callable[[], None]


@dataclass(frozen=True)
class Analogy:
    """a − b + c. rows, scores: [n], best first, without the words asked with. first, first_score: of all words.

    vectors: [4, width], â, b̂, ĉ and â − b̂ + ĉ. Scores are cosines with that (3CosAdd) or the ratio (3CosMul).
    """

    rule: str
    rows: np.ndarray
    scores: np.ndarray
    first: int
    first_score: float
    vectors: np.ndarray


class Analogies:
    """Asks a table of vectors [rows, width]. finder: of the same table by cosine, if there is one already."""

    def __init__(self, vectors: np.ndarray, finder: NeighbourFinder | None = None) -> None:
        self._vectors = vectors
        self._finder = finder or NeighbourFinder(vectors, "cosine")

    def ask(
        self, a: int, b: int, c: int, count: int = 10, rule: str = "3cosadd", check: Check = lambda: None
    ) -> Analogy:
        """The best rows x for row a − row b + row c.

        check: called now and then; what it raises ends the work. Raises ValueError for a rule that there is not.
        """
        asked = np.array([[a, b, c]])
        unit = _unit(self._vectors[asked[0]])
        target = unit[0] - unit[1] + unit[2]
        wanted = count + len({a, b, c})
        if _checked(rule) == "3cosadd":
            rows, distances = (found[0] for found in self._finder.of_vectors(target[None], wanted))
            scores = 1 - distances
        else:
            ratios = np.concatenate([block[0] for _, block in self._ratios(asked, check)])
            # A stable sort: of equals the lower row stays first.
            rows = np.argsort(-ratios, kind="stable")[: min(wanted, int(np.isfinite(ratios).sum()))]
            scores = ratios[rows]
        others = ~np.isin(rows, asked)
        first, score = (int(rows[0]), float(scores[0])) if len(rows) else (-1, 0.0)
        return Analogy(rule, rows[others][:count], scores[others][:count], first, score, np.vstack([unit, target]))

    def answers(self, asked: np.ndarray, rule: str = "3cosadd", check: Check = lambda: None) -> np.ndarray:
        """The best row [questions] for each of many, asked [questions, 3] as rows a, b, c; −1 where none is left.

        check: called now and then; what it raises ends the work. Raises ValueError for a rule that there is not.
        """
        if _checked(rule) == "3cosmul":
            return self._best_ratios(asked, check)
        best = np.full(len(asked), -1)
        for start in range(0, len(asked), _QUESTIONS):
            check()
            part = asked[start : start + _QUESTIONS]
            a, b, c = (_unit(self._vectors[part[:, place]]) for place in range(3))
            rows, _ = self._finder.of_vectors(a - b + c, 4)
            others = (rows[:, :, None] != part[:, None, :]).all(axis=2)
            found = rows[np.arange(len(part)), others.argmax(axis=1)] if rows.shape[1] else best[:0]
            best[start : start + len(part)] = np.where(others.any(axis=1), found, -1)
        return best

    def _best_ratios(self, asked: np.ndarray, check: Check) -> np.ndarray:
        best, highest = np.full(len(asked), -1), np.full(len(asked), -np.inf)
        for start, block in self._ratios(asked, check):
            for question in range(3):
                here = np.flatnonzero((asked[:, question] >= start) & (asked[:, question] < start + block.shape[1]))
                block[here, asked[here, question] - start] = -np.inf
            at = block.argmax(axis=1)
            scores = block[np.arange(len(block)), at]
            better = scores > highest
            best[better], highest[better] = at[better] + start, scores[better]
        return best

    def _ratios(self, asked: np.ndarray, check: Check = lambda: None) -> Iterator[tuple[int, np.ndarray]]:
        """The scores by 3CosMul, [questions, some rows] float64, after the first of the rows; −∞ for no number."""
        words, places = np.unique(asked, return_inverse=True)
        unit = _unit(self._vectors[words])
        a, b, c = places.reshape(-1, 3).T
        step = max(_BLOCK // max(1, len(asked) // _QUESTIONS), 64)
        for start in range(0, len(self._vectors), step):
            check()
            likeness = (1 + (unit @ _unit(self._vectors[start : start + step]).T).clip(-1, 1)) / 2
            ratios = likeness[a]
            ratios *= likeness[c]
            ratios /= likeness[b] + _EPSILON
            yield start, np.where(np.isnan(ratios), -np.inf, ratios)


def _unit(vectors: np.ndarray) -> np.ndarray:
    """Vectors [n, width] of length 1, in float64; zeros stay zeros, at a right angle to everything."""
    x = vectors.astype(np.float64)
    lengths = np.linalg.norm(x, axis=1, keepdims=True)
    return np.asarray(np.divide(x, lengths, out=x, where=lengths > 0))


def _checked(rule: str) -> str:
    if rule not in RULES:
        raise ValueError(f"rule {rule!r}; there are {', '.join(RULES)}")
    return rule
