"""A table of a lesson's file, read key by key: what is missing, misspelt or of a wrong sort is said with its place."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from embstudio.lessons.formula import Formula, FormulaError, read_formula
from embstudio.lessons.lesson import Expected
from embstudio.lessons.lesson_error import LessonError
from embstudio.lessons.prose import Prose, read_prose
from embstudio.lessons.whereabouts import Path as Key
from embstudio.lessons.whereabouts import Whereabouts


class Table:
    """raw: as TOML has it. key: where it stands. Every reader raises LessonError; `finish` does for keys nobody asked
    for."""

    def __init__(self, raw: dict[str, Any], key: Key, path: Path, places: Whereabouts) -> None:
        self._raw, self.key = raw, key
        self._path, self._places = path, places
        self._asked: set[str] = set()

    def __contains__(self, name: str) -> bool:
        return name in self._raw

    def error(self, what: str, name: str = "", advice: str = "", fragment: str = "") -> LessonError:
        """An error about a key, or about the table itself."""
        line, column = self._places.of((*self.key, *([name] if name else [])), fragment)
        return LessonError(what, self._path, line, column, advice=advice)

    def at(self, key: Key) -> Table:
        """An empty table that stands elsewhere in the file, for what is wrong there."""
        return Table({}, key, self._path, self._places)

    def text(self, name: str, default: str | None = None) -> str:
        value = self._value(name, default)
        if not isinstance(value, str) or (default is None and not value.strip()):
            raise self.error(f"{name} must be a text.", name, f'Write {name} = "…".')
        return value

    def prose(self, name: str, *, optional: bool = False) -> Prose:
        return read_prose(self.text(name, "" if optional else None))

    def whole(self, name: str, default: int | None = None) -> int | None:
        value = self._value(name, -1) if name in self._raw else default
        if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < 0):
            raise self.error(f"{name} must be a whole number, 0 or larger.", name)
        return value

    def number(self, name: str) -> float:
        value = self._value(name)
        if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
            raise self.error(f"{name} must be a number.", name)
        return float(value)

    def texts(self, name: str) -> tuple[str, ...]:
        """Of a list of texts, or of one alone; () where the key is not there."""
        value = self._value(name, [])
        entries = [value] if isinstance(value, str) else value
        if not isinstance(entries, list) or not all(isinstance(entry, str) and entry.strip() for entry in entries):
            raise self.error(f"{name} must be a list of texts.", name, f'Write {name} = ["…", "…"].')
        return tuple(entries)

    def list(self, name: str) -> list[Any]:
        value = self._value(name, [])
        if not isinstance(value, list):
            raise self.error(f"{name} must be a list.", name, f"Write {name} = […].")
        return value

    def any(self, name: str) -> Any:
        return self._value(name)

    def expected(self, name: str) -> Expected:
        """A number, a text, true or false, or lists of them."""
        return self.as_expected(self._value(name), name)

    def as_expected(self, value: object, name: str) -> Expected:
        if isinstance(value, list):
            return tuple(self.as_expected(each, name) for each in value)
        if isinstance(value, bool | str):
            return value
        if isinstance(value, int | float) and math.isfinite(value):
            return float(value)
        raise self.error(f"What {name} should come to must be a number, a text, true, false, or a list.", name)

    def formula(self, text: object, name: str) -> Formula:
        if not isinstance(text, str):
            raise self.error(
                f"{name} must be a formula, written as a text.", name, f'For example {name} = "0.8 ** 10".'
            )
        try:
            return read_formula(text)
        except FormulaError as error:
            near = text.strip()[error.at : error.at + 12]
            raise self.error(f"{error.what} {text.strip()[: error.at]}▸{near}", name, error.advice, near) from error

    def table(self, name: str) -> Table | None:
        """A table within; None where it is not there."""
        if name not in self._raw:
            return None
        return self._table(self._value(name), name)

    def tables(self, name: str) -> Iterator[tuple[str, Table]]:
        """The tables within a table, by their names."""
        inner = self.table(name)
        if inner is not None:
            yield from ((key, inner._table(inner._value(key), key)) for key in inner.keys)

    def array(self, name: str) -> Iterator[Table]:
        """The tables of an array, in order."""
        for place, entry in enumerate(self.list(name)):
            if not isinstance(entry, dict):
                raise self.error(f"{name} must be a list of tables.", name)
            yield Table(entry, (*self.key, name, place), self._path, self._places)

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(self._raw)

    def finish(self) -> None:
        """Raises LessonError for the first key that nobody asked for."""
        self.expect(self._asked)

    def expect(self, known: Collection[str]) -> None:
        """Raises LessonError for the first key that is none of some."""
        for name in self._raw:
            if name not in known:
                close = get_close_matches(name, known, 1)
                there = f"Did you mean {close[0]}?" if close else f"There are {', '.join(sorted(known))}."
                raise self.error(f"There is no {name} here.", name, there)

    def _table(self, value: object, name: str) -> Table:
        if not isinstance(value, dict):
            raise self.error(f"{name} must be a table.", name)
        return Table(value, (*self.key, name), self._path, self._places)

    def _value(self, name: str, default: object = None) -> Any:
        self._asked.add(name)
        if name in self._raw:
            return self._raw[name]
        if default is None:
            raise self.error(f"{name} is missing.", "", f"Write {name} = …")
        return default
