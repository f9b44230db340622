"""A tokenizer.json as the model's reader of text: what a person typed becomes tokens with their places in it.

Three forms of one token, never mixed up:
piece       the vocabulary's own entry: "Ġdog", "▁dog", "##ing", "<0x0A>";
word        the text that entry stands for, its leading space kept: " dog", "##ing", "⏎" (`Tokenizer.words`);
Token.text  the part of *this* sentence it covers, without spaces around it: "dog". Token.span says where; whether
            the space before belongs to the span is the tokenizer's own choice. A token of nothing but spaces shows
            "␣". Where one character takes several tokens (an emoji in byte-level BPE) each shows it with its turn:
            "🙂[1/3]".
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import Any

import tokenizers

from embstudio.base.errors import TokenizerError
from embstudio.trace.token import Token

_FILE_NAME = "tokenizer.json"
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_VISIBLE = str.maketrans({"\n": "⏎", "\r": "␍", "\t": "⇥"})


def find_tokenizer(model_path: Path) -> Path | None:
    """The tokenizer.json beside a model, or one folder up (the layout onnx/model.onnx); None if there is neither."""
    for folder in (model_path.parent, model_path.parent.parent):
        if (folder / _FILE_NAME).is_file():
            return folder / _FILE_NAME
    return None


class Tokenizer:
    """Text to tokens by the `tokenizers` library, special tokens added, nothing cut off and nothing padded.

    path:  the file.
    kind:  "BPE", "WordPiece", "WordLevel" or "Unigram".
    notes: plain sentences: what the file asked for that is switched off here.
    """

    def __init__(self, path: Path, engine: Any, settings: dict[str, Any]) -> None:
        self.path = path
        self.kind: str = type(engine.model).__name__
        self._engine = engine
        self._settings = settings
        self.notes = self._switch_off_cutting_and_padding()

    @classmethod
    def open(cls, path: Path) -> Tokenizer:
        """Read a tokenizer.json. Raises TokenizerError: missing, unreadable, or not a tokenizer."""
        try:
            text = path.read_text(encoding="utf-8")
            settings = json.loads(text)
        except FileNotFoundError as error:
            raise TokenizerError(
                "There is no such tokenizer file.", where=str(path),
                advice="Choose the tokenizer.json that belongs to the model.",
            ) from error  # fmt: skip
        except OSError as error:
            raise TokenizerError(
                "The tokenizer file could not be read.", where=str(path), detail=str(error),
                advice="Choose a file, not a folder, that you may read.",
            ) from error  # fmt: skip
        except (ValueError, RecursionError) as error:
            raise _not_a_tokenizer(path, str(error)) from error
        if not isinstance(settings, dict) or not isinstance(settings.get("model"), dict):
            raise _not_a_tokenizer(path, "It has no entry named model.")
        try:
            engine = tokenizers.Tokenizer.from_str(text)
        except Exception as error:
            # The library raises bare Exception for every file it does not accept.
            raise _not_a_tokenizer(path, str(error)) from error
        return cls(path, engine, settings)

    @classmethod
    def find(cls, model_path: Path, given: Path | None = None) -> Tokenizer | None:
        """The tokenizer that is given, or lies where `find_tokenizer` looks; None if there is none there.

        Raises TokenizerError as `open` does.
        """
        path = given or find_tokenizer(model_path)
        return cls.open(path) if path else None

    def _switch_off_cutting_and_padding(self) -> tuple[str, ...]:
        notes = []
        if self._engine.truncation is not None:
            length = self._engine.truncation.get("max_length")
            self._engine.no_truncation()
            notes.append(f"The tokenizer asks to cut texts off after {length} tokens; that is switched off here.")
        if self._engine.padding is not None:
            self._engine.no_padding()
            notes.append("The tokenizer asks to pad texts with empty tokens; that is switched off here.")
        return tuple(notes)

    def encode(self, text: str) -> tuple[Token, ...]:
        """The tokens of a text, those the tokenizer adds included. Empty text gives the added ones alone, or none.

        Halves of surrogate pairs, which are no characters, count as U+FFFD.
        """
        text = _LONE_SURROGATE.sub("\ufffd", text)
        encoding = self._engine.encode(text)
        offsets: list[tuple[int, int]] = encoding.offsets
        shared = _turns(offsets)
        tokens = []
        for place, (id_, piece, special) in enumerate(
            zip(encoding.ids, encoding.tokens, encoding.special_tokens_mask, strict=True)
        ):
            start, end = offsets[place]
            span = (start, end) if end > start and not special else None
            shown = self._shown(text[start:end], *shared[place]) if span else self._readable(piece).strip() or piece
            tokens.append(Token(shown, piece, id_, span, bool(special), id_ == self.unk_id))
        return tuple(tokens)

    def tokens(self, ids: Iterable[int]) -> tuple[Token, ...]:
        """Tokens for ids that come without a text; an id the vocabulary lacks shows as its number, "<1234>"."""
        tokens = []
        for id_ in ids:
            piece = self._engine.id_to_token(id_) if 0 <= id_ < len(self._words) else None
            shown = f"<{id_}>" if piece is None else self._words[id_].strip() or str(piece)
            tokens.append(Token(shown, piece or "", id_, None, id_ in self._special, id_ == self.unk_id))
        return tuple(tokens)

    @cached_property
    def _special(self) -> frozenset[int]:
        added = self._engine.get_added_tokens_decoder()
        return frozenset(id_ for id_, token in added.items() if token.special)

    @staticmethod
    def _shown(covered: str, turn: int, turns: int) -> str:
        shown = covered.strip() or covered.replace(" ", "␣").translate(_VISIBLE)
        return f"{shown}[{turn}/{turns}]" if turns > 1 else shown

    def piece(self, id_: int) -> str:
        """The vocabulary's own entry. Raises KeyError if it has none of that id."""
        piece = self._engine.id_to_token(id_)
        if piece is None:
            raise KeyError(id_)
        return str(piece)

    @cached_property
    def _words(self) -> tuple[str, ...]:
        entries: dict[str, int] = self._engine.get_vocab(with_added_tokens=True)
        words = [f"<{id_}>" for id_ in range(max(entries.values(), default=-1) + 1)]
        added = {token.content for token in self._engine.get_added_tokens_decoder().values()}
        for piece, id_ in entries.items():
            words[id_] = piece if piece in added else self._readable(piece)
        return tuple(words)

    def words(self) -> list[str]:
        """The text every id stands for, by id; an id without an entry shows as its number, "<1234>"."""
        return list(self._words)

    @property
    def size(self) -> int:
        """Number of ids: the largest id and one."""
        return len(self._words)

    @cached_property
    def unk_id(self) -> int | None:
        """The id of what stands for the unknown, where the tokenizer has one."""
        if self.kind == "Unigram":
            given = self._settings["model"].get("unk_id")
            return given if isinstance(given, int) else None
        name = self._settings["model"].get("unk_token")
        found: int | None = self._engine.token_to_id(name) if isinstance(name, str) else None
        return found

    @cached_property
    def _marks(self) -> str:
        """How pieces write spaces: "bytes" (byte-level BPE), "metaspace" (▁) or "" (not at all)."""
        parts = [self._settings.get(part) for part in ("pre_tokenizer", "decoder", "normalizer")]
        written = json.dumps(parts, ensure_ascii=False)
        if '"ByteLevel"' in written:
            return "bytes"
        return "metaspace" if "▁" in written or '"Metaspace"' in written else ""

    def _readable(self, piece: str) -> str:
        text = piece
        if self._marks == "bytes" and all(character in _BYTE_OF for character in piece):
            raw = bytes(_BYTE_OF[character] for character in piece)
            try:
                text = raw.decode("utf-8")
            except UnicodeDecodeError:
                return "".join(f"<0x{byte:02X}>" for byte in raw)  # a part of a character
        elif self._marks == "metaspace":
            text = piece.replace("▁", " ")
        if text.isspace():
            text = text.replace(" ", "␣")
        return text.translate(_VISIBLE)


def _not_a_tokenizer(path: Path, detail: str) -> TokenizerError:
    return TokenizerError(
        "This is not a tokenizer.json that can be read.", where=str(path), detail=detail,
        advice="Choose the file tokenizer.json that was saved with the model (a “fast” tokenizer).",
    )  # fmt: skip


def _turns(offsets: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """For each token its turn among the neighbours that cover the very same characters: (1, 1) for most."""
    turns: list[tuple[int, int]] = []
    place = 0
    while place < len(offsets):
        end = place + 1
        while end < len(offsets) and offsets[end] == offsets[place]:
            end += 1
        count = end - place
        turns += [(turn, count) for turn in range(1, count + 1)]
        place = end
    return turns


def _byte_alphabet() -> dict[str, int]:
    """GPT-2's alphabet of visible characters, one a byte (its encoder.py, `bytes_to_unicode`), turned round."""
    visible = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    alphabet = {chr(byte): byte for byte in visible}
    hidden = (byte for byte in range(256) if byte not in visible)
    return alphabet | {chr(256 + place): byte for place, byte in enumerate(hidden)}


_BYTE_OF = _byte_alphabet()
