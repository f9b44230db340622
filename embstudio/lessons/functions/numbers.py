"""Functions of numbers and vectors alone. Metrics are those of `formulas.distances`."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from embstudio.formulas import distances
from embstudio.formulas.attention import softmax
from embstudio.lessons.facts import Facts
from embstudio.lessons.functions.function import Function
from embstudio.lessons.value import Value, ValueFault

_METRICS: dict[str, tuple[Callable[[np.ndarray, np.ndarray], np.ndarray], str]] = {
    "dot": (distances.dot, "Σ aᵢ bᵢ"),
    "cosine_similarity": (distances.cosine_similarity, "a·b / (‖a‖ ‖b‖)"),
    "cosine_distance": (distances.cosine, "1 − a·b / (‖a‖ ‖b‖)"),
    "euclidean": (distances.euclidean, "√Σ (aᵢ − bᵢ)², the straight line"),
    "squared_euclidean": (distances.squared_euclidean, "Σ (aᵢ − bᵢ)²"),
    "manhattan": (distances.manhattan, "Σ |aᵢ − bᵢ|"),
    "chebyshev": (distances.chebyshev, "max |aᵢ − bᵢ|"),
    "angular": (distances.angular, "the angle as a share of a half turn"),
    "correlation_distance": (distances.correlation, "1 − Pearson's r"),
}

_ELEMENTWISE: dict[str, tuple[Callable[[np.ndarray], np.ndarray], str]] = {
    "sqrt": (np.sqrt, "√x"),
    "exp": (np.exp, "eˣ"),
    "log": (np.log, "natural logarithm"),
    "log2": (np.log2, "logarithm to base 2"),
    "log10": (np.log10, "logarithm to base 10"),
    "abs": (np.abs, "without the sign"),
    "tanh": (np.tanh, "tanh x"),
    "sigmoid": (lambda x: 1 / (1 + np.exp(-x)), "σ(x) = 1 / (1 + e⁻ˣ)"),
    "relu": (lambda x: np.maximum(x, 0), "max(x, 0)"),
    "round": (np.round, "to the nearest whole number"),
}

_REDUCING: dict[str, tuple[Callable[[np.ndarray], np.ndarray], str]] = {
    "sum": (np.sum, "sum of all"),
    "mean": (np.mean, "mean of all"),
    "product": (np.prod, "product of all"),
    "max": (np.max, "largest"),
    "min": (np.min, "smallest"),
    "count": (lambda x: np.asarray(x.size), "how many there are"),
    "length": (lambda x: np.sqrt(np.sum(x * x)), "‖x‖ = √Σ xᵢ²"),
    "place_of_largest": (np.argmax, "the place of the largest, from 0"),
    "place_of_smallest": (np.argmin, "the place of the smallest, from 0"),
}


def _metric(name: str) -> Callable[[Facts, np.ndarray, np.ndarray], Value]:
    compare, _ = _METRICS[name]

    def call(_facts: Facts, a: np.ndarray, b: np.ndarray) -> Value:
        if len(a) != len(b):
            raise ValueFault(f"{name}: one vector has {len(a)} numbers, the other {len(b)}.")
        return float(compare(a, b))

    return call


def _each(function: Callable[[np.ndarray], np.ndarray]) -> Callable[[Facts, np.ndarray], Value]:
    def call(_facts: Facts, x: np.ndarray) -> Value:
        with np.errstate(all="ignore"):  # what is no number is refused by whoever wants the value
            found = np.asarray(function(x))
        return float(found) if not found.ndim else found

    return call


def _share(_facts: Facts, x: np.ndarray) -> Value:
    """xᵢ / Σ x"""
    if not x.sum():
        raise ValueFault("share: the numbers sum to 0.")
    return np.asarray(x / x.sum())


def _singular_values(_facts: Facts, matrix: np.ndarray) -> Value:
    return np.linalg.svd(matrix, compute_uv=False)


def _of_rank(_facts: Facts, matrix: np.ndarray, rank: float) -> Value:
    """U Σ Vᵀ with the first of Σ only: the nearest matrix of that rank (Eckart and Young 1936)."""
    if not 1 <= rank <= min(matrix.shape):
        raise ValueFault(f"of_rank: the rank is from 1 to {min(matrix.shape)}.")
    U, S, V = np.linalg.svd(matrix, full_matrices=False)
    k = round(rank)
    return np.asarray((U[:, :k] * S[:k]) @ V[:k])


FUNCTIONS = (
    *(Function(name, ("vector", "vector"), about, _metric(name)) for name, (_, about) in _METRICS.items()),
    *(Function(name, ("numbers",), about, _each(call)) for name, (call, about) in _ELEMENTWISE.items()),
    *(Function(name, ("numbers",), about, _each(call)) for name, (call, about) in _REDUCING.items()),
    Function("softmax", ("vector",), "eˣⁱ / Σ eˣʲ", lambda _facts, x: np.asarray(softmax(x))),
    Function("share", ("vector",), "xᵢ / Σ x, each number's part of the sum", _share),
    Function("singular_values", ("matrix",), "of a matrix, the largest first", _singular_values),
    Function("of_rank", ("matrix", "count"), "the nearest matrix of that rank, by the SVD (Eckart and Young 1936)",
             _of_rank),
    Function("transposed", ("matrix",), "rows as columns", lambda _facts, matrix: matrix.T),
)  # fmt: skip
