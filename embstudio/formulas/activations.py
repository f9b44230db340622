"""The activations that recurrent cells may use: the function, and its slope told from what came out of it.

A trace holds gates, not the sums that went into them. Every activation here is monotonic, so its slope can be told from
its value alone: σ' = y (1 − y), tanh' = 1 − y².

Source: the list of activations in the operators RNN, GRU and LSTM of the ONNX specification, with the defaults of α
and β of the operators of the same names.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np


class _Formula(NamedTuple):
    """of(x, α, β) and its slope by x as slope(y, α, β), where y = of(x, α, β)."""

    of: Callable[[np.ndarray, float, float], np.ndarray]
    slope: Callable[[np.ndarray, float, float], np.ndarray]
    alpha: float = 0.0
    beta: float = 0.0


def sigmoid(x: np.ndarray) -> np.ndarray:
    """σ(x) = 1 / (1 + e⁻ˣ), written with tanh so that it never overflows: σ(x) = (1 + tanh(x/2)) / 2."""
    half = x.dtype.type(0.5)
    return np.asarray(half * (1 + np.tanh(half * x)))


_FORMULAS: dict[str, _Formula] = {
    "Relu": _Formula(lambda x, a, b: np.maximum(x, 0), lambda y, a, b: (y > 0).astype(y.dtype)),
    "Tanh": _Formula(lambda x, a, b: np.tanh(x), lambda y, a, b: 1 - y * y),
    "Sigmoid": _Formula(lambda x, a, b: sigmoid(x), lambda y, a, b: y * (1 - y)),
    "Affine": _Formula(lambda x, a, b: a * x + b, lambda y, a, b: np.full_like(y, a), 1.0),
    "LeakyRelu": _Formula(
        lambda x, a, b: np.where(x >= 0, x, a * x), lambda y, a, b: np.where(y >= 0, 1.0, a).astype(y.dtype), 0.01
    ),
    "ThresholdedRelu": _Formula(
        lambda x, a, b: np.where(x > a, x, 0).astype(x.dtype), lambda y, a, b: (y > 0).astype(y.dtype), 1.0
    ),
    "ScaledTanh": _Formula(
        lambda x, a, b: a * np.tanh(b * x), lambda y, a, b: a * b * (1 - (y / a) ** 2) if a else np.zeros_like(y),
        1.0, 1.0,
    ),
    "HardSigmoid": _Formula(
        lambda x, a, b: np.clip(a * x + b, 0, 1), lambda y, a, b: np.where((y > 0) & (y < 1), a, 0).astype(y.dtype),
        0.2, 0.5,
    ),
    "Elu": _Formula(
        lambda x, a, b: np.where(x >= 0, x, a * np.expm1(np.minimum(x, 0))),
        lambda y, a, b: np.where(y >= 0, 1, y + a).astype(y.dtype), 1.0,
    ),
    "Softsign": _Formula(lambda x, a, b: x / (1 + np.abs(x)), lambda y, a, b: (1 - np.abs(y)) ** 2),
    "Softplus": _Formula(lambda x, a, b: np.logaddexp(x, x.dtype.type(0)), lambda y, a, b: -np.expm1(-y)),
}  # fmt: skip

ACTIVATIONS = tuple(_FORMULAS)
"""Names as ONNX writes them."""


@dataclass(frozen=True)
class Activation:
    """One activation with its two numbers, where it has any."""

    name: str
    alpha: float
    beta: float

    @classmethod
    def named(cls, name: str, alpha: float | None = None, beta: float | None = None) -> Activation:
        """By its ONNX name in any case, with the defaults of ONNX. Raises KeyError for a name ONNX does not know."""
        known = next((each for each in ACTIVATIONS if each.lower() == name.lower()), name)
        formula = _FORMULAS[known]
        return cls(known, formula.alpha if alpha is None else alpha, formula.beta if beta is None else beta)

    def of(self, x: np.ndarray) -> np.ndarray:
        """The activation of x, of the same shape and type."""
        return np.asarray(_FORMULAS[self.name].of(x, self.alpha, self.beta))

    def slope(self, y: np.ndarray, clip: float | None = None) -> np.ndarray:
        """Its derivative where its value is y; 0 where the sum that went into it was cut off at ±clip."""
        slope = np.asarray(_FORMULAS[self.name].slope(y, self.alpha, self.beta))
        if clip is None:
            return slope
        low, high = self.of(np.array([-clip, clip], y.dtype))
        inside = (y > low) & (y < high) if self.name != "Relu" else (y < high)
        return np.where(inside, slope, 0).astype(y.dtype)
