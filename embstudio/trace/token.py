"""A token as the model sees it and as a person reads it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Token:
    """One position of the input.

    text:    what a person reads (the piece of the sentence, or the special token's name).
    piece:   the vocabulary's own entry, markers and all ("Ġdog", "##ing").
    id:      row of the embedding table.
    span:    [start, end) in characters of the sentence; None where no character belongs to it.
    special: added by the tokenizer ([CLS], </s>), not written by the person.
    unknown: stands for something that the vocabulary does not hold.
    segment: 0, or 1 in the second sentence of a pair (token type).
    """

    text: str
    piece: str
    id: int
    span: tuple[int, int] | None = None
    special: bool = False
    unknown: bool = False
    segment: int = 0
