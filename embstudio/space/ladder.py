"""Two texts as two vectors, in one way after another: counts, shares, pairs of words, vectors of models.

Each rung also has the first text with its words in reverse order: what gives that the same vector is blind to order.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from embstudio.formulas.distances import cosine_similarity
from embstudio.space.word_counts import counts_of, pairs_of, shares_of, words_of

ROUNDING = 1e-5  # of the longer vector: what two runs of a model in single precision may differ by


@dataclass(frozen=True, eq=False)
class Rung:
    """axes: what each number stands for; () where nobody can say. a, b: [width] float64, of the two texts. forwards,
    turned: [n], of the first text and of the same read backwards, which may have pairs of words that neither text has.
    exact: the numbers are whole or shares, so that nothing is put down to rounding."""

    name: str
    axes: tuple[str, ...]
    a: np.ndarray
    b: np.ndarray
    forwards: np.ndarray
    turned: np.ndarray
    exact: bool = True

    @property
    def same(self) -> bool:
        """Whether the two texts have the same vector, up to rounding."""
        return self._alike(self.a, self.b)

    @property
    def blind(self) -> bool:
        """Whether the first text has the same vector when it is read backwards."""
        return self._alike(self.forwards, self.turned)

    @property
    def likeness(self) -> float | None:
        """Cosine similarity of the two texts; None where one of them has only zeros."""
        return _cosine(self.a, self.b)

    @property
    def likeness_turned(self) -> float | None:
        """Cosine similarity of the first text and itself read backwards."""
        return _cosine(self.forwards, self.turned)

    def _alike(self, one: np.ndarray, other: np.ndarray) -> bool:
        if self.exact:
            return bool(np.array_equal(one, other))
        length = max(float(np.linalg.norm(one)), float(np.linalg.norm(other)))
        return float(np.linalg.norm(one - other)) <= ROUNDING * length


def _cosine(one: np.ndarray, other: np.ndarray) -> float | None:
    return float(cosine_similarity(one, other)) if one.any() and other.any() else None


def backwards(text: str) -> str:
    """A text with its words in reverse order; what stands between words and at the end goes along with them."""
    return " ".join(reversed(text.split()))


def counted_rungs(first: str, second: str, without: Collection[str] = ()) -> tuple[Rung, ...]:
    """Bag of words, its shares, pairs of words and their shares. without: words that are left out."""
    texts = [words_of(text, without) for text in (first, second)]
    texts.append(texts[0][::-1])
    words, counts = counts_of(*texts)
    pairs, paired = counts_of(*map(pairs_of, texts))
    return (
        _rung("bag of words", words, counts),
        _rung("shares", words, shares_of(counts)),
        _rung("pairs of words", pairs, paired),
    )


def vector_rung(name: str, vectors: Sequence[np.ndarray]) -> Rung:
    """Of vectors [width] that a model made of the first text, the second, and the first read backwards."""
    a, b, turned = (np.asarray(vector, np.float64) for vector in vectors)
    return Rung(name, (), a, b, a, turned, exact=False)


def _rung(name: str, axes: tuple[str, ...], table: np.ndarray) -> Rung:
    a, b, turned = table
    theirs = np.flatnonzero(a + b)
    return Rung(name, tuple(axes[place] for place in theirs.tolist()), a[theirs], b[theirs], a, turned)
