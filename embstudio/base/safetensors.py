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
from pathlib import Path
from typing import Any

import numpy as np

_TYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4", "I16": "<i2", "I8": "i1", "U8": "u1",
          "BOOL": "?", "BF16": "<u2"}  # fmt: skip
_LARGEST_HEADER = 100_000_000  # bytes; the format's own limit


def read_arrays(path: Path) -> dict[str, np.ndarray]:
    """The arrays by name, mapped from the file where they are not converted; bfloat16 becomes float32.

    Raises OSError: missing, unreadable; ValueError: damaged, or a type that numpy lacks.
    """
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


def _array(data: np.ndarray, entry: Mapping[str, Any]) -> np.ndarray:
    start, end = entry["data_offsets"]
    shape = tuple(entry["shape"])
    dtype = np.dtype(_TYPES[entry["dtype"]])
    if not 0 <= start <= end <= len(data) or end - start != math.prod(shape) * dtype.itemsize:
        raise ValueError(f"an array {shape} of {entry['dtype']} does not fit at {start} to {end}")
    # A copy where the file does not keep the type's alignment.
    array = np.frombuffer(data[start:end].tobytes() if start % dtype.itemsize else data[start:end], dtype).reshape(
        shape
    )
    if entry["dtype"] == "BF16":  # the upper half of a float32
        return (array.astype(np.uint32) << 16).view(np.float32)
    return array
