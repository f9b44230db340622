"""Tensors of a .safetensors file as numpy arrays: a JSON header and raw bytes, nothing that could be executed.

The format: https://github.com/huggingface/safetensors. Eight bytes with the length of the header, the header
{"name": {"dtype", "shape", "data_offsets"}}, then the data. Read here in fifty lines rather than by the package of that
name, which is as much code as this to call safely from numpy, and does not know bfloat16 there. It lies in base because
weights and vectors come in such files alike.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

_TYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4", "I16": "<i2", "I8": "i1", "U8": "u1",
          "BOOL": "?", "BF16": "<u2"}  # fmt: skip
_LARGEST_HEADER = 100_000_000  # bytes; the format's own limit


@dataclass(frozen=True)
class StoredArray:
    """One array of a file, which nothing was read of yet. kind: as the file says it, such as BF16."""

    shape: tuple[int, ...]
    kind: str
    _bytes: np.ndarray
    _aligned: bool  # as its type wants it

    @property
    def converted_nbytes(self) -> int:
        """Memory that `read` takes; 0 where it is only mapped."""
        return 4 * math.prod(self.shape) if self.kind == "BF16" else 0

    def read(self, rows: int | None = None) -> np.ndarray:
        """The array, or the first rows of it, mapped from the file where it is not converted."""
        dtype, shape = np.dtype(_TYPES[self.kind]), self.shape
        # A copy where the file does not keep the type's alignment.
        array = np.frombuffer(self._bytes if self._aligned else self._bytes.tobytes(), dtype).reshape(shape)
        array = array if rows is None or not shape else array[:rows]
        if self.kind == "BF16":  # the upper half of a float32
            wide = array.astype(np.uint32)
            wide <<= 16
            return wide.view(np.float32)
        return array


def read_arrays(path: Path) -> dict[str, np.ndarray]:
    """The arrays by name, mapped from the file where they are not converted; bfloat16 becomes float32.

    Raises OSError: missing, unreadable; ValueError: damaged, or a type that numpy lacks.
    """
    return {name: stored.read() for name, stored in stored_arrays(path).items()}


def stored_arrays(path: Path) -> dict[str, StoredArray]:
    """The arrays by name, to be read when they are wanted. Raises as `read_arrays` does."""
    try:
        contents = np.memmap(path, np.uint8, mode="r")
        (length,) = struct.unpack("<Q", contents[:8].tobytes())
        if length > min(_LARGEST_HEADER, len(contents) - 8):
            raise ValueError(f"its header would have {length} bytes")
        header = json.loads(contents[8 : 8 + length].tobytes())
        data = contents[8 + length :]
        return {name: _array(data, entry) for name, entry in header.items() if name != "__metadata__"}
    except (KeyError, TypeError, AttributeError, struct.error, RecursionError) as error:
        raise ValueError(str(error)) from error


def _array(data: np.ndarray, entry: Mapping[str, Any]) -> StoredArray:
    start, end = entry["data_offsets"]
    shape = tuple(entry["shape"])
    dtype = np.dtype(_TYPES[entry["dtype"]])
    if not 0 <= start <= end <= len(data) or end - start != math.prod(shape) * dtype.itemsize:
        raise ValueError(f"an array {shape} of {entry['dtype']} does not fit at {start} to {end}")
    return StoredArray(shape, entry["dtype"], data[start:end], start % dtype.itemsize == 0)
