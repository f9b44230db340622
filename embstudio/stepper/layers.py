"""What the Layers panel shows of one token: the stages of its stream, and what to ask about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from embstudio.stepper.prediction import looks_ahead, predicted_tokens, scores_at
from embstudio.trace.stream import Stage, stages, vectors
from embstudio.trace.trace import Trace


@dataclass(frozen=True)
class Look:
    """The stages of a token's stream, their vectors [stage, d_model], and the words whose rank is followed through
    the layers: the model's own first choice, then the word that really stands there (if that is another)."""

    shown: tuple[Stage, ...]
    vectors: np.ndarray
    words: tuple[int, ...]


def looked_for(trace: Trace, stack: str, place: int, hidden: Mapping[int, int] | None = None) -> Look | None:
    """What to ask about the token at `place` in a stack; None where the trace holds no stream of it.

    hidden: ids of tokens that masks were put over, by place.
    """
    shown = tuple(stages(trace, stack))
    if not shown or not 0 <= place < trace[shown[0].point].size("pos"):
        return None
    return Look(
        shown, vectors(trace, shown, place), followed_words(trace, place, hidden or {}) if stack != "encoder" else ()
    )


def followed_words(trace: Trace, place: int, hidden: Mapping[int, int]) -> tuple[int, ...]:
    """The model's first choice at a place and the word that really stands there: the next one, or, in models that see
    both sides, the token itself or what a mask hides."""
    scores, tokens = scores_at(trace, place), predicted_tokens(trace)
    if scores is None:
        return ()
    first = int(scores.argmax())
    at = place if looks_ahead(trace) else place + 1
    actual = hidden.get(at, tokens[at].id) if at < len(tokens) else first
    return tuple(dict.fromkeys((first, actual)))
