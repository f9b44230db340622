"""A text as the ids that are fed, cut to what the model takes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from embstudio.modelfile.tokenizer import Tokenizer
from embstudio.session.feeding.sequences import Sequences


@dataclass(frozen=True)
class Row:
    """ids, segments: of the tokens that are fed. tokens: how many the text has, those that were cut off included."""

    ids: tuple[int, ...]
    segments: tuple[int, ...]
    tokens: int

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def sequences(self) -> Sequences:
        return Sequences(self.ids, self.segments)


def row_of(tokenizer: Tokenizer, text: str, limit: int | None) -> Row:
    """The row of a text, without ids for one of nothing but blanks.

    One with more tokens than `limit` loses the last that stand for its own words; those that the tokenizer puts behind
    every text (a separator) stay, as in the truncation of Hugging Face's tokenizers.
    """
    if not text.strip():
        return Row((), (), 0)
    # Halves of surrogate pairs, which are no characters, count as U+FFFD, as in `Tokenizer.encode`.
    plain = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    pieces = list(tokenizer.pieces(plain))
    count = len(pieces)
    if limit is not None and count > limit:
        behind = 0
        while behind < min(limit - 1, count) and pieces[-1 - behind].special:
            behind += 1
        pieces = [*pieces[: limit - behind], *pieces[count - behind :]]
    return Row(tuple(piece.id for piece in pieces), tuple(piece.segment for piece in pieces), count)


def batches(rows: Sequence[Row], most: int, longest: int | None, *, same_length: bool) -> Iterator[tuple[int, ...]]:
    """Places of rows that are run together, short ones first, so that little is padded. Empty rows are left out.

    most: rows in a batch. longest: tokens of one text whose attention fits into memory, as its square; None: any.
    same_length: only rows with as many tokens go together.
    """
    together: list[int] = []
    for place in sorted((place for place, row in enumerate(rows) if len(row)), key=lambda place: len(rows[place])):
        length = len(rows[place])
        room = most if longest is None else min(most, max(1, (longest // length) ** 2))
        other = same_length and together and len(rows[together[0]]) != length
        if together and (other or len(together) >= room):
            yield tuple(together)
            together = []
        together.append(place)
    if together:
        yield tuple(together)
