"""What a model says of its classes at one token, in words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from embstudio.gui.style.numbers import four, percent
from embstudio.stepper.class_readout import ClassReadout

LISTED = 8
FEW = 3  # classes that are judged each by itself and keep their order
SCORE = "score"


def class_names(known: Sequence[str], count: int, readout: ClassReadout | None = None) -> tuple[str, ...]:
    """One name for each class: the known ones, or class 0, class 1, …; of a score alone "score"."""
    if len(known) == count:
        return tuple(known)
    if count == 1:
        return (SCORE if readout is not None and readout.bare else "probability",)
    return tuple(f"class {number}" for number in range(count))


def in_words(
    readout: ClassReadout, names: Sequence[str], shares: np.ndarray, scores: np.ndarray, most: int = LISTED
) -> str:
    """Of one token, from its probabilities and its scores [class], the likeliest `most` classes first: positive 93.1 %,
    negative 6.9 %. Of one score alone: score 2.315, σ(score) 91.0 %."""
    if readout.bare:
        return f"{names[0]} {four(float(scores[0]))}, σ({names[0]}) {percent(float(shares[0]))}"
    order = np.argsort(-shares, kind="stable")[:most]
    if readout.apart and len(shares) <= FEW:  # as their rows stand; none is before the other
        order = np.arange(len(shares))
    return ", ".join(f"{names[each]} {percent(float(shares[each]))}" for each in order)
