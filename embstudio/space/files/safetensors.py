"""A tensor of a .safetensors file, mapped from it where it need not be converted."""

from __future__ import annotations

import struct

from embstudio.base.safetensors import stored_arrays
from embstudio.space.files.memory import ensure_room
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
        arrays = stored_arrays(reading.path)
    except ValueError as error:
        reading.fail("This .safetensors file cannot be read.", detail=str(error), advice="Copy or download it again.")
    tables = {name: stored for name, stored in arrays.items() if len(stored.shape) == 2 and "F" in stored.kind}
    name = chosen(reading, {name: stored.shape for name, stored in tables.items()}, "tensor")
    stored, rows = tables[name], reading.options.rows
    share = 1.0 if rows is None else min(1.0, rows / max(stored.shape[0], 1))
    ensure_room(int(stored.converted_nbytes * share), reading.place(), min(stored.shape[0], rows or stored.shape[0]))
    return whole_array(reading, stored.read(rows), f"safetensors, tensor {name}, {reading.path}")
