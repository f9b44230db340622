"""The activations of the open model's recurrent layers, as the file names them or the weights know them better."""

from __future__ import annotations

from embstudio.formulas.activations import Activation
from embstudio.studio.studio import Studio

_PLACES = {
    "lstm": {"i": 0, "o": 0, "f": 0, "g": 1, "h": 2},
    "gru": {"z": 0, "r": 0, "n": 1},
    "rnn": {"h": 0},
}
"""Which of a cell's activations a gate or state goes through, as ONNX lists them."""


def activation_names(studio: Studio, prefix: str) -> tuple[str, ...]:
    """The names of the activations at `lstm.0.forward`, as the file has them; () for a layer that is not there."""
    for layer in studio.document.opened.anatomy.recurrent if studio.document is not None else ():
        for at, direction in enumerate(layer.directions):
            if prefix == f"{layer.kind}.{layer.layer}.{direction}":
                each = len(layer.activations) // len(layer.directions)
                return layer.activations[at * each : (at + 1) * each]
    return ()


def activation_of(studio: Studio, point: str) -> Activation | None:
    """What the sum of a gate, or the memory of a state, goes through at a point; None where that is not known.

    α and β are known once the weights are there; until then they are ONNX's defaults.
    """
    prefix, _, part = point.rpartition(".")
    place = _PLACES.get(prefix.partition(".")[0], {}).get(part)
    if place is None:
        return None
    weights = studio.cells.of(prefix)
    if weights is not None:
        return weights.activations[place]
    names = activation_names(studio, prefix)
    try:
        return Activation.named(names[place])
    except (KeyError, IndexError):
        return None
