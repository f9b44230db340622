"""JSON lines: an object on each line, whose entries are the columns."""

from __future__ import annotations

import json
from typing import Any

from embstudio.base.errors import VectorFileError
from embstudio.space.texts.chosen import chosen
from embstudio.space.texts.texts import Texts

_LOOKED_AT = 200  # lines that the names of the columns are taken from


def matches(text: str) -> bool:
    """Whether the first line that is not blank is an object."""
    first = next((line for line in text[: 1 << 20].split("\n") if line.strip()), "")
    if not first.lstrip().startswith("{"):
        return False
    try:
        return isinstance(json.loads(first), dict)
    except (ValueError, RecursionError):
        return False


def read(text: str, where: str, column: str | None) -> Texts:
    """Raises VectorFileError: a line that is no object, a text that is none, no such column."""
    rows = [_row(line, f"{where}, line {number}") for number, line in enumerate(text.split("\n"), 1) if line.strip()]
    names = list(dict.fromkeys(name for row in rows for name in row))
    wanted = chosen(names, column, where)
    columns = {name: [_text(row.get(name)) for row in rows] for name in names}
    return Texts.of(columns.pop(wanted), columns, f"{wanted} of {where}")


def names(text: str) -> tuple[str, ...]:
    """Of the columns that the first lines have."""
    lines = [line for line in text[: 1 << 20].split("\n") if line.strip()]
    whole = lines[:-1] if len(text) > 1 << 20 and len(lines) > 1 else lines
    rows = [_row(line, f"line {number}") for number, line in enumerate(whole[:_LOOKED_AT], 1)]
    return tuple(dict.fromkeys(name for row in rows for name in row))


def _row(line: str, where: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise VectorFileError("This line is no JSON.", where=where, detail=str(error), advice="Mend it.") from error
    if not isinstance(row, dict):
        raise VectorFileError("This line is no JSON object.", where=where, advice='Write {"text": "…"}.')
    return row


def _text(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
