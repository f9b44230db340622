"""Where in a TOML file a key stands. Python's own reader tells that of faults in the syntax only."""

from __future__ import annotations

import re

Path = tuple[str | int, ...]
Place = tuple[int, int]

_KEY = r"""(?:[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*')"""
_DOTTED = rf"{_KEY}(?:\s*\.\s*{_KEY})*"
_TABLES = re.compile(rf"\s*\[\[\s*({_DOTTED})\s*\]\]")
_TABLE = re.compile(rf"\s*\[\s*({_DOTTED})\s*\]\s*(?:#.*)?$")
_ENTRY = re.compile(rf"\s*({_DOTTED})\s*=")
_PART = re.compile(_KEY)
_QUOTES = ('"""', "'''")


class Whereabouts:
    """Keys by their path, ("step", 2, "show", "model"), entries of arrays of tables counted from 0."""

    def __init__(self, source: str) -> None:
        self._lines = source.splitlines()
        self._known: dict[Path, int] = {(): 0}  # path → number of the line, from 0
        self._counts: dict[Path, int] = {}
        self._read()

    def of(self, path: Path, fragment: str = "") -> Place:
        """Line and column, from 1, of the nearest key to a path that is known, or of a fragment of what it holds."""
        while path not in self._known:
            path = path[:-1]
        line = self._known[path]
        text = self._lines[line] if self._lines else ""
        column = len(text) - len(text.lstrip())
        if fragment:
            first = fragment.splitlines()[0]
            for at in range(line, len(self._lines)):
                found = self._lines[at].find(first, text.find("=") + 1 if at == line else 0)
                if found >= 0:
                    return at + 1, found + 1
        return line + 1, column + 1

    def _read(self) -> None:
        header: Path = ()
        closing = ""  # what ends the text over several lines that we are in
        for number, line in enumerate(self._lines):
            if closing:
                if closing in line:
                    closing = ""
                continue
            if found := _TABLES.match(line):
                path = self._resolved(found[1])
                place = self._counts.get(path, -1) + 1
                self._counts[path] = place
                self._known.setdefault(path, number)
                header = (*path, place)
                self._known[header] = number
            elif found := _TABLE.match(line):
                header = self._resolved(found[1])
                self._known.setdefault(header, number)
            elif found := _ENTRY.match(line):
                self._known.setdefault((*header, *_parts(found[1])), number)
                closing = _opened(line[found.end() :])

    def _resolved(self, dotted: str) -> Path:
        """A header's path, with the number of the newest entry behind each array of tables but the last part."""
        path: Path = ()
        parts = _parts(dotted)
        for place, part in enumerate(parts):
            path = (*path, part)
            if place < len(parts) - 1 and path in self._counts:
                path = (*path, self._counts[path])
        return path


def _parts(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip("\"'") for part in _PART.findall(dotted))


def _opened(value: str) -> str:
    """The quotes that a value opens and does not close on its line."""
    for quotes in _QUOTES:
        if value.count(quotes) % 2:
            return quotes
    return ""
