"""The examples menu as data: groups of sentences, each with a note on what to look for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from embstudio.base.resource_entries import load_entries, words

KINDS = frozenset({"sentiment", "next word", "masked word", "word vectors", "sentence vectors", "toy"})


@dataclass(frozen=True)
class Example:
    """A sentence worth stepping through, and what to look for in it."""

    text: str
    note: str


@dataclass(frozen=True)
class ExampleGroup:
    """Sentences under one heading. `kinds`: the kinds of model (a card's `kind`) they suit; empty suits all."""

    title: str
    kinds: frozenset[str]
    examples: tuple[Example, ...]

    def suits(self, kind: str) -> bool:
        """Whether to offer the group for a model of this kind; "" is a model we know nothing of and takes all."""
        return not kind or not self.kinds or kind in self.kinds


def load_examples(path: Path) -> tuple[ExampleGroup, ...]:
    """Read an examples.toml. Raises ResourceError, naming what is wrong with it."""
    return load_entries(path, "group", _group, "example sentences")


def _group(raw: dict[str, Any]) -> ExampleGroup:
    title, kinds = words(raw, "title"), frozenset(map(str, raw.get("kinds", ())))
    if not kinds <= KINDS:
        raise ValueError(f"group {title!r}: unknown kinds {sorted(kinds - KINDS)}; known are {sorted(KINDS)}")
    examples = tuple(Example(words(entry, "text"), words(entry, "note")) for entry in raw["example"])
    if not examples:
        raise ValueError(f"group {title!r} is empty")
    return ExampleGroup(title, kinds, examples)
