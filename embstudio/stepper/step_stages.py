"""The stages of one step of a recurrent layer, in the order they happen.

    LSTM   1 candidate g → 2 input gating i ⊙ g → 3 forgetting f ⊙ c₋₁ → 4 update c → 5 exposure h = o ⊙ tanh(c)
    GRU    1 reset r → 2 candidate n → 3 update share z → 4 new state h
    RNN    1 sum a → 2 activation h

and what the model then says, which is `step_prediction`'s. Numbers are the trace's own where it holds them, what can be
worked out again from them is, in float64, and compared; what it lacks is said.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from embstudio.stepper.gate_split import Split
from embstudio.stepper.gru_stages import gru_stages
from embstudio.stepper.lstm_stages import lstm_stages
from embstudio.stepper.rnn_stages import rnn_stages
from embstudio.stepper.step_place import StepPlace, StepSource
from embstudio.stepper.step_stage import StepStage

BEYOND = "past the end of what the layer was told to read"
_STAGES = {"lstm": lstm_stages, "gru": gru_stages, "rnn": rnn_stages}


@dataclass(frozen=True, eq=False)
class Step:
    """What one token does: the stages, and the split of each gate by its name (none without the weights)."""

    stages: tuple[StepStage, ...]
    splits: Mapping[str, Split] = field(default_factory=dict)


def step_stages(source: StepSource, token: int) -> Step:
    """The stages of a token, counted as the text stands whichever way it is read."""
    splits = source.split.at(token) if source.split is not None else {}
    place = StepPlace(source, token, splits)
    stages = _STAGES[source.cell.kind](place)
    if place.beyond:
        return Step(tuple(StepStage(stage.key, stage.title, stage.formula, stage.about, missing=BEYOND)
                          for stage in stages))  # fmt: skip
    return Step(stages, splits)
