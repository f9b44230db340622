"""A tokenizer that the `tokenizers` library runs, whichever files it was made from."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

from embstudio.base.errors import InputError
from embstudio.modelfile.tokenizer import Piece, Tokenizer
from embstudio.modelfile.tokenizing.readable import readable


class LibraryTokenizer(Tokenizer):
    """engine: a tokenizers.Tokenizer, ours from here on. marks: how its pieces write spaces (see `readable`)."""

    def __init__(self, path: Path, engine: Any, marks: str, unk_id: int | None, doubts: tuple[str, ...] = ()) -> None:
        self.path = path
        self.kind = type(engine.model).__name__
        self.unk_id = unk_id
        self._engine = engine
        self._marks = marks
        self.doubts = doubts
        self.notes = (*doubts, *self._switch_off_cutting_and_padding())

    def _switch_off_cutting_and_padding(self) -> list[str]:
        notes = []
        if self._engine.truncation is not None:
            length = self._engine.truncation.get("max_length")
            self._engine.no_truncation()
            notes.append(f"The tokenizer asks to cut texts off after {length} tokens; that is switched off here.")
        if self._engine.padding is not None:
            self._engine.no_padding()
            notes.append("The tokenizer asks to pad texts with empty tokens; that is switched off here.")
        return notes

    def pieces(self, text: str, second: str | None = None) -> Iterator[Piece]:
        encoding = self._encoded(text, second)
        for id_, piece, special, (start, end), segment, sequence in zip(
            encoding.ids, encoding.tokens, encoding.special_tokens_mask, encoding.offsets, encoding.type_ids,
            encoding.sequence_ids, strict=True,
        ):  # fmt: skip
            span = (start, end) if end > start else None
            piece = self._engine.id_to_token(id_) or piece  # the encoding's own may have a blank before it
            yield Piece(id_, piece, span, sequence or 0, segment, bool(special))

    def _encoded(self, text: str, second: str | None) -> Any:
        """Raises InputError for a text that the vocabulary has no tokens for."""
        try:
            return self._engine.encode(text) if second is None else self._engine.encode(text, second)
        except Exception as error:  # the library raises no other kind
            lacking = next((word for word in f"{text} {second or ''}".split() if not self._takes(word)), "")
            raise InputError(
                "The vocabulary lacks a part of this text, and has no token for what it does not know.",
                where=repr(lacking) if lacking else "", detail=str(error), advice="Leave such words out.",
            ) from error  # fmt: skip

    def _takes(self, word: str) -> bool:
        try:
            self._engine.encode(word)
        except Exception:  # as above
            return False
        return True

    def piece(self, id_: int) -> str:
        piece = self._engine.id_to_token(id_) if 0 <= id_ < self.size else None
        if piece is None:
            raise KeyError(id_)
        return str(piece)

    def is_special(self, id_: int) -> bool:
        return id_ in self._special

    @cached_property
    def _special(self) -> frozenset[int]:
        added = self._engine.get_added_tokens_decoder()
        return frozenset(id_ for id_, token in added.items() if token.special)

    @cached_property
    def vocabulary(self) -> tuple[str, ...]:
        entries: dict[str, int] = self._engine.get_vocab(with_added_tokens=True)
        words = [f"<{id_}>" for id_ in range(max(entries.values(), default=-1) + 1)]
        added = {token.content for token in self._engine.get_added_tokens_decoder().values()}
        for piece, id_ in entries.items():
            words[id_] = piece if piece in added else readable(piece, self._marks)
        return tuple(words)
