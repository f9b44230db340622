"""What one model says after each of its tokens: a class, the next word, or what fills a gap.

Of a model that judges the whole text at once, its scores for each beginning of the text are taken (they are run one by
one, and come in little by little); of every other, the scores of its run. Probabilities are in float64,
of words softmax(scores), of classes as `class_readout` says.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from embstudio.formulas.sampling import as_scores
from embstudio.stepper.class_readout import ClassReadout, class_readout
from embstudio.stepper.prediction import (
    LOGITS,
    RankedWord,
    best_words,
    looks_ahead,
    predicted_tokens,
    rank_of,
)
from embstudio.trace.trace import Trace

CLASSES, WORDS, GAPS, NOTHING, LEFT_OUT = "classes", "words", "gaps", "nothing", "left out"


@dataclass(frozen=True)
class Saying:
    """prefixes: scores [n, class or vocab] for the beginnings that end with each of the first n tokens, NaN where they
    are not there yet; None where none are needed, or none is there yet. labels: names of the classes."""

    trace: Trace
    prefixes: np.ndarray | None = None
    labels: tuple[str, ...] = ()

    @cached_property
    def kind(self) -> str:
        """CLASSES, WORDS that follow, GAPS (a word for each place, seen from both sides), NOTHING for models that end
        in vectors, and for scores of a decoder's own tokens, which stand nowhere in the text; LEFT_OUT where the
        scores are more than a trace may hold."""
        if LOGITS not in self.trace:
            return LEFT_OUT if LOGITS in self.trace.omitted else NOTHING
        axes = self.trace[LOGITS].axes
        if "class" in axes:
            return CLASSES if "pos" not in axes or self._of_the_text else NOTHING
        if "vocab" not in axes or not self._of_the_text:
            return NOTHING
        return GAPS if looks_ahead(self.trace) and "pos" in axes else WORDS

    @cached_property
    def whole(self) -> bool:
        """Whether the model gives one verdict for the whole text, and what is said after each token comes from runs on
        the beginnings."""
        return LOGITS in self.trace and "pos" not in self.trace[LOGITS].axes

    @cached_property
    def sees_all(self) -> bool:
        """Whether what is said at a token rests on the tokens after it too."""
        return not self.whole and bool(looks_ahead(self.trace))

    @cached_property
    def shares(self) -> np.ndarray | None:
        """Probabilities of the classes after each token, [pos, class], NaN where they are not there yet; None for a
        model without classes."""
        return self.readout.of(self.raw) if self.readout is not None and self.raw is not None else None

    @cached_property
    def readout(self) -> ClassReadout | None:
        """How the scores of classes are read; None for a model without classes."""
        return class_readout(self.trace) if self.kind == CLASSES else None

    @cached_property
    def raw(self) -> np.ndarray | None:
        """The scores themselves after each token, as `shares` has their probabilities."""
        if self.kind != CLASSES:
            return None
        scores = np.atleast_2d(self.trace[LOGITS].values)
        if not self.whole:
            return scores
        found = np.full((len(self.trace), scores.shape[1]), np.nan)
        if self.prefixes is not None:
            done = np.flatnonzero(~np.isnan(self.prefixes).any(axis=1))
            if done.size:
                found[done] = self.prefixes[done]
        if len(found):
            found[-1] = scores[0]
        return found

    @cached_property
    def verdicts(self) -> tuple[int | None, ...]:
        """The likeliest class after each token; None where it is not there yet, and where each class is judged by
        itself, so that none is the verdict."""
        if self.shares is None or self.apart:
            return (None,) * len(self.trace)
        return tuple(None if np.isnan(row[0]) else int(row.argmax()) for row in self.shares)

    @property
    def apart(self) -> bool:
        """Whether each class is judged by itself."""
        return self.readout is not None and self.readout.apart

    def label(self, class_: int) -> str:
        """The name of a class."""
        return self.labels[class_] if class_ < len(self.labels) else f"class {class_}"

    def turned(self, token: int) -> bool:
        """Whether the verdict after a token is another than after the token before."""
        return token > 0 and None not in self.verdicts[token - 1 : token + 1] and (
            self.verdicts[token] != self.verdicts[token - 1]
        )  # fmt: skip

    def scores(self, token: int) -> np.ndarray | None:
        """The scores [vocab] after a token; None where there are none (yet)."""
        if self.kind not in (WORDS, GAPS):
            return None
        values = np.atleast_2d(self.trace[LOGITS].values)
        if not self.whole and len(values) == len(self.trace):
            row = values[token]
        elif self.prefixes is not None and token < len(self.prefixes) and not np.isnan(self.prefixes[token]).any():
            row = self.prefixes[token]
        elif token == len(self.trace) - 1:
            row = values[-1]
        else:
            return None
        return np.asarray(as_scores(row) if row.min() >= 0 else row)

    def best(self, token: int, count: int) -> list[RankedWord]:
        """The likeliest words after a token, best first."""
        scores = self.scores(token)
        return [] if scores is None else best_words(scores, count)

    def following(self, token: int) -> RankedWord | None:
        """The token that really follows, with the probability that it was given; for GAPS the one that stands there."""
        if token not in self._followed:
            place = token if self.kind == GAPS else token + 1
            scores = self.scores(token) if 0 <= place < len(self.trace) else None
            found = rank_of(scores, self.trace.tokens[place].id) if scores is not None else None
            self._followed[token] = found[1] if found is not None else None
        return self._followed[token]

    @cached_property
    def _followed(self) -> dict[int, RankedWord | None]:
        return {}

    @cached_property
    def _of_the_text(self) -> bool:
        return predicted_tokens(self.trace) == self.trace.tokens
