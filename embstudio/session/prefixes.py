"""What a model says to each beginning of a text, for models that judge a whole text at once.

The beginning that ends with a token is run by itself, inside the frame that the tokenizer puts around a text: [CLS] the
film was [SEP]. It is the model run on the part up to there, not a part of its run on the whole text: an encoder's
vectors of "the film" are others when "was not good" follows. Each is run alone, unpadded. A batch of all lengths would
need padding, and padding that is not perfectly hidden (a recurrent layer's last state, a mean without a mask) would
change the answers.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import takewhile

import numpy as np

from embstudio.base.errors import InputError, StudioError, UnsupportedModelError
from embstudio.session.messages import Prefixes, PrefixRequest
from embstudio.session.stop import Stop
from embstudio.trace.token import Token

SLICE_SECONDS = 0.15  # of one answer, so that whatever else is asked for meanwhile need not wait long


def beginning(tokens: Sequence[Token], place: int) -> tuple[Token, ...]:
    """The tokens up to and with one of them, framed as the whole: special tokens at both ends stay there.

    Before the text begins it is the frame alone; at and behind its end it is all. A special token in the middle that
    is one of the frame's own (the [SEP] between two sentences) closes the beginning itself, once.
    """
    before = len(list(takewhile(lambda token: token.special, tokens)))
    after = len(list(takewhile(lambda token: token.special, reversed(tokens[before:]))))
    end = len(tokens) - after
    if place >= end:
        return tuple(tokens)
    closing = tokens[end:]
    closes = tokens[place].special and any(tokens[place].id == token.id for token in closing)
    kept = tokens[: max(before, place if closes else place + 1)]
    # A first sentence that stands alone is of one token type, its last [SEP] too.
    types = {token.segment for token in kept if not token.special}
    if types == {0}:
        closing = [replace(token, segment=0) if token.segment == 1 else token for token in closing]
    return (*kept, *closing)


def answer(
    request: PrefixRequest,
    tokens: Sequence[Token],
    score: Callable[[tuple[Token, ...]], np.ndarray],
    stop: Stop,
) -> Prefixes:
    """The scores after as many of the places as there is time for, at least one.

    tokens: of the whole text. score: runs some tokens and gives the scores [class or vocab] of their text.
    Raises what `score` raises, or Cancelled.
    """
    until = time.perf_counter() + SLICE_SECONDS
    rows: list[np.ndarray] = []
    for place in request.places:
        stop.check()
        rows.append(score(beginning(tokens, place)))
        if time.perf_counter() > until:
            break
    done = request.places[: len(rows)]
    scores = np.stack(rows).astype(np.float32) if rows else np.zeros((0, 0), np.float32)
    return Prefixes(request.model, request.key, request.serial, done, scores)


def cannot_be_run(model: str, *, has_scores: bool) -> StudioError:
    """Why a text cannot be run beginning by beginning."""
    if not has_scores:
        return UnsupportedModelError(
            "This model gives no scores, so it says nothing after each token.", where=model,
            advice="Its other points can still be shown.",
        )  # fmt: skip
    return InputError(
        "Inputs given by hand cannot be cut into beginnings.", where=model, advice="Give a text or token ids."
    )
