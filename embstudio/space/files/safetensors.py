"""A tensor of a .safetensors file, mapped from it where it need not be converted."""

from __future__ import annotations

import struct

from embstudio.base.safetensors import read_arrays
from embstudio.space.files.reading import Reading
from embstudio.space.files.whole_array import chosen, whole_array
from embstudio.space.vector_set import VectorSet


def matches(head: bytes) -> bool:
    """Whether a file begins with a length and a JSON object."""
    return len(head) > 9 and head[8:9] == b"{" and 2 <= struct.unpack("<Q", head[:8])[0] < 1 << 30


def read(reading: Reading) -> VectorSet:
    """Raises VectorFileError: damaged, or several tables of which none was chosen."""
    if reading.packed:
        reading.fail("A .safetensors file has to be unpacked first.", advice=f"gunzip {reading.path.name}")
    try:
        arrays = read_arrays(reading.path)
    except ValueError as error:
        reading.fail("This .safetensors file cannot be read.", detail=str(error), advice="Copy or download it again.")
    tables = {name: array for name, array in arrays.items() if array.ndim == 2 and array.dtype.kind == "f"}
    name = chosen(reading, {name: array.shape for name, array in tables.items()}, "tensor")
    return whole_array(reading, tables[name], f"safetensors, tensor {name}, {reading.path}")
