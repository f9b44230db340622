"""Files of the program's own that hold a list of entries: TOML with an array of tables."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from embstudio.base.errors import ResourceError

E = TypeVar("E")


def load_entries(path: Path, name: str, make: Callable[[dict[str, Any]], E], said: str) -> tuple[E, ...]:
    """What `make` makes of each table ``[[name]]`` of a file. said: what the file holds, for people.

    Raises ResourceError, naming what is wrong, where the file or an entry of it cannot be read.
    """
    try:
        with path.open("rb") as file:
            raw: dict[str, Any] = tomllib.load(file)
        return tuple(make(entry) for entry in raw[name])
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise ResourceError(
            f"The {said} could not be read.", where=str(path), detail=repr(error),
            advice="Reinstall embstudio, or correct what the details name.",
        ) from error  # fmt: skip


def words(raw: dict[str, Any], key: str) -> str:
    """An entry's words under a key. Raises KeyError or ValueError where there are none."""
    value = raw[key]
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{key} must be words, not {value!r}")
    return value
