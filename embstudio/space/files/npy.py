"""numpy's .npy: one array, mapped from the file. Arrays of Python objects would be pickles, and are not opened."""

from __future__ import annotations

import warnings
from tokenize import TokenError

import numpy as np

from embstudio.space.files.reading import Reading
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
            array = np.load(reading.path, mmap_mode="r", allow_pickle=False)
    except (ValueError, EOFError, TypeError, OverflowError, SyntaxError, TokenError, MemoryError) as error:
        reading.fail("This .npy cannot be read.", detail=str(error),
                     advice="It may hold Python objects, or be cut short. Save a plain array of numbers.")  # fmt: skip
    return whole_array(reading, array, f"numpy array, {reading.path}")
