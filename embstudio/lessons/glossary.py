"""The glossary: what words mean, with their formula and source. Entries are data, in resources/glossary.toml."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import Any

from embstudio.base.resource_entries import load_entries, words


@dataclass(frozen=True)
class Entry:
    """term: as it is headed. aliases: other words for it. meaning: in plain words. formula, source: may be empty.

    see: other terms. kind: the room of the glossary it stands in.
    """

    term: str
    meaning: str
    aliases: tuple[str, ...] = ()
    formula: str = ""
    source: str = ""
    see: tuple[str, ...] = ()
    kind: str = ""


@dataclass(frozen=True)
class Glossary:
    """entries: by term, in the order of the alphabet."""

    entries: tuple[Entry, ...] = ()

    @cached_property
    def _by_name(self) -> dict[str, Entry]:
        found = {_plain(alias): entry for entry in self.entries for alias in entry.aliases}
        return {**found, **{_plain(entry.term): entry for entry in self.entries}}

    def find(self, name: str) -> Entry | None:
        """The entry of a term or one of its other names, whatever its case; a plural without its own entry is its
        singular's."""
        plain = _plain(name)
        for guess in (plain, plain.removesuffix("s"), plain.removesuffix("es")):
            if guess in self._by_name:
                return self._by_name[guess]
        return None

    def search(self, text: str) -> tuple[Entry, ...]:
        """Entries that begin with a text, then those that are called by it, then those that speak of it."""
        plain = _plain(text)
        if not plain:
            return self.entries
        ranks: list[tuple[int, Entry]] = []
        for entry in self.entries:
            names = [_plain(name) for name in (entry.term, *entry.aliases)]
            if any(name.startswith(plain) for name in names):
                ranks.append((0, entry))
            elif any(plain in name for name in names):
                ranks.append((1, entry))
            elif plain in _plain(entry.meaning):
                ranks.append((2, entry))
        return tuple(entry for _, entry in sorted(ranks, key=lambda each: each[0]))

    def advice(self, name: str) -> str:
        """What may have been meant."""
        close = get_close_matches(_plain(name), self._by_name, 1)
        if close:
            return f"Did you mean {self._by_name[close[0]].term}?"
        return "Write its entry in resources/glossary.toml, or take the brackets away."


def load_glossary(path: Path) -> Glossary:
    """Raises ResourceError, naming what is wrong."""
    entries = load_entries(path, "entry", _entry, "glossary")
    return Glossary(tuple(sorted(entries, key=lambda entry: entry.term.lower())))


def _entry(raw: dict[str, Any]) -> Entry:
    known = {"term", "meaning", "aliases", "formula", "source", "see", "kind"}
    if not raw.keys() <= known:
        raise ValueError(f"{raw.get('term')!r}: unknown {sorted(raw.keys() - known)}")
    return Entry(
        words(raw, "term"), words(raw, "meaning").strip(), tuple(map(str, raw.get("aliases", ()))),
        str(raw.get("formula", "")), str(raw.get("source", "")), tuple(map(str, raw.get("see", ()))),
        str(raw.get("kind", "")),
    )  # fmt: skip


def _plain(name: str) -> str:
    return " ".join(name.lower().replace("-", " ").split())
