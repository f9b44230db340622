"""Words in several sentences, as data: what to put into the page that compares them."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from embstudio.base.errors import ResourceError


@dataclass(frozen=True)
class ContextExample:
    """A word, what to look for, and its sentences, each with the name of what the word means there."""

    word: str
    note: str
    sentences: tuple[tuple[str, str], ...]  # group, sentence


def load_context_examples(path: Path) -> tuple[ContextExample, ...]:
    """Read a contexts.toml. Raises ResourceError, naming what is wrong with it."""
    try:
        with path.open("rb") as file:
            raw: dict[str, Any] = tomllib.load(file)
        return tuple(_example(entry) for entry in raw["word"])
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise ResourceError(
            "The example words could not be read.", where=str(path), detail=repr(error),
            advice="Reinstall embstudio, or correct what the details name.",
        ) from error  # fmt: skip


def _example(raw: dict[str, Any]) -> ContextExample:
    word, note = _words(raw, "word"), _words(raw, "note")
    sentences = []
    for group in raw["group"]:
        name = _words(group, "name")
        for sentence in group["sentences"]:
            if not isinstance(sentence, str) or word.lower() not in sentence.lower():
                raise ValueError(f"{word!r} is not in {sentence!r}")
            sentences.append((name, sentence))
    if len(sentences) < 2:
        raise ValueError(f"{word!r} needs two sentences at least")
    return ContextExample(word, note, tuple(sentences))


def _words(raw: dict[str, Any], key: str) -> str:
    value = raw[key]
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{key} must be words, not {value!r}")
    return value
