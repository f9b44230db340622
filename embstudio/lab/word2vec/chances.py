"""What chance decides in word2vec (Mikolov, Sutskever et al. 2013): which words are passed over, and the negatives."""

from __future__ import annotations

import numpy as np


def keep_chances(frequencies: np.ndarray, t: float) -> np.ndarray:
    """Subsampling: a word of frequency f is passed over with P = 1 − √(t / f). [words], the chance that it stays.

    Mikolov et al. 2013, equation 5; their program word2vec.c uses another formula. t = 0: all stay.
    """
    if not t:
        return np.ones_like(frequencies)
    return np.asarray(np.minimum(1.0, np.sqrt(t / frequencies)))


def keep_chances_of_c(frequencies: np.ndarray, t: float) -> np.ndarray:
    """The same as word2vec.c and gensim have it: a word stays with (√(f / t) + 1) · t / f. [words]"""
    if not t:
        return np.ones_like(frequencies)
    return np.asarray(np.minimum(1.0, (np.sqrt(frequencies / t) + 1) * t / frequencies))


class Noise:
    """Draws negatives: P(w) = count(w)^¾ / Σ count^¾ (Mikolov et al. 2013, section 2.2)."""

    def __init__(self, counts: np.ndarray) -> None:
        weights = counts.astype(np.float64) ** 0.75
        self.chances: np.ndarray = weights / weights.sum()
        self._upto = np.cumsum(self.chances)
        self._upto[-1] = 1.0

    def draw(self, chance: np.random.Generator, shape: int | tuple[int, ...]) -> np.ndarray:
        """Words drawn one by one, each as likely as P says: int64 of that shape."""
        return np.searchsorted(self._upto, chance.random(shape), side="right")
