"""Where the tokens of one model's reading stand in the text, in characters that all readings of the text share.

Tokenizers disagree on whether a span holds the space before a word, leave special tokens without a span, give the parts
of one character the span of the whole, and begin anew for the second text of a pair. Here a token covers characters
without the white space around them, the second text stands behind the first, and what is in the text is found in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from embstudio.trace.token import Token

Span = tuple[int, int]


@dataclass(frozen=True)
class Reading:
    """One model's tokens of a text.

    spans:  [start, end) of each; None where no characters belong to it ([CLS]). Their starts never fall.
    length: of the text, or of both texts and a character between them.
    cut:    whether it is a window of a text that was too long: characters outside it are not read.
    numbered: whether nothing says where the tokens stand, and their places serve as characters.
    """

    tokens: tuple[Token, ...]
    spans: tuple[Span | None, ...]
    length: int
    cut: bool = False
    numbered: bool = False

    @classmethod
    def of(cls, tokens: Sequence[Token], text: str, second: str = "", *, cut: bool = False) -> Reading:
        """The reading of a text, or of a pair of texts."""
        length = len(text) + (1 + len(second) if second else 0)
        spans = _found(tokens, _placed(tokens, text, second), text)
        if not any(spans):
            return cls(tuple(tokens), tuple((at, at + 1) for at in range(len(tokens))), len(tokens), cut, True)
        length = max(length, *(span[1] for span in spans if span))
        return cls(tuple(tokens), tuple(spans), length, cut)

    @property
    def leading(self) -> int:
        """How many tokens stand before the text: they have no characters, and none before them has."""
        return next((place for place, span in enumerate(self.spans) if span), len(self.spans))

    @property
    def trailing(self) -> int:
        """The first of the tokens behind the text; the number of tokens where there is none."""
        after = next((place for place, span in enumerate(reversed(self.spans)) if span), 0)
        return len(self.spans) - after


def _placed(tokens: Sequence[Token], text: str, second: str) -> list[Span | None]:
    """The tokens' own spans, without white space around them, those in the second text moved behind the first."""
    spans: list[Span | None] = []
    in_second, before, bar = False, (0, 0), False  # the span before, and whether a special token stood since
    for token in tokens:
        if token.span is None or token.span[0] >= token.span[1]:
            bar = bar or token.special
            spans.append(None)
            continue
        again = token.span[0] < before[0] or (bar and token.span[0] < before[1])
        in_second = in_second or (bool(second) and (again or token.segment == 1))
        whole, offset = (second, len(text) + 1) if in_second else (text, 0)
        before, bar = token.span, False
        start, end = _trimmed(token.span, whole)
        spans.append((start + offset, end + offset))
    return spans


def _trimmed(span: Span, text: str) -> Span:
    covered = text[span[0] : span[1]]
    if not covered.strip():
        return span
    start = span[0] + len(covered) - len(covered.lstrip())
    return start, start + len(covered.strip())


def _found(tokens: Sequence[Token], spans: list[Span | None], text: str) -> list[Span | None]:
    """With the spans of tokens that carry none although they were written: a mask that was typed, or tokens that were
    run as ids. Each must follow the one before, with nothing but white space between."""
    found, at = list(spans), 0
    for place, token in enumerate(tokens):
        span = found[place]
        if span is not None:
            at = span[1]
            continue
        start = len(text) - len(text[at:].lstrip())
        for written in (token.piece, token.text.removeprefix("##"), token.text):
            end = start + len(written)
            if written and text[start:end].lower() == written.lower() and _free(found, place, end):
                found[place], at = (start, end), end
                break
    return found


def _free(spans: Sequence[Span | None], place: int, end: int) -> bool:
    """Whether characters up to `end` belong to none of the tokens behind."""
    later = next((span for span in spans[place + 1 :] if span is not None), None)
    return later is None or end <= later[0]
