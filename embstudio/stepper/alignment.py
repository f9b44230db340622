"""Which tokens of another reading of the same text stand where a token of this one stands."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from enum import Enum
from functools import cached_property

import numpy as np

from embstudio.stepper.reading import Reading, Span


class Standing(Enum):
    """How tokens of another reading belong to a token of this one."""

    SAME = "the same characters"
    BEFORE = "nothing of its own there: the token it read last"
    NOTHING = "nothing read yet"
    OUTSIDE = "not in the part of the text that it reads"


@dataclass(frozen=True)
class Cover:
    """places: the tokens of the other reading, in order; none for NOTHING and OUTSIDE."""

    places: tuple[int, ...]
    standing: Standing

    @property
    def last(self) -> int | None:
        """The token after which the other has read what this one has; it may have read more of a word."""
        return self.places[-1] if self.places else None


class Alignment:
    """From the tokens of one reading to those of another, by the characters that they cover."""

    def __init__(self, ours: Reading, theirs: Reading) -> None:
        self._ours, self._theirs = ours, theirs
        self._places = [place for place, span in enumerate(theirs.spans) if span]
        spans: list[Span] = [span for span in theirs.spans if span]
        self._starts = [start for start, _end in spans]
        ends: list[int] = []
        for _start, end in spans:  # rising, so that they can be searched, even where a long token holds a short one
            ends.append(max(end, ends[-1]) if ends else end)
        self._ends = ends

    @cached_property
    def lasts(self) -> np.ndarray:
        """[pos], the last of the other's tokens for each of this reading's; −1 where there is none."""
        covers = (self.of(token).last for token in range(len(self._ours.tokens)))
        return np.array([-1 if last is None else last for last in covers], dtype=np.intp)

    def of(self, token: int) -> Cover:
        """The tokens of the other reading where a token of this one stands."""
        ours, theirs = self._ours, self._theirs
        if ours.numbered != theirs.numbered or not theirs.tokens:
            return Cover((), Standing.NOTHING)
        span = ours.spans[token]
        if span is not None:
            return self._at(span)
        if token < ours.leading:
            before = tuple(range(theirs.leading))
            return Cover(before, Standing.SAME) if before else Cover((), Standing.NOTHING)
        if token >= ours.trailing:
            behind = tuple(range(theirs.trailing, len(theirs.tokens)))
            return Cover(behind, Standing.SAME) if behind else self._up_to(ours.length)
        return self._between(token)

    def _at(self, span: Span) -> Cover:
        first = bisect_right(self._ends, span[0])
        last = bisect_left(self._starts, span[1])
        places = tuple(self._places[at] for at in range(first, last) if self._theirs_ends_after(at, span[0]))
        return Cover(places, Standing.SAME) if places else self._up_to(span[0])

    def _theirs_ends_after(self, at: int, start: int) -> bool:
        span = self._theirs.spans[self._places[at]]
        return span is not None and span[1] > start

    def _up_to(self, character: int) -> Cover:
        """The token that was read last before a character that none covers."""
        if not self._places:
            return Cover((), Standing.NOTHING)
        at = bisect_right(self._starts, character) - 1
        if self._theirs.cut and (at < 0 or at == len(self._places) - 1):
            return Cover((), Standing.OUTSIDE)
        return Cover((self._places[at],), Standing.BEFORE) if at >= 0 else Cover((), Standing.NOTHING)

    def _between(self, token: int) -> Cover:
        """Where a token without characters stands inside the text, as the [SEP] of a pair: its like, or the token that
        was read last."""
        before = next(span for span in reversed(self._ours.spans[:token]) if span)
        cover = self._up_to(before[1] - 1)
        if cover.last is None:
            return cover
        after = cover.last + 1
        if after < self._theirs.trailing and self._theirs.spans[after] is None:
            return Cover((after,), Standing.SAME)
        return cover
