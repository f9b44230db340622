"""How the activations of a recurrent layer are written in a formula."""

from __future__ import annotations

from embstudio.formulas.activations import Activation

_SYMBOLS = {"Sigmoid": "σ", "Tanh": "tanh", "Relu": "relu"}


def symbol(activation: Activation) -> str:
    """σ, tanh, relu; others by their ONNX name."""
    return _SYMBOLS.get(activation.name, activation.name)
