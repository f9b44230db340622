"""Where a word stands in a text: its characters, and the tokens that cover them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from embstudio.trace.token import Token

Span = tuple[int, int]
# Scripts that put no space between words: a word of theirs is found inside a run of letters too.
_UNSPACED = ("CJK ", "HIRAGANA", "KATAKANA", "THAI", "LAO", "KHMER", "MYANMAR")


@dataclass(frozen=True)
class Occurrence:
    """A word at one place. span: [start, end) in characters. places: of its tokens in the trace, at least one.

    ids, pieces: of these tokens. unknown: whether one of them stands for what the vocabulary does not hold.
    shared: whether its tokens hold letters of the words beside it too.
    """

    span: Span
    places: tuple[int, ...]
    ids: tuple[int, ...]
    pieces: tuple[str, ...]
    unknown: bool = False
    shared: bool = False


def spans_of(word: str, text: str) -> tuple[Span, ...]:
    """Where a word, or several with spaces between, stands by itself in a text, whether letters are large or small.

    It is found where no letter, digit or underscore joins it on either side, save in scripts without spaces between
    words.
    """
    word = " ".join(word.split())
    if not word:
        return ()
    inner = r"\s+".join(map(re.escape, word.split()))
    before = r"(?<!\w)" if _bounded(word[0]) else ""
    after = r"(?!\w)" if _bounded(word[-1]) else ""
    return tuple(found.span() for found in re.finditer(before + inner + after, text, re.IGNORECASE))


def occurrence_at(span: Span, text: str, tokens: Sequence[Token]) -> Occurrence | None:
    """The occurrence at a span of the text; None where no token of the trace covers it."""
    start, end = span
    places = [
        place for place, token in enumerate(tokens)
        if token.span is not None and not token.segment and token.span[0] < end and token.span[1] > start
    ]  # fmt: skip
    if not places:
        return None
    own = [tokens[place] for place in places]
    first = min(token.span[0] for token in own if token.span is not None)
    last = max(token.span[1] for token in own if token.span is not None)
    beside = text[first:start] + text[end:last]
    return Occurrence(
        span,
        tuple(places),
        tuple(token.id for token in own),
        tuple(token.piece or token.text for token in own),
        any(token.unknown for token in own),
        bool(beside.strip()),
    )


def _bounded(letter: str) -> bool:
    """Whether a word that begins or ends so must stand by itself."""
    if not re.match(r"\w", letter):
        return False
    return not unicodedata.name(letter, "").startswith(_UNSPACED)
