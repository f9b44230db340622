"""The examples menu as data: groups of sentences, each with a note on what to look for."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from embstudio.base.errors import ResourceError

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
    try:
        with path.open("rb") as file:
            raw: dict[str, Any] = tomllib.load(file)
        return tuple(_group(entry) for entry in raw["group"])
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise ResourceError(
            "The example sentences could not be read.", where=str(path), detail=repr(error),
            advice="Reinstall embstudio, or correct what the details name.",
        ) from error  # fmt: skip


def _group(raw: dict[str, Any]) -> ExampleGroup:
    title, kinds = _words(raw, "title"), frozenset(map(str, raw.get("kinds", ())))
    if not kinds <= KINDS:
        raise ValueError(f"group {title!r}: unknown kinds {sorted(kinds - KINDS)}; known are {sorted(KINDS)}")
    examples = tuple(Example(_words(entry, "text"), _words(entry, "note")) for entry in raw["example"])
    if not examples:
        raise ValueError(f"group {title!r} is empty")
    return ExampleGroup(title, kinds, examples)


def _words(raw: dict[str, Any], key: str) -> str:
    value = raw[key]
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{key} must be words, not {value!r}")
    return value
