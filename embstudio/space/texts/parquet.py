"""Parquet and Arrow tables, read by pyarrow as files of vectors are. Columns of lists are left out of the metadata."""

from __future__ import annotations

from typing import Any

from embstudio.base.errors import VectorFileError
from embstudio.space.files import arrow
from embstudio.space.texts.chosen import chosen
from embstudio.space.texts.texts import Texts


def matches(contents: bytes) -> bool:
    """Whether a file begins as such a table does."""
    return arrow.matches(contents[:8])


def read(contents: bytes, where: str, column: str | None) -> Texts:
    """Raises VectorFileError: pyarrow missing, damaged, no such column, or one that holds no text."""
    pa = arrow.pyarrow(where)
    table = _table(pa, contents, where)
    texts = [field.name for field in table.schema if _is_text(pa, field.type)]
    if column is not None and column in table.schema.names and column not in texts:
        raise VectorFileError(
            f"The column {column!r} holds no text, but {table.schema.field(column).type}.", where=where,
            advice=f"Columns of text: {', '.join(texts) or 'none'}.",
        )  # fmt: skip
    wanted = chosen(texts, column, where)
    names = [field.name for field in table.schema if not pa.types.is_nested(field.type) and field.name != wanted]
    metadata = {name: _texts(table.column(name)) for name in names}
    return Texts.of(_texts(table.column(wanted)), metadata, f"column {wanted} of {where}")


def names(contents: bytes, where: str) -> tuple[str, ...]:
    """Of the columns of text. Raises VectorFileError: pyarrow missing, damaged."""
    pa = arrow.pyarrow(where)
    return tuple(field.name for field in _table(pa, contents, where).schema if _is_text(pa, field.type))


def _table(pa: Any, contents: bytes, where: str) -> Any:
    source = pa.BufferReader(contents)
    try:
        if contents.startswith(b"PAR1"):
            return pa.parquet.read_table(source)
        if contents.startswith(b"ARROW1"):
            return pa.ipc.open_file(source).read_all()
        return pa.ipc.open_stream(source).read_all()
    except (pa.ArrowException, ValueError, TypeError, EOFError, MemoryError, OverflowError, OSError) as error:
        raise VectorFileError(
            "This file cannot be read.", where=where, detail=str(error), advice="Copy or download it again.",
        ) from error  # fmt: skip


def _is_text(pa: Any, kind: Any) -> bool:
    types = pa.types
    kind = kind.value_type if types.is_dictionary(kind) else kind
    return bool(types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind))


def _texts(column: Any) -> list[str]:
    return ["" if value is None else str(value) for value in column.to_pylist()]
