"""What the stages of a step are made of: the values around one token, and what is known of the layer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from embstudio.formulas.activations import Activation
from embstudio.stepper.cell_activations import symbol
from embstudio.stepper.gate_split import GateSplit, Split
from embstudio.stepper.precision import roundings
from embstudio.stepper.recurrent_flow import Flow, RecurrentCell
from embstudio.stepper.step_stage import Term
from embstudio.trace.trace import Trace

BEGAN = "the layer began with a state of its own"
EMPTY = "nothing was there before the first token"
_DEFAULTS = {"lstm": ("Sigmoid", "Tanh", "Tanh"), "gru": ("Sigmoid", "Tanh"), "rnn": ("Tanh",)}


@dataclass(frozen=True, eq=False)
class StepSource:
    """One direction of a layer, and what is known of it.

    split: takes gates apart; None before the weights are there, or where they cannot be had. names: of the activations
    as ONNX writes them; the weights know them better. None: the usual ones.
    """

    trace: Trace
    cell: RecurrentCell
    flow: Flow | None
    split: GateSplit | None = None
    names: tuple[str, ...] = ()

    def values(self, part: str) -> np.ndarray | None:
        return self.trace[self.cell.point(part)].values if part in self.cell.parts else None

    def activation(self, place: int) -> Activation:
        """LSTM: of the gates, the candidate, the memory; GRU: of the gates, the candidate; RNN: of the state."""
        if self.split is not None:
            return self.split.weights.activations[place]
        names = self.names if len(self.names) > place else _DEFAULTS[self.cell.kind]
        return Activation.named(names[place])

    def symbol(self, place: int) -> str:
        """An activation as it is written in a formula."""
        return symbol(self.activation(place))

    @property
    def resets_late(self) -> bool | None:
        """Of a GRU, whether the reset gate comes after the matrix; None where nobody knows."""
        return self.split.weights.linear_before_reset if self.split is not None else None

    @property
    def tied(self) -> bool:
        """Of an LSTM, whether f = 1 − i."""
        return self.split is not None and self.split.weights.input_forget


class StepPlace:
    """The values around one token of a direction of a layer, counted as the text stands."""

    def __init__(self, source: StepSource, token: int, splits: Mapping[str, Split]) -> None:
        self.source, self.token, self.splits = source, token, splits
        self.cell = source.cell
        self.before_at = self.cell.before(token)
        state = source.values(self.cell.parts[0])
        assert state is not None
        self.first = not 0 <= self.before_at < len(state)
        self.units = state.shape[1]

    @property
    def beyond(self) -> bool:
        """Whether the token lies past the end of what the layer was told to read: everything is 0 there."""
        return not any(self.now(part).any() for part in self.cell.parts)

    def has(self, *parts: str) -> bool:
        return all(part in self.cell.parts for part in parts)

    def lacks(self, *parts: str) -> str:
        """What a stage says that needs parts which are not there."""
        return f"{' and '.join(part for part in parts if not self.has(part))} not found in this trace"

    def now(self, part: str) -> np.ndarray:
        values = self.source.values(part)
        assert values is not None
        return np.asarray(values[self.token], np.float64)

    def term(self, part: str, label: str = "") -> Term:
        return Term(label or part, part, self.now(part), (self.cell.point(part), self.token))

    def before(self, part: str, label: str) -> Term:
        """A state as this token finds it; before the first, what must have been there."""
        values = self.source.values(part)
        assert values is not None
        if not self.first:
            return Term(label, part, np.asarray(values[self.before_at], np.float64),
                        (self.cell.point(part), self.before_at))  # fmt: skip
        gate = {"lstm": "f", "gru": "z"}.get(self.cell.kind, "")
        found = np.zeros(self.units)
        if self.began and part == self.cell.state:
            keep = self.now(gate)
            found = np.divide(self.kept, keep, out=np.zeros_like(keep), where=keep != 0)
        return Term(label, part, found)

    @property
    def kept(self) -> np.ndarray:
        assert self.source.flow is not None
        return np.asarray(self.source.flow.kept[self.token])

    @property
    def began(self) -> bool:
        """Whether this is the first token and there was something before it."""
        return self.first and self.source.flow is not None and self.cell.kind != "rnn" and bool(self.kept.any())

    @property
    def start(self) -> str:
        """What is to be said of the first token."""
        return "" if not self.first else BEGAN if self.began or self.puzzling else EMPTY

    @property
    def puzzling(self) -> bool:
        """Whether gates do not come out of their sums: at the first token, because h was not 0 before it."""
        return any(bool((np.abs(each.value - each.observed) > each.tolerance).any())
                   for each in self.splits.values() if each.exact)  # fmt: skip

    def gate(self, part: str) -> tuple[np.ndarray | None, np.ndarray | None]:
        """How far a gate worked out of its sum lies from the observed one, and how far rounding can part them."""
        split = self.splits.get(part)
        if split is None or not split.exact:
            return None, None
        return np.abs(split.value - split.observed), split.tolerance

    def sum_of(self, part: str) -> tuple[Term, ...]:
        """What goes into a gate, where it is known."""
        split = self.splits.get(part)
        return (Term("sum", "", split.total),) if split is not None else ()

    def rounding(self, size: np.ndarray, part: str) -> np.ndarray:
        values = self.source.values(part)
        assert values is not None
        return roundings(size, values)
