"""What made a gate what it is: how much of its sum came from the token, how much from the memory, and how much is bias.

A trace holds gates, not the weights that make them; these come from the worker. What the layer read at each token is
looked for among the points of the trace, and taken only if all gates come out of it as they were observed. Where it is
not there, the token's part is what is left of the gate after the others are taken off, which is said.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from embstudio.formulas.activations import Activation
from embstudio.formulas.cell_weights import CellWeights
from embstudio.formulas.gate_sums import GateSum, GateSums
from embstudio.stepper.precision import roundings
from embstudio.stepper.recurrent_flow import RecurrentCell
from embstudio.trace.trace import Trace

_TRIED = 3  # tokens that an input is tried at
_CLOSE = 1e-3  # gates that come out this near were made of this input, in whatever precision


@dataclass(frozen=True, eq=False)
class Split:
    """One gate of all units at one token: value = activation(word + memory + bias + peephole), each [unit].

    observed: what the trace holds. exact: whether `word` is W x; else it is what is left, and NaN where the gate is so
    near its end that its sum cannot be told. value: worked out of the sum, cut off at ±clip where the cell says so.
    tolerance: how far rounding can part it from what was observed.
    """

    part: str
    word: np.ndarray
    memory: np.ndarray
    bias: np.ndarray
    peephole: np.ndarray | None
    activation: Activation
    clip: float | None
    value: np.ndarray
    observed: np.ndarray
    exact: bool
    tolerance: np.ndarray

    @property
    def total(self) -> np.ndarray:
        total = self.word + self.memory + self.bias
        return np.asarray(total if self.peephole is None else total + self.peephole)


class GateSplit:
    """The splits of one direction of a layer. Everything in float64."""

    def __init__(self, trace: Trace, cell: RecurrentCell, weights: CellWeights) -> None:
        self._trace, self._cell = trace, cell
        self._sums = GateSums(weights.in_float64())
        self.weights = self._sums.cell
        self._last: tuple[int, dict[str, Split]] | None = None

    @cached_property
    def source(self) -> tuple[str, ...]:
        """The points that are the layer's input, side by side; empty where it is not in the trace."""
        return next((points for points in self._sources() if self._fits(points)), ())

    def at(self, token: int) -> dict[str, Split]:
        """The split of every gate at a token, by the gate's name. The last token's is kept."""
        if self._last is None or self._last[0] != token:
            self._last = token, self._splits(token)
        return self._last[1]

    def _splits(self, token: int) -> dict[str, Split]:
        h = self._before("h", token)
        found: dict[str, Split] = {}
        if h is None:
            return found
        x = self._input(self.source, token) if self.source else np.zeros(self.weights.W.shape[1])
        c_before, c = self._before("c", token), self._value("c", token)
        for part, gate in self._sums.of(x, h, c_before=c_before, c=c).items():
            observed = self._value(part, token)
            if observed is not None:
                found[part] = self._split(part, gate, observed, token, h)
        return found

    def memory_terms(self, part: str, token: int, unit: int) -> np.ndarray:
        """What the h₋₁ of each unit adds to one gate of one unit, [unit]."""
        h = self._before("h", token)
        assert h is not None
        return self._sums.memory_terms(part, unit, h, self._value("r", token))

    def _split(self, part: str, gate: GateSum, observed: np.ndarray, token: int, h: np.ndarray) -> Split:
        exact = bool(self.source)
        memory, bias, word = gate.memory, gate.bias, gate.word
        if not exact:
            if part == "n" and self._cell.kind == "gru":  # its parts hang on the reset gate, which was observed
                memory, bias = self._reset(h, token)
            word = self._inverse(part, gate.activation, observed) - memory - bias
            word = word if gate.peephole is None else word - gate.peephole
        raw = self._trace[self._cell.point(part)].values
        tolerance = roundings(gate.size + np.abs(observed), raw)
        # The sum before the activation of a plain RNN is a point of its own.
        activation = Activation.named("Affine", 1.0, 0.0) if part == "a" else gate.activation
        total = gate.total
        value = (total if part == "a" else gate.value) if exact else observed
        return Split(
            part, word, memory, bias, gate.peephole, activation, gate.clip, value, observed, exact, tolerance
        )  # fmt: skip

    def _reset(self, h: np.ndarray, token: int) -> tuple[np.ndarray, np.ndarray]:
        """Memory and bias of a GRU's candidate, with the reset gate as it was observed."""
        r = self._value("r", token)
        r = np.ones_like(h) if r is None else r
        rows, (given, recurrent) = self._sums.rows("n"), np.split(self.weights.B, 2)
        R = self.weights.R[rows]
        if self.weights.linear_before_reset:
            return r * (R @ h), given[rows] + r * recurrent[rows]
        return R @ (r * h), given[rows] + recurrent[rows]

    def _inverse(self, part: str, activation: Activation, value: np.ndarray) -> np.ndarray:
        """What must have gone into a gate for it to be this; NaN where it cannot be told."""
        if part == "a":
            return value
        with np.errstate(divide="ignore", invalid="ignore"):
            if activation.name == "Sigmoid":
                found = np.log(value) - np.log1p(-value)
            elif activation.name == "Tanh":
                found = np.arctanh(value)
            else:
                found = np.full_like(value, np.nan)
        return np.where(np.isfinite(found), found, np.nan)

    # What the layer read ------------------------------------------------------------------------------------------

    def _sources(self) -> list[tuple[str, ...]]:
        """Points that may be the input, by their width: the layer below, both its directions, or the embedding."""
        trace, wide = self._trace, self.weights.W.shape[1]
        below = [
            name for kind in ("lstm", "gru", "rnn") for name in trace.points(kind, "h")
            if f".{self._cell.layer - 1}." in name
        ]  # fmt: skip
        forms = [tuple(below), tuple(below[::-1]), *((name,) for name in below), ("embed",)]
        return [form for form in dict.fromkeys(forms) if form and self._width(form) == wide]

    def _width(self, points: tuple[str, ...]) -> int:
        if any(point not in self._trace or self._trace[point].shape[0] != self._length for point in points):
            return 0
        return sum(self._trace[point].shape[-1] for point in points)

    def _fits(self, points: tuple[str, ...]) -> bool:
        """Whether all gates come out of this input as they were observed."""
        # The token that is read first may find a state that nobody told us.
        tokens = range(1, self._length) if self._length > 1 else range(1)
        for token in list(tokens)[:: max(1, len(tokens) // _TRIED)]:
            if self._cell.backwards:
                token = self._length - 1 - token
            h = self._before("h", token)
            if h is None:
                return False
            sums = self._sums.of(
                self._input(points, token), h, c_before=self._before("c", token), c=self._value("c", token)
            )
            for part, gate in sums.items():
                observed = self._value(part, token)
                value = gate.total if part == "a" else gate.value
                if observed is not None and not np.allclose(value, observed, rtol=_CLOSE, atol=_CLOSE):
                    return False
        return True

    def _input(self, points: tuple[str, ...], token: int) -> np.ndarray:
        return np.concatenate([self._trace[point].values[token] for point in points]).astype(np.float64)

    @property
    def _length(self) -> int:
        return self._trace[self._cell.point(self._cell.parts[0])].shape[0]

    def _value(self, part: str, token: int) -> np.ndarray | None:
        if part not in self._cell.parts:
            return None
        return np.asarray(self._trace[self._cell.point(part)].values[token], np.float64)

    def _before(self, part: str, token: int) -> np.ndarray | None:
        """A state one token earlier in the direction of reading; 0 before the first."""
        if part not in self._cell.parts:
            return None
        at = self._cell.before(token)
        return self._value(part, at) if 0 <= at < self._length else np.zeros(self.weights.units)
