"""Functions of what a bench of the Lab has learnt. Each bench's own words are in `lessons.benches`."""

from __future__ import annotations

from embstudio.lessons.benches import BENCHES
from embstudio.lessons.facts import Facts, TrainingNeed
from embstudio.lessons.functions.function import Function
from embstudio.lessons.lesson import Training
from embstudio.lessons.value import Value, ValueFault


def _learnt(facts: Facts, training: Training, measure: str, *words: str) -> Value:
    if training.bench not in BENCHES:
        raise ValueFault(f"there is no bench {training.bench!r}; there are {', '.join(BENCHES)}.")
    measures = BENCHES[training.bench].measures
    if measure not in measures:
        raise ValueFault(f"{training.bench} has no {measure!r}; it has {', '.join(measures)}.")
    return measures[measure](facts.training(TrainingNeed(training)), *words)


FUNCTIONS = (
    Function("learnt", ("training", "measure", "word?", "word?", "word?", "word?"),
             "what a bench has come to at its end; the measures of each bench are listed below", _learnt),
)  # fmt: skip
