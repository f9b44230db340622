"""How far apart two vectors are, six ways. Each works on the last axis and broadcasts: a, b [..., d] → [...].

Definitions as in Deza & Deza, Encyclopedia of Distances (2016), chapters 17 and 19.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


def dot(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Σ aᵢ bᵢ: a likeness, not a distance: larger is nearer, and long vectors win."""
    return np.asarray(np.sum(a * b, axis=-1))


def euclidean(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """√Σ (aᵢ − bᵢ)²: the straight line."""
    return np.asarray(np.sqrt(np.sum(np.square(a - b), axis=-1)))


def cosine_similarity(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Σ aᵢ bᵢ / (‖a‖ ‖b‖), in [−1, 1]; 0 where either vector is zero, which has no direction."""
    lengths = np.asarray(np.sqrt(dot(a, a)) * np.sqrt(dot(b, b)))
    product = dot(a, b)
    similarity = np.divide(product, lengths, out=np.zeros_like(product), where=lengths > 0)
    return np.asarray(np.clip(similarity, -1, 1))


def cosine(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """1 − cosine similarity, in [0, 2]: 0 the same direction, 1 a right angle, 2 opposite."""
    return np.asarray(1 - cosine_similarity(a, b))


def angular(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """arccos(cosine similarity) / π, in [0, 1]: the angle as a share of a half turn. A true metric, unlike cosine."""
    return np.asarray(np.arccos(cosine_similarity(a, b)) / np.pi)


def manhattan(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Σ |aᵢ − bᵢ|: along the axes only, as streets run."""
    return np.asarray(np.sum(np.abs(a - b), axis=-1))


def chebyshev(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """max |aᵢ − bᵢ|: the one axis on which they differ most."""
    return np.asarray(np.max(np.abs(a - b), axis=-1))


@dataclass(frozen=True)
class Metric:
    """A way to compare two vectors. larger_is_nearer is true of likenesses (dot)."""

    name: str
    compare: Callable[[np.ndarray, np.ndarray], np.ndarray]
    formula: str
    larger_is_nearer: bool = False


METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric("cosine", cosine, "1 − a·b / (‖a‖ ‖b‖)"),
        Metric("euclidean", euclidean, "√Σ (aᵢ − bᵢ)²"),
        Metric("dot", dot, "Σ aᵢ bᵢ", larger_is_nearer=True),
        Metric("angular", angular, "arccos(a·b / (‖a‖ ‖b‖)) / π"),
        Metric("manhattan", manhattan, "Σ |aᵢ − bᵢ|"),
        Metric("chebyshev", chebyshev, "max |aᵢ − bᵢ|"),
    )
}
