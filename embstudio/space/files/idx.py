"""idx, the format of MNIST: two zero bytes, a type, the number of axes, their lengths, then the numbers, big-endian.

http://yann.lecun.com/exdb/mnist/ describes it. Mostly packed with gzip.
"""

from __future__ import annotations

import math
import struct

import numpy as np

from embstudio.space.files.memory import ensure_room
from embstudio.space.files.reading import Reading
from embstudio.space.files.whole_array import whole_array
from embstudio.space.vector_set import VectorSet

_TYPES = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
_MOST_AXES = 8


def matches(head: bytes) -> bool:
    """Whether a file begins as an idx does."""
    return len(head) >= 8 and head[:2] == b"\0\0" and head[2] in _TYPES and 1 <= head[3] <= _MOST_AXES


def array_of(reading: Reading) -> np.ndarray:
    """The array as it is. Raises VectorFileError where the file is shorter."""
    kind, axes = reading.head[2:4]
    if len(reading.head) < 4 + 4 * axes:
        reading.fail("The file ends within its header.", advice="Copy or download it again.")
    shape, dtype = struct.unpack_from(f">{axes}I", reading.head, 4), np.dtype(_TYPES[kind])
    start, wanted = 4 + 4 * axes, math.prod(shape) * dtype.itemsize
    if reading.packed:
        with reading.faults(), reading.path.open("rb") as file:
            ensure_room(wanted, reading.place(), shape[0])
            contents = reading.unpacked(file).read(start + wanted + 1)[start : start + wanted]  # one more: to its end
    elif reading.size >= start + wanted > start:
        return np.memmap(reading.path, dtype, mode="r", offset=start, shape=shape)
    else:
        contents = b""
    if len(contents) < wanted or not wanted:
        reading.fail(f"The header promises {' x '.join(map(str, shape))} numbers, and the file is shorter.",
                     advice="Copy or download it again.")  # fmt: skip
    return np.frombuffer(contents, dtype).reshape(shape)


def read(reading: Reading) -> VectorSet:
    """One row for each along the first axis. Raises VectorFileError."""
    array = array_of(reading)
    if array.ndim < 2:
        reading.fail("This idx file has one number a row: labels, not vectors.",
                     advice="Give it with --metadata beside the file of vectors.")  # fmt: skip
    return whole_array(reading, array, f"idx, {reading.path}")
