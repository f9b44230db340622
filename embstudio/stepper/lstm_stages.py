"""The stages of an LSTM's step: candidate, input gating, forgetting, update, exposure.

Source: the reading notes' memory cycle, and the operator LSTM of the ONNX specification.
"""

from __future__ import annotations

import numpy as np

from embstudio.stepper.step_place import StepPlace
from embstudio.stepper.step_stage import StepStage, Term


def lstm_stages(place: StepPlace) -> tuple[StepStage, ...]:
    return _lstm_candidate(place), _stored(place), _forgotten(place), _updated(place), _exposed(place)


def _lstm_candidate(place: StepPlace) -> StepStage:
    head = ("candidate", "1 candidate", f"g = {place.source.symbol(1)}(W x + R h₋₁ + b)", "what could be stored")
    if not place.has("g"):
        return StepStage(*head, missing=place.lacks("g"))
    return StepStage(*head, (*place.sum_of("g"), place.term("g", "candidate g")), *place.gate("g"), gate="g")


def _stored(place: StepPlace) -> StepStage:
    head = ("input", "2 input gating", "i ⊙ g", "how much of it is stored")
    if not place.has("i", "g"):
        return StepStage(*head, missing=place.lacks("i", "g"))
    terms = (place.term("i", "input gate i"), place.term("g", "× candidate g"))
    return StepStage(*head, (*terms, Term("stored", "c", place.now("i") * place.now("g"))), *place.gate("i"), gate="i")


def _forgotten(place: StepPlace) -> StepStage:
    formula = "(1 − i) ⊙ c₋₁" if place.source.tied else "f ⊙ c₋₁"
    head = ("forget", "3 forgetting", formula, "how much of the old memory is kept")
    if not place.has("f", "c"):
        return StepStage(*head, missing=place.lacks("f", "c"))
    gate, before = place.term("f", "forget gate f"), place.before("c", "× memory c₋₁")
    terms = (gate, before, Term("kept", "c", gate.values * before.values))
    return StepStage(*head, terms, *place.gate("f"), gate="i" if place.source.tied else "f", note=place.start)


def _updated(place: StepPlace) -> StepStage:
    head = ("update", "4 update", "c = f ⊙ c₋₁ + i ⊙ g", "the memory from now on")
    if not place.has("c"):
        return StepStage(*head, missing=place.lacks("c"))
    c = place.term("c", "memory c")
    if not place.has("f", "i", "g"):
        return StepStage(*head, (c,), note=place.lacks("f", "i", "g"))
    kept, new = place.now("f") * place.before("c", "").values, place.now("i") * place.now("g")
    apart, tolerance = np.abs(kept + new - c.values), place.rounding(np.abs(kept) + np.abs(new), "c")
    return StepStage(*head, (Term("kept", "c", kept), Term("+ stored", "c", new), c), apart, tolerance)


def _exposed(place: StepPlace) -> StepStage:
    name = place.source.symbol(2)
    head = ("exposure", "5 exposure", f"h = o ⊙ {name}(c)", "what of it is shown")
    if not place.has("h", "o", "c"):
        return StepStage(*head, missing=place.lacks("h", "o", "c"))
    shown, h = place.source.activation(2).of(place.now("c")), place.term("h", "hidden h")
    product = place.now("o") * shown
    terms = (place.term("o", "output gate o"), Term(f"× {name}(c)", "c", shown), h)
    return StepStage(*head, terms, np.abs(product - h.values), place.rounding(np.abs(product), "h"), gate="o")
