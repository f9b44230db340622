"""Models that read the bytes of a text: no vocabulary is needed (ByT5, Xue et al. 2021; nnsplit)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from embstudio.modelfile.tokenizer import Piece, Tokenizer
from embstudio.modelfile.tokenizing.readable import readable

BYT5_SPECIAL = ("<pad>", "</s>", "<unk>")
BYT5_LAST = "</s>"


class ByteTokenizer(Tokenizer):
    """ids are the bytes of the text in UTF-8, behind the special tokens.

    path: the file that says so. special: contents of the ids before the bytes. last: the one put after a text, or "".
    """

    def __init__(self, path: Path, special: tuple[str, ...] = (), last: str = "", notes: tuple[str, ...] = ()) -> None:
        self.path = path
        self.kind = "bytes"
        self.notes = notes
        self.unk_id = special.index("<unk>") if "<unk>" in special else None
        self._special = special
        self._last = last

    @classmethod
    def byt5(cls, path: Path, notes: tuple[str, ...] = ()) -> ByteTokenizer:
        """As ByT5 has them: three special tokens, and an end after the text."""
        return cls(path, BYT5_SPECIAL, BYT5_LAST, notes)

    def pieces(self, text: str, second: str | None = None) -> Iterator[Piece]:
        for sequence, part in enumerate((text,) if second is None else (text, second)):
            for place, letter in enumerate(part):
                for byte in letter.encode("utf-8"):
                    id_ = byte + len(self._special)
                    yield Piece(id_, self.piece(id_), (place, place + 1), sequence)
            if self._last:
                yield Piece(self._special.index(self._last), self._last, None, sequence, special=True)

    @cached_property
    def vocabulary(self) -> tuple[str, ...]:
        letters = (
            chr(byte) if 0x20 < byte < 0x7F or chr(byte) in " \n\r\t" else f"<0x{byte:02X}>" for byte in range(256)
        )
        return (*self._special, *(readable(letter, "") for letter in letters))

    def piece(self, id_: int) -> str:
        if not 0 <= id_ < len(self._special) + 256:
            raise KeyError(id_)
        return self._special[id_] if self.is_special(id_) else f"<0x{id_ - len(self._special):02X}>"

    def is_special(self, id_: int) -> bool:
        return 0 <= id_ < len(self._special)
