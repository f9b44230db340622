"""Sums, products and powers, entry by entry, with broadcasting. Source: the operators' ONNX specifications."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from embstudio.session.differentiate.rule import Gradients, Pull, Rule, at, everything, others, single
from embstudio.session.differentiate.scaling import scaling, summed_to
from embstudio.session.differentiate.step import Step


def by_slope(slope: Callable[[np.ndarray, Step], np.ndarray]) -> Rule:
    """y = f(x): the slope f'(x) told from x."""

    def linearise(step: Step) -> Pull:
        scaled = scaling(slope(step.x(0), step))
        return lambda dy: {0: scaled(dy)}

    return single(linearise, at(0))


def by_result(slope: Callable[[np.ndarray], np.ndarray]) -> Rule:
    """y = f(x): the slope told from y."""

    def linearise(step: Step) -> Pull:
        scaled = scaling(slope(step.y()))
        return lambda dy: {0: scaled(dy)}

    return single(linearise, outputs=(0,))


def _sum(signs: tuple[float, ...] | None) -> Rule:
    """y = ± x₀ ± x₁ …; without signs a sum of any number."""

    def linearise(step: Step) -> Pull:
        def pull(dy: np.ndarray) -> Gradients:
            found = {place: summed_to(dy, step.shape(place)) for place in step.wanted}
            return {place: -each if signs and signs[place] < 0 else each for place, each in found.items()}

        return pull

    return single(linearise)


def _mul(step: Step) -> Pull:
    """∂(x₀ x₁)/∂x₀ = x₁"""
    scaled = {place: scaling(step.x(1 - place)) for place in step.wanted}
    return lambda dy: {place: summed_to(by(dy), step.shape(place)) for place, by in scaled.items()}


def _div(step: Step) -> Pull:
    """∂(x₀/x₁)/∂x₀ = 1/x₁    ∂(x₀/x₁)/∂x₁ = −x₀/x₁²"""
    denominator = step.x(1)
    scaled = {0: scaling(1 / denominator)} if 0 in step.wanted else {}
    if 1 in step.wanted:
        scaled[1] = scaling(-step.x(0) / denominator**2)
    return lambda dy: {place: summed_to(by(dy), step.shape(place)) for place, by in scaled.items()}


def _div_needs(node: object, wanted: frozenset[int]) -> tuple[int, ...]:
    return (0, 1) if 1 in wanted else (1,)


def _pow(step: Step) -> Pull:
    """∂xᵖ/∂x = p xᵖ⁻¹    ∂xᵖ/∂p = xᵖ ln x, and 0 where x is 0"""
    x, p = step.x(0), step.x(1)
    scaled = {}
    if 0 in step.wanted:
        scaled[0] = scaling(np.where(p == 0, 0.0, p * np.power(x, p - 1)))
    if 1 in step.wanted:
        scaled[1] = scaling(np.where(x == 0, 0.0, np.power(x, p) * np.log(x)))
    return lambda dy: {place: summed_to(by(dy), step.shape(place)) for place, by in scaled.items()}


def _mean(step: Step) -> Pull:
    count = len(step.node.inputs)
    return lambda dy: {place: summed_to(dy, step.shape(place)) / count for place in step.wanted}


def _mod(step: Step) -> Pull:
    """∂(x mod m)/∂x = 1; the divisor is taken for constant."""
    return lambda dy: {0: summed_to(dy, step.shape(0))}


def _bias(activation: Callable[[np.ndarray, Step], np.ndarray]) -> Rule:
    """y = f(x + b)"""

    def linearise(step: Step) -> Pull:
        scaled = scaling(activation(step.x(0) + (step.x(1) if step.has(1) else 0.0), step))
        return lambda dy: {place: summed_to(scaled(dy), step.shape(place)) for place in step.wanted}

    return single(linearise, everything)


RULES: dict[str, Rule] = {
    "Add": _sum((1.0, 1.0)),
    "Sub": _sum((1.0, -1.0)),
    "Sum": _sum(None),
    "Mul": single(_mul, others),
    "Div": single(_div, _div_needs),
    "Pow": single(_pow, everything),
    "Mean": single(_mean),
    "Mod": single(_mod),
    "Neg": by_slope(lambda x, step: np.full((), -1.0)),
    "Abs": by_slope(lambda x, step: np.sign(x)),
    "Sqrt": by_result(lambda y: 0.5 / y),
    "Reciprocal": by_result(lambda y: -y * y),
    "Exp": by_result(lambda y: y),
    "Log": by_slope(lambda x, step: 1 / x),
    "Sin": by_slope(lambda x, step: np.cos(x)),
    "Cos": by_slope(lambda x, step: -np.sin(x)),
    "Tan": by_result(lambda y: 1 + y * y),
    "Asin": by_slope(lambda x, step: 1 / np.sqrt(1 - x * x)),
    "Acos": by_slope(lambda x, step: -1 / np.sqrt(1 - x * x)),
    "Atan": by_slope(lambda x, step: 1 / (1 + x * x)),
    "Sinh": by_slope(lambda x, step: np.cosh(x)),
    "Cosh": by_slope(lambda x, step: np.sinh(x)),
    "Asinh": by_slope(lambda x, step: 1 / np.sqrt(1 + x * x)),
    "Acosh": by_slope(lambda x, step: 1 / np.sqrt(x * x - 1)),
    "Atanh": by_slope(lambda x, step: 1 / (1 - x * x)),
}
bias_then = _bias
