"""The stages of a plain RNN's step: sum, activation."""

from __future__ import annotations

import numpy as np

from embstudio.stepper.step_place import BEGAN, StepPlace
from embstudio.stepper.step_stage import StepStage, Term


def rnn_stages(place: StepPlace) -> tuple[StepStage, ...]:
    return _summed(place), _activated(place)


def _summed(place: StepPlace) -> StepStage:
    head = ("sum", "1 sum", "a = W x + R h₋₁ + b", "token and old state, added up")
    if not place.has("a"):
        return StepStage(*head, missing=place.lacks("a"))
    split, terms = place.splits.get("a"), [place.term("a", "sum a")]
    if split is not None:
        terms = [Term("from the token", "", split.word), Term("+ from the state", "h", split.memory),
                 Term("+ bias", "", split.bias), *terms]  # fmt: skip
    return StepStage(*head, tuple(terms), *place.gate("a"), gate="a",
                     note=BEGAN if place.first and place.puzzling else "")  # fmt: skip


def _activated(place: StepPlace) -> StepStage:
    name = place.source.symbol(0)
    head = ("activation", "2 activation", f"h = {name}(a)", "the state from now on: nothing is kept as it was")
    if not place.has("h"):
        return StepStage(*head, missing=place.lacks("h"))
    h = place.term("h", "state h")
    if not place.has("a"):
        return StepStage(*head, (place.before("h", "before h₋₁"), h), note=place.lacks("a"))
    a = place.term("a", "sum a")
    apart = np.abs(place.source.activation(0).of(a.values) - h.values)
    tolerance = place.rounding(np.abs(h.values), "h")
    return StepStage(*head, (place.before("h", "before h₋₁"), a, h), apart, tolerance)
