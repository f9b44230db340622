"""A model's reader of text: what a person typed becomes tokens with their places in it. The kinds are in tokenizing/.

Three forms of one token, never mixed up:
piece       the vocabulary's own entry: "Ġdog", "▁dog", "##ing", "<0x0A>";
word        the text that entry stands for, its leading space kept: " dog", "##ing", "⏎" (`Tokenizer.words`);
Token.text  the part of *this* sentence it covers, without spaces around it: "dog". Token.span says where; whether
            the space before belongs to the span is the tokenizer's own choice. A token of nothing but spaces shows
            "␣". Where one character takes several tokens (an emoji in byte-level BPE) each shows it with its turn:
            "🙂[1/3]".
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from embstudio.trace.token import Token

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
VISIBLE = str.maketrans({"\n": "⏎", "\r": "␍", "\t": "⇥"})


@dataclass(frozen=True)
class Piece:
    """One entry of the vocabulary as it stands in an encoded text, before a person reads it.

    span:     [start, end) in characters of its own text; None where none belong to it.
    sequence: 0 for the text, 1 for the second one of a pair; whose span it is.
    segment:  the token type the model is fed, by the tokenizer's own rule.
    """

    id: int
    piece: str
    span: tuple[int, int] | None = None
    sequence: int = 0
    segment: int = 0
    special: bool = False


class Tokenizer(ABC):
    """Text to tokens, special tokens added, nothing cut off and nothing padded.

    path:   the file that says how.
    kind:   "BPE", "WordPiece", "WordLevel", "Unigram", "SentencePiece" or "bytes".
    notes:  plain sentences: what the file asked for that is switched off here, and the doubts.
    doubts: what had to be assumed, since no file says it.
    unk_id: the id of what stands for the unknown, where the tokenizer has one.
    """

    path: Path
    kind: str
    notes: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    unk_id: int | None = None

    @abstractmethod
    def pieces(self, text: str, second: str | None = None) -> Iterable[Piece]:
        """The pieces of a text, or of a pair of texts, those the tokenizer adds included. No lone surrogates."""

    @property
    @abstractmethod
    def vocabulary(self) -> tuple[str, ...]:
        """The text every id stands for, by id; an id without an entry shows as its number, "<1234>"."""

    @abstractmethod
    def piece(self, id_: int) -> str:
        """The vocabulary's own entry. Raises KeyError if it has none of that id."""

    @abstractmethod
    def is_special(self, id_: int) -> bool:
        """Whether an id stands for no text: [CLS], </s>."""

    def words(self) -> list[str]:
        """The vocabulary as a list of one's own."""
        return list(self.vocabulary)

    @property
    def size(self) -> int:
        """Number of ids: the largest id and one."""
        return len(self.vocabulary)

    def encode(self, text: str, second: str | None = None) -> tuple[Token, ...]:
        """The tokens of a text, those the tokenizer adds included. Empty text gives the added ones alone, or none.

        second: the other sentence of a pair; its tokens' spans are places in it. Token.segment is the token type.
        Halves of surrogate pairs, which are no characters, count as U+FFFD.
        """
        texts = [_LONE_SURROGATE.sub("\ufffd", part) for part in (text, second or "")]
        pieces = tuple(self.pieces(texts[0], texts[1] if second is not None else None))
        words = self.vocabulary
        tokens = []
        for piece, (turn, turns) in zip(pieces, _turns(pieces), strict=True):
            if piece.span and not piece.special:
                start, end = piece.span
                shown = _shown(texts[piece.sequence][start:end], turn, turns)
            else:
                shown = words[piece.id].strip() or piece.piece
            span = None if piece.special else piece.span
            unknown = piece.id == self.unk_id
            tokens.append(Token(shown, piece.piece, piece.id, span, piece.special, unknown, piece.segment))
        return tuple(tokens)

    def tokens(self, ids: Iterable[int]) -> tuple[Token, ...]:
        """Tokens for ids that come without a text; an id the vocabulary lacks shows as its number, "<1234>"."""
        tokens = []
        words = self.vocabulary
        for id_ in ids:
            try:
                piece = self.piece(id_)
            except KeyError:
                tokens.append(Token(f"<{id_}>", "", id_))
                continue
            tokens.append(
                Token(words[id_].strip() or piece, piece, id_, None, self.is_special(id_), id_ == self.unk_id)
            )
        return tuple(tokens)


def _shown(covered: str, turn: int, turns: int) -> str:
    shown = covered.strip() or covered.replace(" ", "␣").translate(VISIBLE)
    return f"{shown}[{turn}/{turns}]" if turns > 1 else shown


def _turns(pieces: Sequence[Piece]) -> list[tuple[int, int]]:
    """For each piece its turn among the neighbours that cover the very same characters: (1, 1) for most."""
    turns: list[tuple[int, int]] = []
    place = 0
    while place < len(pieces):
        end, here = place + 1, (pieces[place].span, pieces[place].sequence)
        while end < len(pieces) and pieces[end].span and (pieces[end].span, pieces[end].sequence) == here:
            end += 1
        count = end - place
        turns += [(turn, count) for turn in range(1, count + 1)]
        place = end
    return turns
