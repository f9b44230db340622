"""What an expression can speak of: the trace, the names of classes and words, and what the model predicts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from embstudio.stepper.class_readout import LOGITS, ClassReadout, class_readout
from embstudio.stepper.watch.flaws import Flaw
from embstudio.stepper.watch.reductions import part
from embstudio.stepper.watch.series import Many, no_flaws
from embstudio.trace.axes import TOKEN_AXES, NamedArray
from embstudio.trace.places import taken_together
from embstudio.trace.trace import Trace

Names = Callable[[], Sequence[str]]

_RECURRENT = ("rnn.", "gru.", "lstm.")  # several tokens may share a step of theirs
_SUMS_TO_ONE = 1e-5  # how far float32 may be from it, as in formulas.sampling


class NotHereError(LookupError):
    """A point that the trace does not hold. omitted: for lack of room only."""

    def __init__(self, point: str, *, omitted: bool) -> None:
        super().__init__(point)
        self.omitted = omitted


@dataclass(frozen=True)
class Scope:
    """What there is to evaluate with.

    labels:     names of the classes. vocabulary: readable text of each token id.
    points:     all that the model has, whether the trace holds them or not.
    prefixes:   the scores after each token of a model that judges whole texts, [pos, class or vocab], NaN where they
                are not known; None where nobody asked.
    coming:     of how many tokens the scores are known or on their way.
    """

    trace: Trace
    labels: Sequence[str] = ()
    vocabulary: Sequence[str] = ()
    points: Sequence[str] = ()
    prefixes: np.ndarray | None = field(default=None, compare=False)
    coming: int = 0

    @property
    def steps(self) -> int:
        """How many tokens the cursor walks over."""
        return len(self.trace)

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """The text of each token, as compared: without spaces around it."""
        return tuple(token.text.strip() for token in self.trace.tokens)

    def heads(self, point: str) -> int:
        """How many heads a point has; 0 where it has none."""
        array = self._array(point)
        return array.shape[0] if array.axes[0] in ("head", "kv_head") else 0

    def rows(self, point: str, head: int | None = None) -> Many:
        """The values of a point at each token; of one head, or the mean of all. Raises NotHereError."""
        array = self._array(point)
        values, axes = array.values, array.axes
        width = values.shape[-1]

        def names() -> Sequence[str]:
            return self.names(axes[-1], point, width)

        if len(axes) == 1 and axes[0] != "vocab":  # one vector for the whole text
            return self._aligned(np.broadcast_to(values, (self.steps, width)), self.steps, names)
        token_axis = next((axis for axis in axes if axis in TOKEN_AXES), "pos")
        tokens = len(self.trace.along(point, token_axis))
        if len(axes) < 3:
            shared = taken_together(self.trace, point) or 1 if point.startswith(_RECURRENT) else 1
            return self._aligned(np.atleast_2d(values), tokens, names, each=shared)
        past = self._past(point) if token_axis == "key" else 0
        wanted = values if head is None else values[head : head + 1]
        heads = [self._aligned(each[past:], tokens - past, names) for each in wanted]
        return heads[0] if len(heads) == 1 else mean_of(heads)

    def _past(self, point: str) -> int:
        """How many keys stand before the first token."""
        return 0 if "cross_attn" in point.split(".") or point.startswith("encoder.") else len(self.trace.past)

    def _array(self, point: str) -> NamedArray:
        if point not in self.trace:
            raise NotHereError(point, omitted=point in self.trace.omitted)
        return self.trace[point]

    def _aligned(self, rows: np.ndarray, tokens: int, names: Names, first: int = 0, each: int = 1) -> Many:
        """Rows [r, width] at the cursor's steps, `each` of which share one. Fewer rows than tokens otherwise are those
        of the last tokens."""
        steps, count, width = self.steps, *rows.shape
        skipped = max(0, tokens - count * each)

        def block(start: int, stop: int) -> tuple[np.ndarray, np.ndarray]:
            if skipped == 0 and each == 1 and stop <= count:  # nearly always
                return rows[start:stop].astype(np.float64), no_flaws(stop - start)
            places = (np.arange(start, stop) - skipped) // each
            there = (places >= 0) & (places < count)
            values = np.zeros((stop - start, width))
            values[there] = rows[places[there]]
            return values, np.where(there, Flaw.NONE, Flaw.NO_TOKEN).astype(np.uint8)

        def narrow(start: int, stop: int) -> Many:
            return self._aligned(rows[:, start:stop], tokens, names, first + start, each)

        return Many(steps, width, block, names, first, narrow)

    def names(self, axis: str, point: str, width: int) -> Sequence[str]:
        """What the places on an axis are called; empty where they are numbers only."""
        if axis == "key":
            return tuple(token.text for token in self.trace.along(point, "key"))
        if axis == "vocab":
            return self.vocabulary
        if axis == "class":
            return self.labels if len(self.labels) == width else tuple(f"class {number}" for number in range(width))
        return ()

    # The prediction ----------------------------------------------------------------------------------------------

    @cached_property
    def prediction(self) -> Many | None:
        """The probabilities of each class or word after each token; None for a model that predicts nothing.

        p = softmax(logits) in float64; a model whose own last operator is a softmax gives them as they are. Classes
        that are judged each by itself take σ(logit).
        """
        if LOGITS not in self.trace and LOGITS not in self.points:
            return None
        array = self._array(LOGITS)
        if array.axes[-1] not in ("class", "vocab"):
            return None
        whole = array.axes == ("class",) or (array.axes == ("vocab",) and self.prefixes is not None)
        scores = self._of_prefixes(array.values) if whole and self.steps > 1 else self.rows(LOGITS)
        if self.apart:
            assert self.readout is not None
            return _read_apart(scores, self.readout)
        if _are_probabilities(np.atleast_2d(array.values)):
            return scores
        mass = np.concatenate([_log_sum(x) for _, x, _ in scores.blocks()] or [np.zeros(0)])
        return _exponential(scores, mass)

    @cached_property
    def readout(self) -> ClassReadout | None:
        """How the scores of classes are read; None for a model without classes."""
        return class_readout(self.trace)

    @property
    def apart(self) -> bool:
        """Whether each class is judged by itself, so that none is the one that is predicted."""
        return self.readout is not None and self.readout.apart

    def _of_prefixes(self, whole: np.ndarray) -> Many:
        """[class] scores of the whole text at its last token; before it those of the prefixes, where they are known."""
        steps, width = self.steps, len(whole)
        scores = np.full((steps, width), np.nan)
        if self.prefixes is not None:
            scores[: len(self.prefixes)] = self.prefixes[:steps]
        if np.isnan(scores[-1]).any():
            scores[-1] = whole
        lacking = np.where(np.arange(steps) < self.coming, Flaw.PENDING, Flaw.WHOLE_TEXT)
        flaws = np.where(np.isnan(scores).any(axis=1), lacking, Flaw.NONE).astype(np.uint8)
        np.nan_to_num(scores, copy=False)

        def names() -> Sequence[str]:
            return self.names(self.trace[LOGITS].axes[-1], LOGITS, width)

        return Many(steps, width, lambda start, stop: (scores[start:stop].copy(), flaws[start:stop]), names)


def mean_of(heads: Sequence[Many]) -> Many:
    """The mean of several rows at each token, place by place."""

    def block(start: int, stop: int) -> tuple[np.ndarray, np.ndarray]:
        total, flaws = heads[0].block(start, stop)
        for other in heads[1:]:
            total += other.block(start, stop)[0]
        return total / len(heads), flaws

    return Many(heads[0].length, heads[0].width, block, heads[0].names)


def _log_sum(x: np.ndarray) -> np.ndarray:
    """[rows]: log Σ exp x, of [rows, n]"""
    top = x.max(axis=1)
    with np.errstate(all="ignore"):
        return np.asarray(np.log(np.exp(x - top[:, None]).sum(axis=1)) + top)


def _exponential(scores: Many, mass: np.ndarray) -> Many:
    """exp(scores − log Σ exp scores), where `mass` [pos] is that sum's logarithm: softmax, place by place."""

    def block(start: int, stop: int) -> tuple[np.ndarray, np.ndarray]:
        values, flaws = scores.block(start, stop)
        with np.errstate(all="ignore"):
            return np.exp(values - mass[start:stop, None]), flaws

    def narrow(start: int, stop: int) -> Many:
        return _exponential(part(scores, start, stop), mass)

    return Many(scores.length, scores.width, block, scores.names, scores.first, narrow)


def _read_apart(scores: Many, readout: ClassReadout) -> Many:
    """σ(score), or the score where it is a probability already, place by place."""

    def block(start: int, stop: int) -> tuple[np.ndarray, np.ndarray]:
        values, flaws = scores.block(start, stop)
        return readout.of(values), flaws

    def narrow(start: int, stop: int) -> Many:
        return _read_apart(part(scores, start, stop), readout)

    return Many(scores.length, scores.width, block, scores.names, scores.first, narrow)


def _are_probabilities(scores: np.ndarray) -> bool:
    """Whether all rows are from 0 to 1 and sum to 1 already; the first row mostly tells that they are not."""
    for few in (scores[:1], scores):
        if not few.size or few.min() < 0 or few.max() > 1:
            return False
        if np.abs(few.sum(axis=1, dtype=np.float64) - 1).max() > _SUMS_TO_ONE:
            return False
    return True
