"""What a recurrent layer carries over from one token to the next and what it adds, for all units at once.

LSTM   c = f ⊙ c₋₁ + i ⊙ g              kept f ⊙ c₋₁     new i ⊙ g
GRU    h = z ⊙ h₋₁ + (1 − z) ⊙ n        kept z ⊙ h₋₁     new (1 − z) ⊙ n
RNN    h = tanh(a): nothing is kept as it is; the old h₋₁ and the change h − h₋₁ add up to h
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from embstudio.trace.points import parse
from embstudio.trace.trace import Trace

# In the order in which a step is told: gates first, then what they act on, then the state.
PARTS = {"lstm": ("i", "f", "o", "g", "c", "h"), "gru": ("z", "r", "n", "h"), "rnn": ("a", "h")}
STATE = {"lstm": "c", "gru": "h", "rnn": "h"}
# Below this a difference is rounding, above it the layer began with a state of its own.
_ROUNDING = 1e-5


@dataclass(frozen=True)
class RecurrentCell:
    """One direction of one recurrent layer, as a trace holds it. parts: those of PARTS that are there."""

    kind: str
    layer: int
    direction: str
    parts: tuple[str, ...]

    @property
    def prefix(self) -> str:
        return f"{self.kind}.{self.layer}.{self.direction}"

    @property
    def backwards(self) -> bool:
        """Whether it reads the last token first."""
        return self.direction == "reverse"

    @property
    def state(self) -> str:
        """The part that carries over: c of an LSTM, h of the others."""
        return STATE[self.kind]

    def point(self, part: str) -> str:
        """The point name of a part: lstm.0.forward.c."""
        return f"{self.prefix}.{part}"

    def before(self, pos: int) -> int:
        """The position read before this one; it may lie outside the sentence."""
        return pos + 1 if self.backwards else pos - 1


@dataclass(frozen=True)
class Flow:
    """kept + new = state, each [pos, unit] in float64. limit: the farthest that either side piles up."""

    kept: np.ndarray
    new: np.ndarray
    limit: float


def recurrent_cells(trace: Trace) -> list[RecurrentCell]:
    """The recurrent layers and directions that a trace holds, in the order of the model."""
    found = dict.fromkeys(
        (kind.partition(".")[0], point.layer or 0, point.direction or "")
        for point in map(parse, trace.arrays)
        if (kind := point.kind.template).partition(".")[0] in PARTS
    )
    return [
        RecurrentCell(kind, layer, direction, tuple(
            part for part in PARTS[kind] if f"{kind}.{layer}.{direction}.{part}" in trace
        ))
        for kind, layer, direction in sorted(found, key=lambda key: key[1:])
    ]  # fmt: skip


def flow(trace: Trace, cell: RecurrentCell) -> Flow | None:
    """What is kept and what is new at every token; None where the trace holds too few parts to tell."""
    values = {part: trace[cell.point(part)].values.astype(np.float64) for part in cell.parts}
    if cell.state not in values:
        return None
    state = values[cell.state]
    if cell.kind == "rnn":
        before = _shifted(state, np.zeros_like(state[0]), backwards=cell.backwards)
        return _flow(before, state - before)
    if cell.kind == "lstm" and {"f", "i", "g"} <= set(values):
        share, new = values["f"], values["i"] * values["g"]
    elif cell.kind == "gru" and {"z", "n"} <= set(values):
        share, new = values["z"], (1 - values["z"]) * values["n"]
    else:
        return None
    first = -1 if cell.backwards else 0
    start = state[first] - new[first]  # what the first token found there, already multiplied by its share
    start = np.where(np.abs(start) > _ROUNDING, start, 0.0)
    kept = share * _shifted(state, np.zeros_like(start), backwards=cell.backwards)
    kept[first] = start
    return _flow(kept, new)


def _shifted(state: np.ndarray, start: np.ndarray, *, backwards: bool) -> np.ndarray:
    """The state each token finds, in the order of the tokens."""
    return np.concatenate([state[1:], start[None]] if backwards else [start[None], state[:-1]])


def _flow(kept: np.ndarray, new: np.ndarray) -> Flow:
    above = np.maximum(kept, 0) + np.maximum(new, 0)
    below = np.minimum(kept, 0) + np.minimum(new, 0)
    return Flow(kept, new, float(max(above.max(initial=0), -below.min(initial=0))))
