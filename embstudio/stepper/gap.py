"""A place where the model says which word it expects: after a token, or instead of one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from embstudio.stepper.continuation import end_of
from embstudio.stepper.prediction import (
    RankedWord,
    best_words,
    looks_ahead,
    predicted_tokens,
    rank_of,
    scores_at,
)
from embstudio.trace.trace import Trace


@dataclass(frozen=True)
class Gap:
    """scores: of all words, [vocab]. actual: id of the word that stands there, or that a mask hides; None where there
    is none, or nobody knows it. fills: a word goes in the place of the current token; else it follows. masked: the
    current token is a mask. open: a word can be written there now."""

    scores: np.ndarray
    actual: int | None
    fills: bool
    masked: bool
    open: bool

    def listed(self, count: int) -> tuple[list[tuple[int, RankedWord]], bool]:
        """The best words with their ranks, and behind them the actual one if it is not among them (which is said)."""
        rows = list(enumerate(best_words(self.scores, count), start=1))
        actual = rank_of(self.scores, self.actual) if self.actual is not None else None
        apart = actual is not None and actual[0] > len(rows)
        return [*rows, *([actual] if actual is not None and apart else [])], apart

    @property
    def rank(self) -> int | None:
        """The rank of the actual word."""
        actual = rank_of(self.scores, self.actual) if self.actual is not None else None
        return actual[0] if actual is not None else None


def fills_gaps(trace: Trace, mask: int | None) -> bool:
    """Whether words go in the place of tokens. Where attention does not tell, a mask in the text does."""
    ahead = looks_ahead(trace)
    return any(token.id == mask for token in trace.tokens) if ahead is None else ahead


def end_place(trace: Trace) -> int:
    """The token behind which text goes on: the decoder's last one where there is a decoder."""
    return len(trace.target) - 1 if trace.target else end_of(trace.tokens, trace.text)


def gap_at(
    trace: Trace, place: int, mask: int | None, hidden: Mapping[int, int], beginning: np.ndarray | None = None
) -> Gap | None:
    """What is expected at a place among the predicted tokens; None where the model gives no scores for it.

    mask: the id of the mask. hidden: ids of tokens that masks were put over, by place. beginning: scores [vocab] of
    the text up to that place, run by itself, for a model that gives scores after the last token only.
    """
    scores, tokens = scores_at(trace, place), predicted_tokens(trace)
    scores = beginning if scores is None else scores
    if scores is None:
        return None
    if fills_gaps(trace, mask):
        own = tokens[place].id
        masked = mask is not None and own == mask
        return Gap(scores, hidden.get(place) if masked else own, fills=True, masked=masked, open=True)
    follows = tokens[place + 1].id if place + 1 < len(tokens) else None
    return Gap(scores, follows, fills=False, masked=False, open=place == end_place(trace))
