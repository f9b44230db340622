"""The activations of recurrent cells in primitive operators, of operator set 9 and any floating-point type."""

from __future__ import annotations

import numpy as np

from embstudio.formulas.activations import Activation
from embstudio.session.graph_writer import GraphWriter

_OPERATORS = frozenset({"Sigmoid", "Tanh", "Relu", "Softsign", "Softplus"})


def write_activation(out: GraphWriter, activation: Activation, x: str, dtype: np.dtype) -> str:
    """The tensor φ(x). dtype: of x."""

    def number(value: float) -> str:
        return out.constant(np.array(value, dtype))

    alpha, beta = activation.alpha, activation.beta
    match activation.name:
        case name if name in _OPERATORS:
            return out.add(name, [x])
        case "LeakyRelu" | "Elu" as name:
            return out.add(name, [x], alpha=alpha)
        case "Affine":
            return out.add("Add", [out.add("Mul", [x, number(alpha)]), number(beta)])
        case "ScaledTanh":
            return out.add("Mul", [out.add("Tanh", [out.add("Mul", [x, number(beta)])]), number(alpha)])
        case "ThresholdedRelu":
            return out.add("Where", [out.add("Greater", [x, number(alpha)]), x, number(0)])
        case "HardSigmoid":
            line = out.add("Add", [out.add("Mul", [x, number(alpha)]), number(beta)])
            return out.add("Max", [out.add("Min", [line, number(1)]), number(0)])
    raise ValueError(f"there is no activation {activation.name}")


def write_cut(out: GraphWriter, x: str, bound: float | None, dtype: np.dtype) -> str:
    """x cut off at ±bound; None: as it is."""
    if bound is None:
        return x
    below = out.add("Min", [x, out.constant(np.array(bound, dtype))])
    return out.add("Max", [below, out.constant(np.array(-bound, dtype))])
