"""A unit's story over the tokens: where it was written most, how long that was kept, where most was lost, where most
was shown. All of it follows from the values of its gates and states, in the order in which the layer reads.

LSTM   written i ⊙ g          lost (1 − f) ⊙ c₋₁     kept share f     shown h = o ⊙ tanh(c)
GRU    written (1 − z) ⊙ n    lost (1 − z) ⊙ h₋₁     kept share z     the state is shown as it is
RNN    nothing is kept by a share: only the largest change and the largest state can be told
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from embstudio.stepper.recurrent_flow import Flow, RecurrentCell
from embstudio.trace.trace import Trace

HALF = 0.5  # what counts as still there
NOTHING = 1e-6  # of the layer's largest state: below it a unit does nothing that could be told
_KEPT = {"lstm": "f", "gru": "z"}


@dataclass(frozen=True)
class Event:
    """pos: at which token. amount: signed, what was written, lost or shown."""

    pos: int
    amount: float


@dataclass(frozen=True)
class Kept:
    """How long what was written most lasted. until: the last token, in reading order, at which at least half of it
    was still there. left: its share there. a_step: the mean share that each step kept (geometric), NaN for no step.
    ended: whether `until` is the last token that is read."""

    until: int
    left: float
    a_step: float
    ended: bool


@dataclass(frozen=True)
class UnitStory:
    """Of one unit. What does not apply to the kind of layer, or never happened, is None.

    written: the largest new part. kept: what became of it. lost: the largest loss at one token, with `share`, what the
    gate kept there of `before`. shown: the largest |h| of an LSTM; of others the largest state.
    gate: what o was where most was shown.
    """

    unit: int
    written: Event | None = None
    kept: Kept | None = None
    lost: Event | None = None
    share: float = float("nan")
    before: float = float("nan")
    shown: Event | None = None
    gate: float = float("nan")


def unit_story(trace: Trace, cell: RecurrentCell, flow: Flow, unit: int) -> UnitStory:
    """Tell of one unit of a layer. flow: as `recurrent_flow.flow` gives it."""
    order = np.arange(len(flow.new))
    if cell.backwards:
        order = order[::-1]
    new, old = flow.new[order, unit], flow.kept[order, unit]
    state = new + old
    if max(np.abs(state).max(initial=0), np.abs(new).max(initial=0)) <= NOTHING * flow.limit:
        return UnitStory(unit)
    at = int(np.abs(new).argmax())
    written = Event(int(order[at]), float(new[at]))
    shown, gate = _shown(trace, cell, state, order, unit)
    part = _KEPT.get(cell.kind, "")
    if not part:
        return UnitStory(unit, written, shown=shown)
    share = trace[cell.point(part)].values[order, unit].astype(np.float64)
    kept = _kept(share, at, order)
    before = np.concatenate([[0.0], state[:-1]])
    gone = old - before
    gone[0] = 0.0  # a layer's own starting state is known only as what was left of it
    worst = int(np.abs(gone).argmax())
    if abs(gone[worst]) <= NOTHING * flow.limit:
        return UnitStory(unit, written, kept, shown=shown, gate=gate)
    lost = Event(int(order[worst]), float(gone[worst]))
    return UnitStory(unit, written, kept, lost, float(share[worst]), float(before[worst]), shown, gate)


def _kept(share: np.ndarray, at: int, order: np.ndarray) -> Kept:
    """What became of what was written at `at`: the product of the shares of the steps after it."""
    left = np.concatenate([[1.0], np.cumprod(share[at + 1 :])])
    gone = np.flatnonzero(left < HALF)
    steps = int(gone[0]) - 1 if gone.size else len(left) - 1
    remains = float(left[steps])
    a_step = remains ** (1 / steps) if steps else float("nan")
    return Kept(int(order[at + steps]), remains, a_step, ended=not gone.size)


def _shown(
    trace: Trace, cell: RecurrentCell, state: np.ndarray, order: np.ndarray, unit: int
) -> tuple[Event | None, float]:
    """Where |h| is largest, and the output gate there (NaN where there is none)."""
    if cell.kind != "lstm":
        most = int(np.abs(state).argmax())
        return Event(int(order[most]), float(state[most])), float("nan")
    if "h" not in cell.parts:
        return None, float("nan")
    h = trace[cell.point("h")].values[order, unit].astype(np.float64)
    most = int(np.abs(h).argmax())
    gate = float(trace[cell.point("o")].values[order[most], unit]) if "o" in cell.parts else float("nan")
    return Event(int(order[most]), float(h[most])), gate
