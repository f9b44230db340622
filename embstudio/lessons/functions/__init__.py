"""What formulas can call, in rooms by what they speak of. `FUNCTIONS` has all of them by name."""

from __future__ import annotations

from embstudio.lessons.functions import counts, gradients, models, numbers, runs, scaling, trainings, words
from embstudio.lessons.functions.function import Function

FUNCTIONS: dict[str, Function] = {
    each.name: each
    for room in (numbers, counts, runs, gradients, words, models, scaling, trainings)
    for each in room.FUNCTIONS
}  # fmt: skip
