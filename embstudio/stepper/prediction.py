"""What the output head says at each token: probabilities of classes, or of words: the next one, or the masked one.

Probabilities are recomputed from the observed logits, in float64: of words p = softmax(logits), or as they are where a
model ends in a softmax of its own; of classes as `class_readout` says. Models give scores for every token, or for
the last one only; both are read here. In an encoder-decoder they belong to the decoder's tokens.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from embstudio.formulas.attention import softmax
from embstudio.formulas.sampling import as_scores
from embstudio.stepper.class_readout import LOGITS as LOGITS
from embstudio.stepper.class_readout import class_readout
from embstudio.trace.token import Token
from embstudio.trace.trace import Trace

_FIRST = 4  # queries that are looked at to see whether tokens look ahead
_NOTHING = 1e-9  # weights below this are none: a mask of large negative numbers instead of −∞ leaves such


@dataclass(frozen=True)
class RankedWord:
    """An entry of the vocabulary with its probability."""

    id: int
    probability: float


def class_probabilities(trace: Trace) -> np.ndarray | None:
    """Probabilities of each class after each token, [pos, class]; [1, class] for a model that judges the whole
    sentence at once; None for a model without classes."""
    readout = class_readout(trace)
    return None if readout is None else readout.of(np.atleast_2d(trace[LOGITS].values))


def probabilities_of(scores: np.ndarray) -> np.ndarray:
    """softmax of scores [..., n] in float64; scores that are probabilities already come back as they are."""
    return _probabilities(as_scores(scores))


def predicts_words(trace: Trace) -> bool:
    """Whether the model gives a score to each entry of its vocabulary, after each token or after the last."""
    return LOGITS in trace and trace[LOGITS].axes in (("pos", "vocab"), ("vocab",))


def predicted_tokens(trace: Trace) -> tuple[Token, ...]:
    """The tokens that the scores belong to: the decoder's where there is one."""
    return trace.along(LOGITS, "pos")


def looks_ahead(trace: Trace) -> bool | None:
    """Whether a token can see those after it, as in models that fill in masked words; None where nothing tells.

    Told by the attention weights themselves (those of the decoder, where there is one), else by the directions of
    recurrent layers.
    """
    own = [name for name in trace.points("attn", "pattern") if not name.startswith("encoder.")]
    for name in own:
        weights = trace[name].values
        offset = weights.shape[2] - weights.shape[1]  # keys of a cache come first
        if weights.shape[1] > 1:  # the first few queries have most keys after them, and are quickly looked at
            return bool((np.triu(weights[:, :_FIRST], 1 + offset) > _NOTHING).any())
    names = (*trace.arrays, *trace.unasked)
    if any(name.split(".")[0] in ("lstm", "gru", "rnn") for name in names):
        return any("reverse" in name.split(".") for name in names)
    return None


def scores_at(trace: Trace, token: int) -> np.ndarray | None:
    """The scores [vocab] after a token; None for a model without a vocabulary head, and for a token after which the
    model gives none because it gives them for the last one only."""
    if not predicts_words(trace):
        return None
    scores = np.atleast_2d(trace[LOGITS].values)
    tokens = len(predicted_tokens(trace))
    place = token if len(scores) == tokens or not tokens else token - (tokens - len(scores))
    if not 0 <= place < len(scores):
        return None
    if scores[place].min() >= 0:  # only then can they be probabilities; looking at all of them takes a while
        scores = as_scores(scores)
    return np.asarray(scores[place])


def rank_of(scores: np.ndarray, id_: int) -> tuple[int, RankedWord] | None:
    """The rank of a word among scores [vocab], 1 for the most probable, and its probability; None for an id that
    there is no score for."""
    if not 0 <= id_ < scores.size:
        return None
    # Of equals, those with a lower id stand before it, as in best_words.
    rank = 1 + int((scores > scores[id_]).sum() + (scores[:id_] == scores[id_]).sum())
    return rank, RankedWord(id_, float(_probabilities(scores)[id_]))


def next_words(trace: Trace, token: int, count: int) -> list[RankedWord]:
    """The most probable vocabulary entries after `token`, best first; empty for a model without a vocabulary head."""
    scores = scores_at(trace, token)
    return [] if scores is None else best_words(scores, count)


def best_words(scores: np.ndarray, count: int) -> list[RankedWord]:
    """The words with the highest scores [vocab], best first; ties go to the lower id, so that the same distribution
    is always listed the same way."""
    count = min(count, scores.size)
    least = np.partition(scores, -count)[-count]
    best = np.flatnonzero(~(scores < least))  # all that are as good as the last of the list; "not <" keeps NaN
    best = best[np.argsort(-scores[best], kind="stable")][:count]
    probabilities = _probabilities(scores)
    return [RankedWord(int(id_), float(probabilities[id_])) for id_ in best]


def _probabilities(logits: np.ndarray) -> np.ndarray:
    """softmax over the last axis, in float64; same shape as the logits."""
    return softmax(logits.astype(np.float64))
