"""Words in several sentences, as data: what to put into the page that compares them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from embstudio.base.resource_entries import load_entries, words


@dataclass(frozen=True)
class ContextExample:
    """A word, what to look for, and its sentences, each with the name of what the word means there."""

    word: str
    note: str
    sentences: tuple[tuple[str, str], ...]  # group, sentence


def load_context_examples(path: Path) -> tuple[ContextExample, ...]:
    """Read a contexts.toml. Raises ResourceError, naming what is wrong with it."""
    return load_entries(path, "word", _example, "example words")


def _example(raw: dict[str, Any]) -> ContextExample:
    word, note = words(raw, "word"), words(raw, "note")
    sentences = []
    for group in raw["group"]:
        name = words(group, "name")
        for sentence in group["sentences"]:
            if not isinstance(sentence, str) or word.lower() not in sentence.lower():
                raise ValueError(f"{word!r} is not in {sentence!r}")
            sentences.append((name, sentence))
    if len(sentences) < 2:
        raise ValueError(f"{word!r} needs two sentences at least")
    return ContextExample(word, note, tuple(sentences))
