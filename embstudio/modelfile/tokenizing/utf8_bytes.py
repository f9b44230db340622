"""Models that read the bytes of a text: no vocabulary is needed (ByT5, Xue et al. 2021; Perceiver, Jaegle et al. 2021;
nnsplit)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from embstudio.modelfile.tokenizer import Piece, Tokenizer
from embstudio.modelfile.tokenizing.readable import readable

_BYTES = 256


@dataclass(frozen=True)
class ByteLayout:
    """before, after: contents of the ids in front of the bytes and behind them. first: what stands before the first
    text, last: behind each text; "" for nothing."""

    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    first: str = ""
    last: str = ""

    @property
    def rows(self) -> int:
        """Number of ids."""
        return len(self.before) + _BYTES + len(self.after)


PLAIN = ByteLayout()
# The numbers are those of transformers' ByT5Tokenizer and PerceiverTokenizer.
BYT5 = ByteLayout(("<pad>", "</s>", "<unk>"), tuple(f"<extra_id_{place}>" for place in range(125)), last="</s>")
PERCEIVER = ByteLayout(("[PAD]", "[BOS]", "[EOS]", "[MASK]", "[CLS]", "[SEP]"), first="[CLS]", last="[SEP]")
OF_FAMILY = {"byt5": BYT5, "perceiver": PERCEIVER}


class ByteTokenizer(Tokenizer):
    """ids are the bytes of the text in UTF-8, behind the special tokens of the layout. path: the file that says so."""

    def __init__(self, path: Path, layout: ByteLayout = PLAIN, doubts: tuple[str, ...] = ()) -> None:
        self.path = path
        self.kind = "bytes"
        self.notes = self.doubts = doubts
        self.unk_id = layout.before.index("<unk>") if "<unk>" in layout.before else None
        self._layout = layout
        self._shift = len(layout.before)
        self._special = {content: id_ for id_, content in enumerate(layout.before)}
        self._special |= {content: self._shift + _BYTES + place for place, content in enumerate(layout.after)}

    def pieces(self, text: str, second: str | None = None) -> Iterator[Piece]:
        layout = self._layout
        if layout.first:
            yield Piece(self._special[layout.first], layout.first, special=True)
        for sequence, part in enumerate((text,) if second is None else (text, second)):
            start = 0
            for found in self._whole.finditer(part) if self._whole else ():
                yield from self._bytes(part, start, found.start(), sequence)
                start = found.end()
                yield Piece(self._special[found[0]], found[0], found.span(), sequence)
            yield from self._bytes(part, start, len(part), sequence)
            if layout.last:
                yield Piece(self._special[layout.last], layout.last, None, sequence, special=True)

    def _bytes(self, text: str, start: int, end: int, sequence: int) -> Iterator[Piece]:
        for place in range(start, end):
            for byte in text[place].encode("utf-8"):
                id_ = byte + self._shift
                yield Piece(id_, self.piece(id_), (place, place + 1), sequence)

    @cached_property
    def _whole(self) -> re.Pattern[str] | None:
        """Special tokens that stand in a text, the longest first."""
        contents = sorted(self._special, key=len, reverse=True)
        return re.compile("|".join(map(re.escape, contents))) if contents else None

    @cached_property
    def vocabulary(self) -> tuple[str, ...]:
        letters = (
            chr(byte) if 0x20 < byte < 0x7F or chr(byte) in " \n\r\t" else f"<0x{byte:02X}>" for byte in range(_BYTES)
        )
        return (*self._layout.before, *(readable(letter, "") for letter in letters), *self._layout.after)

    def piece(self, id_: int) -> str:
        if not 0 <= id_ < self._layout.rows:
            raise KeyError(id_)
        return self.vocabulary[id_] if self.is_special(id_) else f"<0x{id_ - self._shift:02X}>"

    def is_special(self, id_: int) -> bool:
        return 0 <= id_ < self._layout.rows and not 0 <= id_ - self._shift < _BYTES
