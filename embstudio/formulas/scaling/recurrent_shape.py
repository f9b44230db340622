"""How many weights an RNN, a GRU or an LSTM has: gates · (units · (inputs + units) + biases · units) a direction.

Elman 1990; Cho et al. 2014; Hochreiter & Schmidhuber 1997 with the forget gate of Gers et al. 2000. PyTorch and ONNX
keep two biases for each gate, one beside each matrix; papers and Keras' LSTM write one.
"""

from __future__ import annotations

from dataclasses import dataclass

from embstudio.base.errors import InputError

GATES = {"RNN": 1, "GRU": 3, "LSTM": 4}
MOST = 10**9


@dataclass(frozen=True)
class RecurrentShape:
    """outputs: classes or words that the last layer's states are turned into; 0: none. tied: the embedding serves as
    that matrix too. biases: for each gate, 0, 1 or 2."""

    kind: str = "LSTM"
    vocabulary: int = 10_000
    d_embedding: int = 100
    units: int = 128
    layers: int = 1
    both_ways: bool = False
    biases: int = 2
    outputs: int = 2
    output_bias: bool = True
    tied: bool = False

    def check(self) -> None:
        """Raises InputError for what is no recurrent net."""
        least = {"vocabulary": 0, "d_embedding": 1, "units": 1, "layers": 1, "biases": 0, "outputs": 0}
        for name, low in least.items():
            if not low <= getattr(self, name) <= MOST:
                raise InputError(f"{name} must lie between {low} and {MOST:,}.", where=str(getattr(self, name)))
        if self.tied and self.states != self.d_embedding:
            raise InputError(
                f"States of {self.states} numbers cannot be held against words of {self.d_embedding}.",
                advice="Untie the output, or make the two equal.",
            )

    @property
    def directions(self) -> int:
        return 2 if self.both_ways else 1

    @property
    def states(self) -> int:
        """Numbers that a layer hands on."""
        return self.directions * self.units


def layer_parameters(kind: str, inputs: int, units: int, biases: int = 2) -> int:
    """One layer, one direction."""
    return GATES[kind] * (units * (inputs + units) + biases * units)


def recurrent_parameters(shape: RecurrentShape) -> dict[str, int]:
    """Weights by component: "embedding", "recurrent", "head"; only those there are."""
    inputs = [shape.d_embedding, *[shape.states] * (shape.layers - 1)]
    layers = sum(layer_parameters(shape.kind, each, shape.units, shape.biases) for each in inputs)
    matrix = 0 if shape.tied else shape.outputs * shape.states
    found = {
        "embedding": shape.vocabulary * shape.d_embedding,
        "recurrent": shape.directions * layers,
        "head": matrix + (shape.outputs if shape.output_bias else 0),
    }
    return {name: count for name, count in found.items() if count}
