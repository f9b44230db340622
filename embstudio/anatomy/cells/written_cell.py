"""A recurrent cell in plain operators, as the finders describe it. Nouns only."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class WrittenGate:
    """One gate or state of a cell, by its name in the grammar of points.

    tensors:    one a token, in the order of the text; where a Loop or Scan runs the cell a single one, inside its body.
    complement: they hold 1 − the gate.
    updated:    where a mask keeps states, the tensors that the steps would have made of them without it.
    """

    name: str
    tensors: tuple[str, ...]
    complement: bool = False
    updated: tuple[str, ...] = ()


@dataclass(frozen=True)
class WrittenActivation:
    """A gate, candidate or activated memory and what it is the activation of. name: ONNX's, "" for another.

    gate: its name among the points. tensor: its value. total: the sum that went into the activation, and made: what
    came out of it; both may hold those of several gates side by side. complement: the gate is 1 − the tensor.
    """

    gate: str
    name: str
    tensor: str
    total: str
    made: str
    complement: bool = False
    alpha: float | None = None
    beta: float | None = None


@dataclass(frozen=True)
class WrittenStep:
    """One step of a cell by its tensors, for whoever works out the weights.

    x:    the input before it meets weights, of this token or of all. h, c: the state before ("" for no c).
    c_new: the memory after this step, which a peephole of the output gate looks at.
    outside: for a body, the tensor around it that was multiplied with weights, and what came of it and is handed to
    the steps; ("", "") where that is done in the body.
    activations: of the gates, the candidate and, of an LSTM, the memory ("c").
    """

    x: str
    h: str
    c: str
    c_new: str
    activations: tuple[WrittenActivation, ...]
    outside: tuple[str, str] = ("", "")


@dataclass(frozen=True)
class WrittenCell:
    """One direction of a recurrent layer in plain operators.

    node:  the Loop or Scan that runs it; −1 where the steps stand one behind the other. operator: its type, or "".
    steps: how many there are, which is the only length of text that the model takes; None for any.
    backwards: whether a Loop or Scan counts its steps from the last token to the first.
    step:  one of them, or None where the input was not found.
    weights: names of the initializers that a step uses. notes: plain sentences on how gates were read.
    """

    gates: tuple[WrittenGate, ...]
    node: int = -1
    operator: str = ""
    steps: int | None = None
    backwards: bool = False
    step: WrittenStep | None = None
    weights: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def masked(self) -> bool:
        """Does a mask keep its states at some tokens?"""
        return any(gate.updated for gate in self.gates)
