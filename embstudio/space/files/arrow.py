"""Parquet and Arrow files (Feather is one), read and written by pyarrow, which comes with the extra `arrow`.

The vectors are a column of lists of numbers, or many columns of one number each.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, cast

import numpy as np

from embstudio.base.errors import VectorFileError
from embstudio.base.whole_file import write_whole
from embstudio.space.files.gathering import Gathering
from embstudio.space.files.reading import Reading
from embstudio.space.files.table_layout import vector_columns
from embstudio.space.vector_set import VectorSet

_PARQUET, _FILE, _STREAM, _FEATHER_1 = b"PAR1", b"ARROW1", b"\xff\xff\xff\xff", b"FEA1"
_TOGETHER = 4096  # rows


def matches(head: bytes) -> bool:
    """Whether a file begins as Parquet or Arrow does."""
    return head.startswith((_PARQUET, _FILE, _STREAM, _FEATHER_1))


def pyarrow(where: str) -> ModuleType:
    """The library, imported only now. Raises VectorFileError where it is not installed."""
    try:
        import pyarrow.compute
        import pyarrow.ipc
        import pyarrow.parquet
    except ImportError as error:
        raise VectorFileError(
            "Parquet and Arrow files need the package pyarrow, which is not installed.", where=where,
            advice="Install it with `pip install 'embstudio[arrow]'`, or save the vectors as .npz.", detail=str(error),
        ) from error  # fmt: skip
    return cast(ModuleType, pyarrow)


def read(reading: Reading) -> VectorSet:
    """Raises VectorFileError: pyarrow missing, damaged, no column of vectors, lists of different lengths."""
    if reading.head.startswith(_FEATHER_1):
        reading.fail("This is Feather of the first version, which is no longer in use.",
                     advice="Read it with an old pandas, and save it as Parquet.")  # fmt: skip
    pa = pyarrow(reading.place())
    try:
        with pa.memory_map(str(reading.path)) as file:
            return _read(reading, pa, file)
    except (pa.ArrowException, ValueError, TypeError, KeyError, EOFError, MemoryError, OverflowError, OSError) as error:
        reading.fail("This file cannot be read.", detail=str(error), advice="Copy or download it again.")


def _read(reading: Reading, pa: ModuleType, file: Any) -> VectorSet:
    if reading.head.startswith(_PARQUET):
        name, table = "Parquet", pa.parquet.ParquetFile(file)
        schema, total = table.schema_arrow, table.metadata.num_rows
        batches = table.iter_batches(batch_size=_TOGETHER)
    elif reading.head.startswith(_FILE):
        name, table = "Arrow", pa.ipc.open_file(file)
        schema, total = table.schema, 0
        batches = (table.get_batch(index) for index in range(table.num_record_batches))
    else:
        name, table = "Arrow", pa.ipc.open_stream(file)
        schema, total = table.schema, 0
        batches = iter(table)
    header, (vector, listed) = list(schema.names), _columns(reading, pa, schema)
    others = [at for at in range(len(header)) if at not in vector]
    words = next((at for at in others if _is_text(pa, schema.field(at).type)), None)
    words = words if words is not None else next((at for at in others if header[at].startswith("__index_level_")), None)
    rows: Gathering | None = None
    seen = 0
    for batch in _pieces(batches):
        batch.validate(full=True)
        reading.step(seen / total if total else file.tell() / reading.size)
        vectors, kept = _lists(reading, pa, batch.column(vector[0]), seen) if listed else _scalars(batch, vector)
        if rows is None:
            rows = Gathering(reading, vectors.shape[1], once=False, column=vector[0] + 1, dtype=vectors.dtype)
        names = _texts(batch.column(words)) if words is not None else [f"#{seen + row}" for row in range(len(batch))]
        columns = {header[at]: _texts(batch.column(at)) for at in others if at != words}
        if not all(kept):
            names = [each for each, keep in zip(names, kept, strict=True) if keep]
            columns = {
                name: [each for each, keep in zip(texts, kept, strict=True) if keep] for name, texts in columns.items()
            }
        if rows.width != vectors.shape[1]:
            reading.fail(f"Row {seen} (from 0) has {vectors.shape[1]} numbers, and others have {rows.width}.")
        seen += len(batch)
        rows.add(names, vectors, None, total or int(seen / max(reading.share, 1e-3)), columns)
        if rows.full:
            break
    if rows is None:
        reading.fail("There are no rows in this table.")
    return rows.done(f"{name}, {reading.path}")


def _pieces(batches: Iterator[Any]) -> Iterator[Any]:
    """Batches of no more rows than are worked on together."""
    for batch in batches:
        for start in range(0, len(batch), _TOGETHER):
            yield batch.slice(start, _TOGETHER)


def _columns(reading: Reading, pa: ModuleType, schema: Any) -> tuple[list[int], bool]:
    """The columns of the vectors, and whether it is one of lists."""
    types = [field.type for field in schema]
    listed = [at for at, type_ in enumerate(types) if _is_list(pa, type_)]
    floats = [at for at, type_ in enumerate(types) if pa.types.is_floating(type_)]
    whole = [at for at, type_ in enumerate(types) if pa.types.is_integer(type_)]
    vector = list(vector_columns(reading, tuple(schema.names), floats or whole, listed))
    if not vector:
        reading.fail("No column of this table has vectors.", advice=f"Its columns are {', '.join(schema.names[:12])}.")
    return vector, vector[0] in listed


def _is_list(pa: ModuleType, type_: Any) -> bool:
    types = pa.types
    if not (types.is_list(type_) or types.is_large_list(type_) or types.is_fixed_size_list(type_)):
        return False
    return bool(types.is_floating(type_.value_type) or types.is_integer(type_.value_type))


def _is_text(pa: ModuleType, type_: Any) -> bool:
    types = pa.types
    type_ = type_.value_type if types.is_dictionary(type_) else type_
    return bool(types.is_string(type_) or types.is_large_string(type_) or types.is_string_view(type_))


def _lists(reading: Reading, pa: ModuleType, column: Any, first: int) -> tuple[np.ndarray, np.ndarray]:
    """Vectors [n, width] of the rows that have the most common number of numbers, and which these are, [rows] bool."""
    lengths = pa.compute.list_value_length(column).fill_null(-1).to_numpy(zero_copy_only=False)
    found, counts = np.unique(lengths[lengths > 0], return_counts=True)
    width = int(found[counts.argmax()]) if len(found) else 1
    kept = lengths == width
    for row in np.flatnonzero(~kept).tolist():
        said = f"{lengths[row]} numbers" if lengths[row] >= 0 else "no vector"
        reading.bad(f"Row {first + row} (from 0) has {said}, and others have {width} numbers.",
                    f"rows with more or fewer than {width} numbers", place=f"row {first + row}")  # fmt: skip
    column = column if kept.all() else column.filter(pa.array(kept))
    values = column.flatten().to_numpy(zero_copy_only=False)
    return _floating(values).reshape(-1, width), kept


def _scalars(batch: Any, vector: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
    columns = [batch.column(at).to_numpy(zero_copy_only=False) for at in vector]
    return _floating(np.stack(columns, axis=1)), np.ones(len(batch), bool)


def _floating(values: np.ndarray) -> np.ndarray:
    return values if values.dtype.kind == "f" else values.astype(np.float32)


def _texts(column: Any) -> list[str]:
    return ["" if value is None else str(value) for value in column.to_pylist()]


def write(vectors: VectorSet, path: Path) -> None:
    """Save a set as Parquet, whole or not at all: columns `word`, `vector` and those of the metadata.

    Raises VectorFileError without pyarrow; OSError.
    """
    pa = pyarrow(str(path))
    flat = pa.array(np.ascontiguousarray(vectors.vectors).reshape(-1))
    columns = {"word": pa.array(vectors.words, pa.string()),
               "vector": pa.FixedSizeListArray.from_arrays(flat, vectors.width)}  # fmt: skip
    for name, values in vectors.metadata.items():
        columns[name if name not in columns else f"{name} (metadata)"] = pa.array(values, pa.string())
    with write_whole(path) as out:
        pa.parquet.write_table(pa.table(columns), out)
