"""tokenizer.json: everything about a tokenizer in one file, as the `tokenizers` library writes it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import tokenizers

from embstudio.base.errors import TokenizerError
from embstudio.modelfile.tokenizing.library import LibraryTokenizer

FILE_NAME = "tokenizer.json"


def open_tokenizer_json(path: Path, text: str) -> LibraryTokenizer:
    """The tokenizer that the contents of a file describe. Raises TokenizerError: not a tokenizer."""
    try:
        settings = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise not_a_tokenizer(path, str(error)) from error
    if not isinstance(settings, dict) or not isinstance(settings.get("model"), dict):
        raise not_a_tokenizer(path, "It has no entry named model.")
    try:
        engine = tokenizers.Tokenizer.from_str(text)
    except Exception as error:
        # The library raises bare Exception for every file it does not accept.
        raise not_a_tokenizer(path, str(error)) from error
    return LibraryTokenizer(path, engine, _marks(settings), _unknown(settings, engine))


def not_a_tokenizer(path: Path, detail: str) -> TokenizerError:
    """What to say of a file that is no tokenizer.json."""
    return TokenizerError(
        "This is not a tokenizer.json that can be read.", where=str(path), detail=detail,
        advice="Choose the file tokenizer.json that was saved with the model (a “fast” tokenizer).",
    )  # fmt: skip


def _unknown(settings: dict[str, Any], engine: Any) -> int | None:
    if settings["model"].get("type") == "Unigram":
        given = settings["model"].get("unk_id")
        return given if isinstance(given, int) else None
    name = settings["model"].get("unk_token")
    found: int | None = engine.token_to_id(name) if isinstance(name, str) else None
    return found


def _marks(settings: dict[str, Any]) -> str:
    parts = [settings.get(part) for part in ("pre_tokenizer", "decoder", "normalizer")]
    written = json.dumps(parts, ensure_ascii=False)
    if '"ByteLevel"' in written:
        return "bytes"
    return "metaspace" if "▁" in written or '"Metaspace"' in written else ""
