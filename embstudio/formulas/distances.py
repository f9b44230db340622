"""How far apart two vectors are, eight ways. Each works on the last axis and broadcasts: a, b [..., d] → [...].

Definitions as in Deza & Deza, Encyclopedia of Distances (2016), chapters 17 and 19. Give float64: what comes back has
the precision of what is given.

A direction is something that a zero vector does not have, and no correlation a constant one: there cosine, angular and
correlation are undefined. So that a table of neighbours has an order and a plot no holes, they then give what vectors
at a right angle give (1, ½ and 1), and `Metric.undefined` tells which these are: whoever shows the number says so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


def dot(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Σ aᵢ bᵢ: a likeness, not a distance. Larger is nearer, and long vectors win: one need not be its own nearest."""
    return np.asarray(np.sum(a * b, axis=-1))


def euclidean(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """√Σ (aᵢ − bᵢ)²: the straight line."""
    return np.asarray(np.sqrt(squared_euclidean(a, b)))


def squared_euclidean(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Σ (aᵢ − bᵢ)²: the order of the straight line; far points weigh more. Not a metric: a detour can be shorter."""
    return np.asarray(np.sum(np.square(a - b), axis=-1))


def cosine_similarity(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Σ aᵢ bᵢ / (‖a‖ ‖b‖), in [−1, 1]; 0 where either vector is zero, which has no direction."""
    a, b = _levelled(a), _levelled(b)
    lengths = np.asarray(np.sqrt(dot(a, a) * dot(b, b)))  # in one root: of a vector and itself exactly a·a
    product = dot(a, b)
    similarity = np.divide(product, lengths, out=np.zeros_like(product), where=lengths > 0)
    return np.asarray(np.clip(similarity, -1, 1))


def cosine(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """1 − cosine similarity, in [0, 2]: 0 the same direction, 1 a right angle, 2 opposite."""
    return np.asarray(1 - cosine_similarity(a, b))


def angular(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """arccos(cosine similarity) / π, in [0, 1]: the angle as a share of a half turn. A true metric, unlike cosine.

    θ = 2 arctan(‖â − b̂‖ / ‖â + b̂‖), which arccos(â·b̂) is too, but with only half the digits at small angles
    (Kahan 2006, How Futile are Mindless Assessments of Roundoff, §12). ½ where either vector is zero.
    """
    a, b = np.broadcast_arrays(_unit(a), _unit(b))
    halves = np.arctan2(euclidean(a, b), euclidean(a, -b))
    has_direction = np.any(a != 0, axis=-1) & np.any(b != 0, axis=-1)
    return np.asarray(np.where(has_direction, 2 * halves / np.pi, 0.5))


def manhattan(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Σ |aᵢ − bᵢ|: along the axes only, as streets run."""
    return np.asarray(np.sum(np.abs(a - b), axis=-1))


def chebyshev(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """max |aᵢ − bᵢ|: the one axis on which they differ most."""
    return np.asarray(np.max(np.abs(a - b), axis=-1))


def correlation(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """1 − Pearson's r = 1 − (a − ā)·(b − b̄) / (‖a − ā‖ ‖b − b̄‖), in [0, 2], with ā the mean of a's own numbers.

    The cosine distance of vectors without their mean; 1 where either is constant.
    """
    return cosine(without_mean(a), without_mean(b))


def without_mean(x: np.ndarray) -> np.ndarray:
    """x − x̄, each vector [..., d] less the mean of its own numbers; exactly zero where all of them are the same."""
    constant = np.all(x == x[..., :1], axis=-1, keepdims=True)
    return np.asarray(np.where(constant, 0, x - x.mean(axis=-1, keepdims=True)))


def _levelled(x: np.ndarray) -> np.ndarray:
    """x times a power of two, which is exact, so that its largest number is about 1 and no square is out of range."""
    _, exponent = np.frexp(np.max(np.abs(x), axis=-1, keepdims=True, initial=0))
    return np.asarray(np.ldexp(x, -exponent))


def _unit(x: np.ndarray) -> np.ndarray:
    x = _levelled(x)
    length = np.sqrt(dot(x, x))[..., None]
    return np.asarray(np.divide(x, length, out=np.zeros_like(x), where=length > 0))


def _never(x: np.ndarray) -> np.ndarray:
    return np.zeros(x.shape[:-1], bool)


def _is_zero(x: np.ndarray) -> np.ndarray:
    return np.asarray(np.all(x == 0, axis=-1))


def _is_constant(x: np.ndarray) -> np.ndarray:
    return np.asarray(np.all(x == x[..., :1], axis=-1))


@dataclass(frozen=True)
class Metric:
    """A way to compare two vectors.

    nearest: what it means to be near. larger_is_nearer: true of likenesses (dot). undefined: of vectors [..., d], those
    [...] for which it stands for nothing; why: what is the matter with them, to be said beside the number.
    """

    name: str
    compare: Callable[[np.ndarray, np.ndarray], np.ndarray]
    formula: str
    nearest: str = "the smallest distance"
    larger_is_nearer: bool = False
    undefined: Callable[[np.ndarray], np.ndarray] = _never
    why: str = ""


_NO_DIRECTION = "a vector of zeros has no direction; it is counted as at a right angle to everything"
_NO_VARIANCE = "a vector of equal numbers correlates with nothing; its correlation is counted as 0"

METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric("cosine", cosine, "1 − a·b / (‖a‖ ‖b‖)", undefined=_is_zero, why=_NO_DIRECTION),
        Metric("euclidean", euclidean, "√Σ (aᵢ − bᵢ)²"),
        Metric("squared-euclidean", squared_euclidean, "Σ (aᵢ − bᵢ)²"),
        Metric("dot", dot, "Σ aᵢ bᵢ", nearest="the largest product", larger_is_nearer=True),
        Metric("angular", angular, "arccos(a·b / (‖a‖ ‖b‖)) / π", undefined=_is_zero, why=_NO_DIRECTION),
        Metric("manhattan", manhattan, "Σ |aᵢ − bᵢ|"),
        Metric("chebyshev", chebyshev, "max |aᵢ − bᵢ|"),
        Metric("correlation", correlation, "1 − r(a, b)", undefined=_is_constant, why=_NO_VARIANCE),
    )
}
