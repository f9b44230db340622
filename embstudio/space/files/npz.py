"""numpy's .npz: a table of vectors, the words beside it, and a column of metadata in each further array.

Written here as `vectors`, `words` and `metadata.NAME`; any names are read. Words whose letters would take much room as
numpy's fixed-width text are kept as UTF-8, joined by line feeds, in an array of bytes.
"""

from __future__ import annotations

import warnings
import zipfile
import zlib
from pathlib import Path
from tokenize import TokenError
from typing import BinaryIO, cast

import numpy as np
from numpy.lib import format as npy_format

from embstudio.base.whole_file import write_whole
from embstudio.space.files.memory import ensure_room
from embstudio.space.files.reading import Reading
from embstudio.space.files.whole_array import chosen, whole_array
from embstudio.space.vector_set import VectorSet

_PREFIX = "metadata."
_PLAIN_TEXT = 1 << 26  # bytes that numpy's fixed-width text may take in any case


def matches(head: bytes) -> bool:
    """Whether a file begins as a zip archive does."""
    return head.startswith((b"PK\x03\x04", b"PK\x05\x06"))


def read(reading: Reading) -> VectorSet:
    """Raises VectorFileError: no .npz, damaged, several tables of which none was chosen."""
    try:
        with zipfile.ZipFile(reading.path) as archive, warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # a header that Python 2 wrote is a header, too
            members = [name for name in archive.namelist() if name.endswith(".npy")]
            if not members:
                _tell_what_else(reading, archive.namelist())
            return _read(reading, archive, {name.removesuffix(".npy"): _header(archive, name) for name in members})
    except (
        zipfile.BadZipFile, ValueError, EOFError, TypeError, OverflowError, SyntaxError, MemoryError, RuntimeError,
        NotImplementedError, KeyError, TokenError, zlib.error,
    ) as error:  # fmt: skip
        reading.fail("This .npz cannot be read.", detail=str(error),
                     advice="It may hold Python objects, or be cut short. Save plain arrays.")  # fmt: skip


Header = tuple[tuple[int, ...], np.dtype]


def _header(archive: zipfile.ZipFile, member: str) -> Header:
    with archive.open(member) as file:
        version = npy_format.read_magic(file)
        shape, _, dtype = (
            npy_format.read_array_header_1_0(file) if version == (1, 0) else npy_format.read_array_header_2_0(file)
        )
    return shape, dtype


def _array(reading: Reading, archive: zipfile.ZipFile, name: str, header: Header) -> np.ndarray:
    shape, dtype = header
    ensure_room(int(np.prod(shape, dtype=object)) * dtype.itemsize, reading.place(), shape[0] if shape else 1)
    reading.step(0)
    with archive.open(f"{name}.npy") as file:
        return npy_format.read_array(cast(BinaryIO, file), allow_pickle=False)


def _read(reading: Reading, archive: zipfile.ZipFile, headers: dict[str, Header]) -> VectorSet:
    tables = {name: shape for name, (shape, dtype) in headers.items() if len(shape) >= 2 and dtype.kind in "fiu"}
    name = chosen(reading, tables, "array")
    vectors, rows = _array(reading, archive, name, headers[name]), tables[name][0]
    columns: dict[str, tuple[str, ...]] = {}
    for other, (shape, dtype) in headers.items():
        if dtype == np.uint8 and len(shape) == 1:
            texts = tuple(bytes(_array(reading, archive, other, headers[other])).decode("utf-8").split("\n"))
        elif len(shape) == 1 and dtype.kind in "USfiub":
            array = _array(reading, archive, other, headers[other])
            texts = tuple(np.char.decode(array, "utf-8").tolist() if dtype.kind == "S" else map(str, array.tolist()))
        else:
            continue
        if len(texts) == rows:
            columns[other] = texts
        else:
            reading.notices.append(f"The array {other} has {len(texts):,} entries for {rows:,} rows: it was left out.")
    named = "words" if "words" in columns else next((c for c in columns if headers[c][1].kind in "US"), None)
    words = columns.pop(named) if named is not None else None
    metadata = {column.removeprefix(_PREFIX): texts for column, texts in columns.items()}
    return whole_array(reading, vectors, f"npz, array {name}, {reading.path}", words, metadata)


def _tell_what_else(reading: Reading, names: list[str]) -> None:
    if any(name.endswith(("data.pkl", ".pkl")) for name in names):
        reading.fail("This is a PyTorch file, whose contents are Python programs: embstudio opens none.",
                     advice="Save the tensor with numpy.save or as .safetensors.")  # fmt: skip
    reading.fail(f"This archive holds no arrays, but {', '.join(names[:3]) or 'nothing'}.",
                 advice="Unpack it, and open the file with the vectors in it.")  # fmt: skip


def write(vectors: VectorSet, path: Path) -> None:
    """Save a set, whole or not at all. Raises OSError."""
    arrays = {"vectors": np.ascontiguousarray(vectors.vectors), "words": _texts(vectors.words)}
    arrays |= {f"{_PREFIX}{name}": _texts(values) for name, values in vectors.metadata.items()}
    with write_whole(path) as out:
        np.savez(out, **arrays)  # type: ignore[arg-type]


def _texts(values: tuple[str, ...]) -> np.ndarray:
    joined = "\n".join(values)
    plain = 4 * len(values) * max(map(len, values), default=0)
    ends_in_nul = any(value.endswith("\0") for value in values)  # numpy drops these
    if (plain <= max(_PLAIN_TEXT, 4 * len(joined)) and not ends_in_nul) or joined.count("\n") >= len(values):
        return np.array(values, np.str_)
    return np.frombuffer(joined.encode("utf-8"), np.uint8)
