"""The stages of a GRU's step: reset, candidate, update share, new state.

Source: the operator GRU of the ONNX specification, where z is the share that stays.
"""

from __future__ import annotations

import numpy as np

from embstudio.stepper.step_place import StepPlace
from embstudio.stepper.step_stage import StepStage, Term


def gru_stages(place: StepPlace) -> tuple[StepStage, ...]:
    return _reset(place), _gru_candidate(place), _shared(place), _blended(place)


def _reset(place: StepPlace) -> StepStage:
    late = place.source.resets_late
    formula = "r ⊙ (R h₋₁ + b)" if late else "r ⊙ h₋₁"
    head = ("reset", "1 reset", formula, "how much of the old state the candidate sees")
    if not place.has("r"):
        return StepStage(*head, missing=place.lacks("r"))
    terms: tuple[Term, ...] = (place.term("r", "reset gate r"),)
    if late is False and place.has("h"):
        before = place.before("h", "× state h₋₁")
        terms = (*terms, before, Term("seen", "h", terms[0].values * before.values))
    return StepStage(*head, terms, *place.gate("r"), gate="r", note=place.start)


def _gru_candidate(place: StepPlace) -> StepStage:
    inside = "W x + r⊙(R h₋₁ + b) + b" if place.source.resets_late else "W x + R (r⊙h₋₁) + b"
    inside = inside if place.source.resets_late is not None else "W x + R h₋₁ by r + b"
    head = ("candidate", "2 candidate", f"n = {place.source.symbol(1)}({inside})", "what the new state could be")
    if not place.has("n"):
        return StepStage(*head, missing=place.lacks("n"))
    return StepStage(*head, (*place.sum_of("n"), place.term("n", "candidate n")), *place.gate("n"), gate="n")


def _shared(place: StepPlace) -> StepStage:
    head = ("share", "3 update share", "z⊙h₋₁ and (1−z)⊙n", "how much stays as it was")
    if not place.has("z", "n", "h"):
        return StepStage(*head, missing=place.lacks("z", "n", "h"))
    z, n, before = place.term("z", "update gate z"), place.now("n"), place.before("h", "").values
    terms = (z, Term("new (1−z)·n", "n", (1 - z.values) * n), Term("kept z·h₋₁", "h", z.values * before))
    return StepStage(*head, terms, *place.gate("z"), gate="z", note=place.start)


def _blended(place: StepPlace) -> StepStage:
    head = ("update", "4 new state", "h = z⊙h₋₁ + (1−z)⊙n", "the state from now on")
    if not place.has("h"):
        return StepStage(*head, missing=place.lacks("h"))
    h = place.term("h", "state h")
    if not place.has("z", "n"):
        return StepStage(*head, (h,), note=place.lacks("z", "n"))
    kept, new = place.now("z") * place.before("h", "").values, (1 - place.now("z")) * place.now("n")
    apart, tolerance = np.abs(kept + new - h.values), place.rounding(np.abs(kept) + np.abs(place.now("n")), "h")
    return StepStage(*head, (Term("kept", "h", kept), Term("+ new", "n", new), h), apart, tolerance)
