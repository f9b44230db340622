"""SentencePiece's *.model files (Kudo & Richardson 2018), cut by SentencePiece itself.

What stands around the pieces (frames, shifted ids, added tokens) is the model family's, as tokenizer_config.json or
config.json tells; where they are silent, the file's own special tokens tell, and a note says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

from embstudio.base.errors import TokenizerError
from embstudio.modelfile.tokenizer import Piece, Tokenizer
from embstudio.modelfile.tokenizing.frames import BARE, BERT, T5, Frame, frame_of, framed, untold
from embstudio.modelfile.tokenizing.piece_numbers import ids_of_pieces
from embstudio.modelfile.tokenizing.plain_text import Prepared, prepared
from embstudio.modelfile.tokenizing.readable import readable
from embstudio.modelfile.tokenizing.roles import content_of
from embstudio.modelfile.tokenizing.settings import ROLES, TokenizerSettings
from embstudio.modelfile.tokenizing.vocabulary_table import read_table

Span = tuple[int, int] | None

# Families that change a text before SentencePiece sees it.
_PREPARED = ("albert", "xlnet", "fnet")
# ModelProto{normalizer_spec{add_dummy_prefix: false}}: put after a model, protobuf merges the two.
_NO_BLANK_BEFORE = b"\x1a\x02\x18\x00"


class SentencePieceTokenizer(Tokenizer):
    """processor: of the model whose bytes are `contents`. table: ids by piece, where they are not SentencePiece's."""

    def __init__(
        self, path: Path, contents: bytes, processor: Any, settings: TokenizerSettings,
        table: dict[str, int] | None = None,
    ) -> None:  # fmt: skip
        self.path = path
        self.kind = "SentencePiece"
        self._contents = contents
        self._processor = processor
        self._settings = settings
        own = [processor.id_to_piece(number) for number in range(processor.get_piece_size())]
        unknown = processor.unk_id()
        self._ids, self._beside = ids_of_pieces(own, unknown, settings, table)
        self.unk_id = self._ids[unknown] if 0 <= unknown < len(own) else None
        pieces = dict(table or zip(own, self._ids, strict=True))
        named = (content_of(role.removesuffix("_token"), settings, pieces, frame_of(settings)) for role in ROLES)
        self._beside |= {
            content: pieces[content] for content in named if content in pieces and content not in self._beside
        }
        self._of_content = pieces | self._beside
        frame, doubts = self._choose_frame()
        self._roles = {role: self._role(role, frame) for role in frame.roles}
        missing = [role for role, id_ in self._roles.items() if id_ is None]
        if missing:
            lacking = ", ".join(sorted(missing))
            doubts += (f"No tokens are put around a text: nothing says which is the one for {lacking}.",)
        self.notes = self.doubts = doubts
        self._frame = BARE if missing else frame

    def _choose_frame(self) -> tuple[Frame, tuple[str, ...]]:
        told = frame_of(self._settings)
        if told is not None:
            return told, ()
        sp = self._processor
        if {"[CLS]", "[SEP]"} <= self._of_content.keys():
            frame, around = BERT, "[CLS] and [SEP]"
        elif sp.pad_id() == 0 and sp.eos_id() > 0 and sp.bos_id() < 0:
            frame, around = T5, "an end, as in T5"
        elif sp.bos_id() > 0:
            frame, around = framed(True, False), "a beginning, as in Llama"
        else:
            frame, around = BARE, "none"
        return frame, (f"{untold(self._settings, self.path.name)}; what stands around one is taken to be {around}.",)

    def _role(self, role: str, frame: Frame) -> int | None:
        if role == "language":
            return self._of_content.get(self._language)
        own = {"bos": self._processor.bos_id, "eos": self._processor.eos_id}.get(role)
        named = self._settings.token(f"{role}_token")
        if not named and own is not None and own() > 0:
            return self._ids[int(own())]
        return self._of_content.get(content_of(role, self._settings, self._of_content, frame))

    @property
    def _language(self) -> str:
        given = self._settings.entries.get("src_lang")
        return given if isinstance(given, str) else "eng_Latn" if self._settings.family == "nllb" else "en_XX"

    def pieces(self, text: str, second: str | None = None) -> Iterator[Piece]:
        texts = {"A": text, "B": second or ""}
        for part, segment in self._frame.parts(second is not None):
            if part in texts:
                yield from self._cut(texts[part], "AB".index(part), segment)
            else:
                id_ = self._roles[part]
                assert id_ is not None  # frames with a missing token were left out
                yield Piece(id_, self.piece(id_), None, 0, segment, special=True)

    def _cut(self, text: str, sequence: int, segment: int) -> Iterator[Piece]:
        """The pieces of a text in which added tokens are found whole, the longest first."""
        start = 0
        for found in self._added.finditer(text) if self._added else ():
            yield from self._run(text, start, found.start(), sequence, segment)
            span = (found.start(), found.end())
            yield Piece(self._of_content[found[0]], found[0], span, sequence, segment)
            start = found.end()
        yield from self._run(text, start, len(text), sequence, segment)

    def _run(self, text: str, start: int, end: int, sequence: int, segment: int) -> Iterator[Piece]:
        """The pieces of a stretch without added tokens."""
        legacy = self._settings.flag("legacy") is not False
        stretch = (
            prepared(text[start:end], self._settings)
            if self._settings.family in _PREPARED
            else Prepared(text[start:end])
        )
        if not stretch.text:
            return
        if legacy and start > 0:
            stretch = stretch.stripped()
        for number, piece, span in (
            self._inside(stretch.text) if start > 0 and not legacy else self._whole(stretch.text)
        ):
            place = stretch.place(*span) if span else None
            shifted = (place[0] + start, place[1] + start) if place else None
            yield Piece(self._ids[number], piece, shifted, sequence, segment)

    def _whole(self, text: str) -> list[tuple[int, str, Span]]:
        """(SentencePiece's number, piece, span) of a text that stands alone."""
        cut = self._processor.encode(text, return_type="offset_mapping")
        return list(zip(cut["ids"], cut["pieces"], _widened(cut["offsets"], cut["pieces"]), strict=True))

    def _inside(self, text: str) -> list[tuple[int, str, Span]]:
        """The same of a text that follows a special token: no blank is put before it, and one that is there counts.
        For that, transformers has it follow something unknown (its T5Tokenizer._tokenize)."""
        lead = self._processor.id_to_piece(self._processor.unk_id())
        leading = len(self._inner.encode(lead))
        cut = self._inner.encode(lead + text, return_type="offset_mapping")
        spans = [
            span and (span[0] - len(lead), span[1] - len(lead)) for span in _widened(cut["offsets"], cut["pieces"])
        ]
        return list(zip(cut["ids"], cut["pieces"], spans, strict=True))[leading:]

    @cached_property
    def _inner(self) -> Any:
        """The processor that puts no blank before a text: for what follows a special token, where that is asked for."""
        import sentencepiece

        return sentencepiece.SentencePieceProcessor(model_proto=self._contents + _NO_BLANK_BEFORE)

    @cached_property
    def _added(self) -> re.Pattern[str] | None:
        contents = sorted((content for content in self._beside if content), key=len, reverse=True)
        return re.compile("|".join(map(re.escape, contents))) if contents else None

    @cached_property
    def vocabulary(self) -> tuple[str, ...]:
        words = [f"<{id_}>" for id_ in range(max(self._of_content.values()) + 1)]
        for content, id_ in self._of_content.items():
            words[id_] = content if content in self._beside else readable(content, "metaspace")
        return tuple(words)

    @cached_property
    def _content_of(self) -> dict[int, str]:
        return {id_: content for content, id_ in self._of_content.items()}

    def piece(self, id_: int) -> str:
        return self._content_of[id_]

    def is_special(self, id_: int) -> bool:
        content = self._content_of.get(id_, "")
        return (content in self._beside and content not in self._settings.plain) or id_ in self._control

    @cached_property
    def _control(self) -> frozenset[int]:
        return frozenset(id_ for number, id_ in enumerate(self._ids) if self._processor.is_control(number))


def _widened(offsets: list[tuple[int, int]], pieces: list[str]) -> list[Span]:
    """Spans of pieces. Where one character became several pieces, SentencePiece gives it to the last: give it to all.
    A blank that is not in the text has none."""
    spans: list[Span] = []
    following: tuple[int, int] | None = None
    for (start, end), piece in zip(reversed(offsets), reversed(pieces), strict=True):
        if end > start:
            following = (start, end)
            spans.append(following)
        else:
            belongs = following is not None and following[0] == start and piece != "▁"
            spans.append(following if belongs else None)
    return spans[::-1]


def open_sentence_piece(path: Path, contents: bytes) -> SentencePieceTokenizer:
    """The tokenizer of a SentencePiece model and the settings beside it. Raises TokenizerError: damaged or no such
    model."""
    import sentencepiece  # few models need it, and it takes a while

    settings, table = TokenizerSettings.beside(path), _table_beside(path)
    try:
        processor = sentencepiece.SentencePieceProcessor(model_proto=contents)
        if not contents or not processor.get_piece_size():
            raise ValueError("It holds no pieces.")
        return SentencePieceTokenizer(path, contents, processor, settings, table)
    except (RuntimeError, ValueError) as error:  # ValueError: pieces that are not text, too
        raise TokenizerError(
            "This is not a SentencePiece model.", where=str(path), detail=str(error)[:300],
            advice="Choose the file (spiece.model, tokenizer.model) that was saved with the model.",
        ) from error  # fmt: skip


def _table_beside(path: Path) -> dict[str, int] | None:
    """Marian's models come as source.spm and target.spm, with the ids of both in one vocab.json."""
    if path.suffix != ".spm":
        return None
    table = read_table(path.with_name("vocab.json"))
    if table is None or "<unk>" not in table:
        raise TokenizerError(
            "A .spm file needs the model's vocab.json beside it, and that could not be read.", where=str(path),
            advice="Copy both files from where the model came from.",
        )  # fmt: skip
    return table
