"""A stretch of a text that is longer than a model can take at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

from embstudio.trace.token import Token


@dataclass(frozen=True)
class Window:
    """Tokens `start` to `start + size` of the `total` that the text itself has; [CLS] and the like not counted."""

    start: int
    size: int
    total: int

    @property
    def end(self) -> int:
        return self.start + self.size

    @property
    def next_start(self) -> int:
        """Where the window after this one begins; the last one ends with the text, so it may share tokens with it."""
        return min(self.end, self.total - self.size)

    @property
    def previous_start(self) -> int:
        return max(0, self.start - self.size)


def cut(tokens: Sequence[Token], limit: int, start: int) -> tuple[tuple[Token, ...], Window | None]:
    """At most `limit` tokens, from token `start` of the text on, and which they are; None where all fit.

    What the tokenizer puts around a text ([CLS] … [SEP]) is put around its window too: the model expects it there.
    """
    if len(tokens) <= limit:
        return tuple(tokens), None
    before = list(takewhile(lambda token: token.special, tokens))
    after = list(takewhile(lambda token: token.special, reversed(tokens[len(before) :])))[::-1]
    if len(before) + len(after) >= limit:
        before, after = [], []
    text = tokens[len(before) : len(tokens) - len(after)]
    size = limit - len(before) - len(after)
    start = max(0, min(start, len(text) - size))
    return (*before, *text[start : start + size], *after), Window(start, size, len(text))
