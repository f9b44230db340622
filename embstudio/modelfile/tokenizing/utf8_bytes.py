"""Models that read the bytes of a text: no vocabulary is needed (ByT5, Xue et al. 2021; nnsplit)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from embstudio.modelfile.tokenizer import Piece, Tokenizer
from embstudio.modelfile.tokenizing.readable import readable

_BYT5 = ("<pad>", "</s>", "<unk>")
_BYT5_EXTRA = tuple(f"<extra_id_{place}>" for place in range(125))


class ByteTokenizer(Tokenizer):
    """ids are the bytes of the text in UTF-8, behind the special tokens.

    path: the file that says so. special: contents of the ids before the bytes. last: the one put after a text, or "".
    after: contents of the ids after the bytes, found whole in a text.
    """

    def __init__(
        self, path: Path, special: tuple[str, ...] = (), last: str = "", after: tuple[str, ...] = (),
        notes: tuple[str, ...] = (),
    ) -> None:  # fmt: skip
        self.path = path
        self.kind = "bytes"
        self.notes = notes
        self.unk_id = special.index("<unk>") if "<unk>" in special else None
        self._special = special
        self._last = last
        self._after = {content: len(special) + 256 + place for place, content in enumerate(after)}
        self._whole = (
            re.compile("|".join(map(re.escape, (*sorted(after, key=len, reverse=True), *special)))) if after else None
        )

    @classmethod
    def byt5(cls, path: Path, notes: tuple[str, ...] = ()) -> ByteTokenizer:
        """As ByT5 has them: three special tokens, and an end after the text."""
        return cls(path, _BYT5, "</s>", _BYT5_EXTRA, notes)

    def pieces(self, text: str, second: str | None = None) -> Iterator[Piece]:
        for sequence, part in enumerate((text,) if second is None else (text, second)):
            start = 0
            for found in self._whole.finditer(part) if self._whole else ():
                yield from self._bytes(part, start, found.start(), sequence)
                start = found.end()
                id_ = self._after[found[0]] if found[0] in self._after else self._special.index(found[0])
                yield Piece(id_, found[0], found.span(), sequence)
            yield from self._bytes(part, start, len(part), sequence)
            if self._last:
                yield Piece(self._special.index(self._last), self._last, None, sequence, special=True)

    def _bytes(self, text: str, start: int, end: int, sequence: int) -> Iterator[Piece]:
        for place in range(start, end):
            for byte in text[place].encode("utf-8"):
                id_ = byte + len(self._special)
                yield Piece(id_, self.piece(id_), (place, place + 1), sequence)

    @cached_property
    def vocabulary(self) -> tuple[str, ...]:
        letters = (
            chr(byte) if 0x20 < byte < 0x7F or chr(byte) in " \n\r\t" else f"<0x{byte:02X}>" for byte in range(256)
        )
        return (*self._special, *(readable(letter, "") for letter in letters), *self._after)

    def piece(self, id_: int) -> str:
        if not 0 <= id_ < self.size:
            raise KeyError(id_)
        return self.vocabulary[id_] if self.is_special(id_) else f"<0x{id_ - len(self._special):02X}>"

    def is_special(self, id_: int) -> bool:
        return 0 <= id_ < self.size and not 0 <= id_ - len(self._special) < 256
