"""A JSON file that is a plain table of entries and their ids, as vocab.json is."""

from __future__ import annotations

import json
from pathlib import Path


def table_of(text: str) -> dict[str, int] | None:
    """The table that a file's text is; None if it is anything else."""
    try:
        entries = json.loads(text)
    except (ValueError, RecursionError):
        return None
    sound = isinstance(entries, dict) and entries and all(type(id_) is int and id_ >= 0 for id_ in entries.values())
    return entries if sound else None


def read_table(path: Path) -> dict[str, int] | None:
    """The table in a file; None if it is anything else, or cannot be read."""
    try:
        return table_of(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
