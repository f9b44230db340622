"""What the output head says at each token: probabilities of classes, or of the next word.

Probabilities are recomputed from the observed logits: p = softmax(logits), in float64.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from embstudio.formulas.attention import softmax
from embstudio.trace.trace import Trace

LOGITS = "logits"


@dataclass(frozen=True)
class RankedWord:
    """An entry of the vocabulary with its probability."""

    id: int
    probability: float


def class_probabilities(trace: Trace) -> np.ndarray | None:
    """Probabilities of each class after each token, [pos, class]; [1, class] for a model that judges the whole
    sentence at once; None for a model without classes."""
    if LOGITS not in trace or "class" not in trace[LOGITS].axes:
        return None
    return _probabilities(np.atleast_2d(trace[LOGITS].values))


def predicts_words(trace: Trace) -> bool:
    """Whether the model gives a score to each entry of its vocabulary after each token."""
    return LOGITS in trace and trace[LOGITS].axes == ("pos", "vocab")


def following_word(trace: Trace, token: int) -> tuple[int, RankedWord] | None:
    """The word that really follows `token`: its rank, 1 for the most probable, and its probability. None for the
    last token, and for a model without a vocabulary head."""
    if not predicts_words(trace) or token + 1 >= len(trace):
        return None
    id_ = trace.tokens[token + 1].id
    logits = trace[LOGITS].at(pos=token)
    if not 0 <= id_ < logits.size:
        return None
    # Of equals, those with a lower id stand before it, as in next_words.
    rank = 1 + int((logits > logits[id_]).sum() + (logits[:id_] == logits[id_]).sum())
    return rank, RankedWord(id_, float(_probabilities(logits)[id_]))


def next_words(trace: Trace, token: int, count: int) -> list[RankedWord]:
    """The most probable vocabulary entries after `token`, best first; empty for a model without a vocabulary head."""
    if not predicts_words(trace):
        return []
    logits = trace[LOGITS].at(pos=token)
    count = min(count, logits.size)
    least = np.partition(logits, -count)[-count]
    best = np.flatnonzero(~(logits < least))  # all that are as good as the last of the list; "not <" keeps NaN
    # Ties go to the lower id, so that the same distribution is always listed the same way.
    best = best[np.argsort(-logits[best], kind="stable")][:count]
    probabilities = _probabilities(logits)
    return [RankedWord(int(id_), float(probabilities[id_])) for id_ in best]


def _probabilities(logits: np.ndarray) -> np.ndarray:
    """softmax over the last axis, in float64; same shape as the logits."""
    return softmax(logits.astype(np.float64))
