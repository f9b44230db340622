"""One score of the output head along the tokens: of a class, or of a word, for whatever is to be compared with it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from embstudio.stepper.class_readout import LOGITS, class_readout
from embstudio.trace.trace import Trace

MOST_CLASSES = 12  # that are offered one by one; of more, only the one that is predicted
TOP = -1


@dataclass(frozen=True)
class OutputScore:
    """entry: which class or entry of the vocabulary; TOP: the highest score at each token, whichever entry has it.

    predicted: whether it is the entry with the highest score after the last token. axis: "class" or "vocab".
    """

    entry: int
    axis: str
    predicted: bool = False

    def along(self, trace: Trace) -> np.ndarray:
        """The logit after each token, [pos]. Raises KeyError if the trace holds none."""
        scores = trace[LOGITS].values
        return np.asarray(scores.max(axis=-1) if self.entry == TOP else scores[:, self.entry])


def output_scores(trace: Trace) -> list[OutputScore]:
    """The scores that a trace holds for each token, the predicted one first; empty where the model gives them for the
    whole text only, or none. Of classes that are judged each by itself none is the predicted one."""
    if LOGITS not in trace or trace[LOGITS].axes not in (("pos", "class"), ("pos", "vocab")):
        return []
    axis = trace[LOGITS].axes[1]
    scores = trace[LOGITS].values
    best = int(scores[-1].argmax())
    readout = class_readout(trace)
    found = [OutputScore(best, axis, predicted=readout is None or not readout.apart)]
    if axis == "vocab":
        return [*found, OutputScore(TOP, axis)]
    if scores.shape[1] <= MOST_CLASSES:
        found += [OutputScore(entry, axis) for entry in range(scores.shape[1]) if entry != best]
    return found
