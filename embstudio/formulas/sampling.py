"""From the scores of a vocabulary to the word that is written next: temperature, top-k, top-p, min-p, and drawing.

In float64, in the order in which generation programs apply them: temperature, top-k, top-p, min-p. Each filter takes
probabilities, sets some to 0 and shares what they had among the others: p ← p·keep / Σ p·keep.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from embstudio.formulas.attention import softmax

_SUMS_TO_ONE = 1e-5  # how far float32 may be from it


def as_scores(x: np.ndarray) -> np.ndarray:
    """Scores of which softmax gives the model's probabilities: x itself, or log x for a model whose own last operator
    is a softmax, so that all rows [..., n] are from 0 to 1 and sum to 1 already. (A log-softmax needs nothing:
    softmax(log p) = p.)"""
    wide = np.asarray(x, np.float64)
    if not wide.size or wide.min() < 0 or wide.max() > 1 or np.abs(wide.sum(axis=-1) - 1).max() > _SUMS_TO_ONE:
        return x
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(wide))


def each_by_itself(x: np.ndarray) -> np.ndarray:
    """Probabilities of classes that do not exclude one another, of their scores x of any shape, in float64: σ(x) =
    1 / (1 + e⁻ˣ), written as eˣ / (1 + eˣ) below 0, so that small ones are as exact as large ones."""
    wide = np.asarray(x, np.float64)
    e = np.exp(-np.abs(wide))
    return np.asarray(np.where(wide >= 0, 1, e) / (1 + e))


def tempered(logits: np.ndarray, temperature: float) -> np.ndarray:
    """p = softmax(logits / T) over the last axis: T < 1 sharpens, T > 1 flattens (Ackley, Hinton and Sejnowski 1985).

    T = 0 is the limit: all of it on the largest score, the first of equals. Raises ValueError for T < 0 or infinite.
    """
    if not 0 <= temperature < np.inf:
        raise ValueError(f"a temperature is a number from 0 up, not {temperature}")
    if temperature == 0:
        p = np.zeros(logits.shape)
        np.put_along_axis(p, np.expand_dims(logits.argmax(axis=-1), -1), 1.0, axis=-1)
        return p
    x = np.asarray(logits, np.float64)
    # The largest is taken off first: it changes nothing, and a tiny T would overflow without it.
    top = np.max(x, axis=-1, keepdims=True)
    return softmax((x - np.where(np.isfinite(top), top, 0)) / temperature)


def descending(p: np.ndarray) -> np.ndarray:
    """The indices of p [vocab] from the most to the least probable; of equals the lower first."""
    return np.argsort(-p, kind="stable")


def top_k(p: np.ndarray, k: int) -> np.ndarray:
    """Only the k most probable of p [vocab] (Fan, Lewis and Dauphin 2018); k ≤ 0 keeps all."""
    if k <= 0 or k >= p.size:
        return p
    keep = np.zeros(p.shape, bool)
    keep[descending(p)[:k]] = True
    return _shared_out(p, keep)


def top_p(p: np.ndarray, mass: float) -> np.ndarray:
    """The nucleus of p [vocab]: the fewest words, most probable first, that hold at least `mass` together.

    Holtzman, Buys, Du, Forbes and Choi 2020, equation 2. mass ≥ 1 keeps all; the most probable always stays.
    """
    if mass >= 1:
        return p
    order = descending(p)
    before = np.cumsum(p[order]) - p[order]  # the mass of the more probable ones
    keep = np.zeros(p.shape, bool)
    keep[order[before < mass]] = True
    keep[order[0]] = True
    return _shared_out(p, keep)


def min_p(p: np.ndarray, share: float) -> np.ndarray:
    """Those of p [vocab] with at least `share` of the most probable one's probability (Nguyen et al. 2024)."""
    return p if share <= 0 else _shared_out(p, p >= min(share, 1.0) * p.max())


def draw(p: np.ndarray, u: float) -> int:
    """The index i with Σ_{j<i} pⱼ ≤ u < Σ_{j≤i} pⱼ, for u in [0, 1): index i comes up with probability pᵢ."""
    reached = np.cumsum(p)
    index = int(np.searchsorted(reached, u * reached[-1], side="right"))
    return min(index, int(np.flatnonzero(p)[-1]))  # rounding at the very end


@dataclass(frozen=True)
class Sampling:
    """How the next word is chosen. The defaults leave the model's own distribution as it is: T = 1, all words."""

    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 1.0
    min_p: float = 0.0

    @property
    def is_plain(self) -> bool:
        """Whether the model's own distribution is left as it is."""
        return self == Sampling()

    def of(self, logits: np.ndarray) -> np.ndarray:
        """The distribution that words are drawn from, [vocab] float64, of the model's scores [vocab]."""
        p = tempered(logits, self.temperature)
        return min_p(top_p(top_k(p, self.top_k), self.top_p), self.min_p)


def _shared_out(p: np.ndarray, keep: np.ndarray) -> np.ndarray:
    kept = np.where(keep, p, 0.0)
    return np.asarray(kept / kept.sum())
