"""numpy's .npy: one array, mapped from the file. Arrays of Python objects would be pickles, and are not opened."""

from __future__ import annotations

import math
import warnings
from tokenize import TokenError

import numpy as np
from numpy.lib import format as npy_format

from embstudio.space.files.reading import CUT_SHORT, Reading
from embstudio.space.files.whole_array import whole_array
from embstudio.space.vector_set import VectorSet

MAGIC = b"\x93NUMPY"


def matches(head: bytes) -> bool:
    """Whether a file begins as an .npy does."""
    return head.startswith(MAGIC)


def read(reading: Reading) -> VectorSet:
    """Raises VectorFileError: damaged, cut short, or no table of numbers."""
    if reading.packed:
        reading.fail("An .npy has to be unpacked first.", advice=f"gunzip {reading.path.name}")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # a header that Python 2 wrote is a header, too
            array = _beginning(reading)
            if array is None:
                array = np.load(reading.path, mmap_mode="r", allow_pickle=False)
    except (ValueError, EOFError, TypeError, OverflowError, SyntaxError, TokenError, MemoryError) as error:
        reading.fail("This .npy cannot be read.", detail=str(error),
                     advice="It may hold Python objects, or be cut short. Save a plain array of numbers.")  # fmt: skip
    return whole_array(reading, array, f"numpy array, {reading.path}")


def _beginning(reading: Reading) -> np.ndarray | None:
    """The whole rows of a file that is cut short; None where nothing is missing, or it is not told by rows.

    Raises VectorFileError unless it is to be taken so; what numpy raises for a header that is none.
    """
    with reading.path.open("rb") as file:
        version = npy_format.read_magic(file)
        header = npy_format.read_array_header_1_0 if version == (1, 0) else npy_format.read_array_header_2_0
        shape, by_columns, dtype = header(file)
        start = file.tell()
    row = math.prod(shape[1:]) * dtype.itemsize
    there = (reading.size - start) // row if row and len(shape) > 1 else 0
    if by_columns or dtype.hasobject or not 0 < there < shape[0]:
        return None
    said = f"The header promises {shape[0]:,} rows, and the file ends after {there:,}."
    if not reading.options.skip_bad:
        reading.fail(said, advice=CUT_SHORT)
    reading.notices.append(said)
    return np.memmap(reading.path, dtype, mode="r", offset=start, shape=(there, *shape[1:]))
