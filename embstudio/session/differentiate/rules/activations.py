"""Activations: their slopes. Source: the operators' ONNX and onnxruntime specifications.

At the kink of a piecewise one the slope is PyTorch's: 0 for ReLU.
"""

from __future__ import annotations

import math

import numpy as np

from embstudio.formulas.activations import sigmoid
from embstudio.session.differentiate.rule import Pull, Rule, everything, single
from embstudio.session.differentiate.rules.elementwise import bias_then, by_result, by_slope
from embstudio.session.differentiate.rules.gaussian import density, share_below
from embstudio.session.differentiate.scaling import scaling, summed_to
from embstudio.session.differentiate.step import Step

_SELU_ALPHA, _SELU_GAMMA = 1.67326319217681884765625, 1.05070102214813232421875


def _gelu(x: np.ndarray, step: Step) -> np.ndarray:
    """x Φ(x): Φ(x) + x φ(x); or its approximation by tanh"""
    if step.text("approximate", "none") == "tanh":
        return _fast_gelu(x, step)
    return np.asarray(share_below(x) + x * density(x))


def _fast_gelu(x: np.ndarray, step: Step) -> np.ndarray:
    """x (1 + tanh u) / 2 with u = √(2/π) (x + 0.044715 x³)"""
    scale = math.sqrt(2 / math.pi)
    t = np.tanh(scale * (x + 0.044715 * x**3))
    return np.asarray(0.5 * (1 + t) + 0.5 * x * (1 - t * t) * scale * (1 + 3 * 0.044715 * x * x))


def _quick_gelu(x: np.ndarray, step: Step) -> np.ndarray:
    """x σ(α x)"""
    alpha = step.number("alpha", 1.702)
    s = sigmoid(alpha * x)
    return np.asarray(s + alpha * x * s * (1 - s))


def _swish(x: np.ndarray, step: Step) -> np.ndarray:
    """x σ(α x), α = 1 where it is not stated"""
    alpha = step.number("alpha", 1.0)
    s = sigmoid(alpha * x)
    return np.asarray(s + alpha * x * s * (1 - s))


def _mish(x: np.ndarray, step: Step) -> np.ndarray:
    """x tanh(ln(1 + eˣ))"""
    t = np.tanh(np.logaddexp(x, 0))
    return np.asarray(t + x * (1 - t * t) * sigmoid(x))


def _hard_sigmoid(x: np.ndarray, step: Step) -> np.ndarray:
    """max(0, min(1, α x + β))"""
    alpha = step.number("alpha", 0.2)
    y = alpha * x + step.number("beta", 0.5)
    return np.where((y > 0) & (y < 1), alpha, 0.0)


def _hard_swish(x: np.ndarray, step: Step) -> np.ndarray:
    """x max(0, min(1, x/6 + 1/2))"""
    return np.where(x <= -3, 0.0, np.where(x >= 3, 1.0, x / 3 + 0.5))


def _elu(x: np.ndarray, step: Step) -> np.ndarray:
    return np.where(x > 0, 1.0, step.number("alpha", 1.0) * np.exp(np.minimum(x, 0)))


def _celu(x: np.ndarray, step: Step) -> np.ndarray:
    return np.where(x > 0, 1.0, np.exp(np.minimum(x, 0) / step.number("alpha", 1.0)))


def _selu(x: np.ndarray, step: Step) -> np.ndarray:
    alpha, gamma = step.number("alpha", _SELU_ALPHA), step.number("gamma", _SELU_GAMMA)
    return gamma * np.where(x > 0, 1.0, alpha * np.exp(np.minimum(x, 0)))


def _shrink(x: np.ndarray, step: Step) -> np.ndarray:
    return np.where(np.abs(x) > step.number("lambd", 0.5), 1.0, 0.0)


def _prelu(step: Step) -> Pull:
    """x where it is not negative, else x times what was learned"""
    x = step.x(0)
    scaled = {}
    if 0 in step.wanted:
        scaled[0] = scaling(np.where(x > 0, 1.0, step.x(1)))
    if 1 in step.wanted:
        scaled[1] = scaling(np.minimum(x, 0))
    return lambda dy: {place: summed_to(by(dy), step.shape(place)) for place, by in scaled.items()}


RULES: dict[str, Rule] = {
    "Relu": by_result(lambda y: np.where(y > 0, 1.0, 0.0)),
    "Sigmoid": by_result(lambda y: y * (1 - y)),
    "Tanh": by_result(lambda y: 1 - y * y),
    "Softsign": by_slope(lambda x, step: 1 / (1 + np.abs(x)) ** 2),
    "Softplus": by_slope(lambda x, step: sigmoid(x)),
    "Erf": by_slope(lambda x, step: 2 / math.sqrt(math.pi) * np.exp(-x * x)),
    "Gelu": by_slope(_gelu),
    "com.microsoft.Gelu": by_slope(lambda x, step: share_below(x) + x * density(x)),
    "com.microsoft.FastGelu": bias_then(_fast_gelu),
    "com.microsoft.BiasGelu": bias_then(_gelu),
    "com.microsoft.QuickGelu": by_slope(_quick_gelu),
    "Swish": by_slope(_swish),
    "Mish": by_slope(_mish),
    "HardSigmoid": by_slope(_hard_sigmoid),
    "HardSwish": by_slope(_hard_swish),
    "Elu": by_slope(_elu),
    "Celu": by_slope(_celu),
    "Selu": by_slope(_selu),
    "LeakyRelu": by_slope(lambda x, step: np.where(x > 0, 1.0, step.number("alpha", 0.01))),
    "ThresholdedRelu": by_slope(lambda x, step: np.where(x > step.number("alpha", 1.0), 1.0, 0.0)),
    "Shrink": by_slope(_shrink),
    "PRelu": single(_prelu, everything),
}
