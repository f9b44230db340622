"""Frozen dataclasses as plain data for JSON, and back by their own type hints."""

from __future__ import annotations

import types
from dataclasses import fields, is_dataclass
from functools import lru_cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")


def as_plain(value: object) -> Any:
    """Dataclasses as dicts, tuples as lists; numbers, text, truth values and None as they are."""
    if is_dataclass(value):
        return {field.name: as_plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple | list):
        return [as_plain(each) for each in value]
    if isinstance(value, dict):
        return {name: as_plain(each) for name, each in value.items()}
    return value


def from_plain(kind: type[T], data: object) -> T:
    """The dataclass that `as_plain` took apart. Raises ValueError where the data is not of that shape."""
    found = _restored(kind, data)
    if not isinstance(found, kind):
        raise ValueError(f"not a {kind.__name__}: {data!r:.80}")
    return found


def _restored(kind: Any, data: object) -> object:
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return _one_of(inner, data)
    if origin is tuple:
        return _tuple(inner, data)
    if origin is dict:
        if not isinstance(data, dict):
            raise ValueError(f"a table is wanted, not {data!r:.80}")
        return {name: _restored(inner[1], each) for name, each in data.items()}
    if is_dataclass(kind):
        return _record(kind, data)
    if kind is float and type(data) is int:
        return float(data)
    if kind is type(None):
        kind = types.NoneType
    if type(data) is not kind:
        raise ValueError(f"a {kind.__name__} is wanted, not {data!r:.80}")
    return data


def _record(kind: Any, data: object) -> object:
    hints = _hints(kind)
    if not isinstance(data, dict) or set(data) != set(hints):
        raise ValueError(f"not a {kind.__name__}: {data!r:.80}")
    return kind(**{name: _restored(hint, data[name]) for name, hint in hints.items()})


@lru_cache(maxsize=64)
def _hints(kind: Any) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {field.name: hints[field.name] for field in fields(kind)}


def _one_of(kinds: tuple[Any, ...], data: object) -> object:
    for kind in kinds:
        try:
            return _restored(kind, data)
        except ValueError:
            continue
    raise ValueError(f"none of the possible kinds: {data!r:.80}")


def _tuple(inner: tuple[Any, ...], data: object) -> object:
    if not isinstance(data, list):
        raise ValueError(f"a list is wanted, not {data!r:.80}")
    if len(inner) == 2 and inner[1] is Ellipsis:
        return tuple(_restored(inner[0], each) for each in data)
    if len(inner) != len(data):
        raise ValueError(f"{len(inner)} entries are wanted, not {data!r:.80}")
    return tuple(_restored(kind, each) for kind, each in zip(inner, data, strict=True))
