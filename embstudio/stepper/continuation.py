"""Writing on: a sentence with one token more, or with another token in a place.

A sentence is text, and text may be read as other tokens than those that were meant: " some" + "body" comes back as
" somebody". So a draft carries both, the text and the ids it must be read as; where the two disagree, the ids count.
"""

from __future__ import annotations

from dataclasses import dataclass

from embstudio.trace.token import Token

_RAW = str.maketrans({"⏎": "\n", "␍": "\r", "⇥": "\t", "␣": " "})
_INSIDE = "##"  # WordPiece's mark of a piece that goes on inside a word


@dataclass(frozen=True)
class Draft:
    """text: what the sentence becomes. ids: the tokens it is meant to be, those that the tokenizer adds included.
    place: where the new token stands."""

    text: str
    ids: tuple[int, ...]
    place: int

    def is_read_as(self, tokens: tuple[Token, ...]) -> bool:
        """Whether the text came back as the tokens that were meant."""
        return self.ids == tuple(token.id for token in tokens)


def end_of(tokens: tuple[Token, ...], text: str) -> int:
    """The last token that stands in the text, behind which it can go on; the last of all where there is none.

    Special tokens that the tokenizer adds are passed over, those that were written as text are not.
    """
    for place in range(len(tokens) - 1, -1, -1):
        token = tokens[place]
        if not token.special or (token.piece and text.rstrip().endswith(token.piece)):
            return place
    return len(tokens) - 1


def appended(text: str, tokens: tuple[Token, ...], id_: int, word: str, *, spaced: bool) -> Draft:
    """The sentence with the token `id_` after the last one written.

    word: the vocabulary's text for it. spaced: whether the vocabulary writes the space before a word into the word.
    """
    at = end_of(tokens, text) + 1
    ids = [token.id for token in tokens]
    return Draft(_joined(text, word, spaced=spaced), (*ids[:at], id_, *ids[at:]), at)


def replaced(text: str, tokens: tuple[Token, ...], place: int, id_: int, word: str) -> Draft:
    """The sentence with the token `id_` in the place of another. Where the other has no characters in the text, the
    text stays as it is and only the ids say what is meant."""
    ids = [token.id for token in tokens]
    span = tokens[place].span or _span_of_special(text, tokens, place)
    if span is not None:
        start, end = span
        inner = word.translate(_RAW).strip().removeprefix(_INSIDE) or word
        covered = text[start:end]
        spaces = covered[: len(covered) - len(covered.lstrip())]
        text = text[:start] + spaces + inner + text[end:]
    return Draft(text, (*ids[:place], id_, *ids[place + 1 :]), place)


def _span_of_special(text: str, tokens: tuple[Token, ...], place: int) -> tuple[int, int] | None:
    """Where a special token was typed into the text, as masks are; None if the tokenizer added it."""
    piece = tokens[place].piece
    start, turn = -1, sum(token.id == tokens[place].id for token in tokens[: place + 1])
    for _ in range(turn if piece else 0):
        start = text.find(piece, start + 1)
        if start < 0:
            return None
    return (start, start + len(piece)) if start >= 0 else None


def numbered(ids: tuple[int, ...]) -> str:
    """The text of a model without a tokenizer: the numbers themselves."""
    return " ".join(map(str, ids))


def _joined(text: str, word: str, *, spaced: bool) -> str:
    raw = word.translate(_RAW)
    if word.startswith(_INSIDE) and len(word) > len(_INSIDE):
        return text.rstrip() + raw[len(_INSIDE) :]
    if spaced:
        return text + raw
    return f"{text.rstrip()} {raw}" if text.strip() else raw
