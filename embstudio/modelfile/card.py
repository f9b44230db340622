"""A model's card: what it is, how good it is, on what it was trained, under what licence. Reads card.toml only."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from embstudio.base.errors import ModelFileError

Sort = type | tuple[type, ...]


@dataclass(frozen=True)
class Figure:
    """One measured quality, with the split it was measured on."""

    name: str
    value: float
    unit: str
    split: str
    note: str


@dataclass(frozen=True)
class Check:
    """Figures stored at training time that an installation must reproduce: the first numbers of an output's last
    position for a text, worked out outside onnxruntime."""

    text: str
    ids: tuple[int, ...]
    output: str
    last: tuple[float, ...]
    tolerance: float


@dataclass(frozen=True)
class Card:
    """What the person is told of a bundled model."""

    title: str
    kind: str
    summary: str
    licence: str
    example_sentences: tuple[str, ...]
    labels: tuple[str, ...]
    max_tokens: int | None
    architecture: dict[str, str | int | float]
    data: tuple[dict[str, str], ...]
    training: dict[str, str | int | float]
    quality: tuple[Figure, ...]
    failures: tuple[tuple[str, str], ...]  # (text, what goes wrong)
    checks: tuple[Check, ...]


def load_card(path: Path) -> Card:
    """Read a card.toml. Raises ModelFileError, naming the field that is missing or of the wrong sort."""
    try:
        with path.open("rb") as file:
            raw: dict[str, Any] = tomllib.load(file)
        return _card(raw)
    except (OSError, KeyError, ValueError) as error:
        raise ModelFileError(
            "The model's card could not be read.", where=str(path), detail=repr(error),
            advice="Reinstall embstudio, or correct the field named in the details.",
        ) from error  # fmt: skip


def _card(raw: dict[str, Any]) -> Card:
    return Card(
        title=_text(raw, "title"),
        kind=_text(raw, "kind"),
        summary=_text(raw, "summary").strip(),
        licence=_text(raw, "licence"),
        example_sentences=_list(raw, "example_sentences", str, ()),
        labels=_list(raw, "labels", str, ()),
        max_tokens=_value(raw, "max_tokens", int) if "max_tokens" in raw else None,
        architecture=_table(raw, "architecture", (str, int, float)),
        data=tuple(_table({"data": entry}, "data", (str,)) for entry in _list(raw, "data", dict, ())),
        training=_table(raw, "training", (str, int, float)),
        quality=tuple(
            Figure(_text(figure, "name"), _number(figure, "value"), _text(figure, "unit", ""),
                   _text(figure, "split", ""), _text(figure, "note", ""))
            for figure in _list(raw, "quality", dict, ())
        ),
        failures=tuple((_text(each, "text"), _text(each, "note")) for each in _list(raw, "failure", dict, ())),
        checks=tuple(
            Check(_text(check, "text"), _list(check, "ids", int), _text(check, "output"),
                  tuple(map(float, _list(check, "last", (int, float)))), _number(check, "tolerance"))
            for check in _list(raw, "check", dict, ())
        ),
    )  # fmt: skip


def _value(table: Mapping[str, Any], field: str, sort: Sort, default: object = None) -> Any:
    """The field of a table, if it is of the right sort. Raises KeyError or ValueError, naming the field."""
    value = table[field] if default is None else table.get(field, default)
    if not isinstance(value, sort) or isinstance(value, bool):
        raise ValueError(f"{field} is of the wrong sort: {value!r}")
    return value


def _text(table: Mapping[str, Any], field: str, default: str | None = None) -> str:
    return str(_value(table, field, str, default))


def _number(table: Mapping[str, Any], field: str) -> float:
    return float(_value(table, field, (int, float)))


def _list(table: Mapping[str, Any], field: str, sort: Sort, default: tuple[()] | None = None) -> tuple[Any, ...]:
    return tuple(_value({field: entry}, field, sort) for entry in _value(table, field, (list, tuple), default))


def _table(table: Mapping[str, Any], field: str, sort: Sort) -> dict[str, Any]:
    """A table of names and values; a date becomes its text."""
    entries = {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in _value(table, field, dict, {}).items()
    }
    return {name: _value(entries, name, sort) for name in entries}
