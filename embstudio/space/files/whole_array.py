"""A set of vectors from an array that is there as a whole, in memory or mapped from a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import compress

import numpy as np

from embstudio.space.files.gathering import zeros_in_words
from embstudio.space.files.memory import ensure_room
from embstudio.space.files.reading import Reading, count_of
from embstudio.space.mapped_file import mapping_of
from embstudio.space.vector_set import VectorSet

_BLOCK = 1 << 22  # numbers looked at together
_NUMBERED = 72  # bytes of a name such as #1234567, with its place in the list
COPIED = 1 << 28  # bytes; a larger table is left in its file
_SHOWN = 12  # names in a list of what there is


def whole_array(
    reading: Reading,
    array: np.ndarray,
    source: str,
    words: Sequence[str] | None = None,
    metadata: Mapping[str, Sequence[str]] | None = None,
) -> VectorSet:
    """array: [rows, ...], floating point or whole numbers; what is behind the rows is laid end to end.

    words: without them rows are called by their numbers, #0 #1 .... Copied only for rows left out, whole numbers, and
    where it is mapped and small: whoever reads what another program has cut off a mapped file since is ended.
    Raises VectorFileError for what is no table of numbers, and for NaN and infinity.
    """
    if array.dtype.kind not in "fiu" or array.ndim < 2 or not array.size:
        shape = " x ".join(map(str, array.shape)) or "a single value"
        reading.fail(f"This array is no table of vectors: {shape}, {array.dtype}.",
                     advice="Rows of numbers are needed, one row a vector.")  # fmt: skip
    array = array[: reading.options.rows]
    array = array.reshape(len(array), -1)
    if array.nbytes <= COPIED and mapping_of(array) is not None:
        array = np.array(array)
    if array.dtype.kind != "f" or array.dtype.itemsize > 8:
        target = np.float32 if array.dtype.kind != "f" else np.float64
        ensure_room(array.size * np.dtype(target).itemsize, reading.place(), len(array))
        array = array.astype(target)
    elif not array.dtype.isnative:
        array = array.astype(array.dtype.newbyteorder("="))
    kept, zeros = np.ones(len(array), bool), 0
    together = max(1, _BLOCK // array.shape[1])
    for start in range(0, len(array), together):
        reading.step(start / len(array))
        block = array[start : start + together]
        finite = np.isfinite(block)
        if not finite.all():
            for row in np.flatnonzero(~finite.all(axis=1)).tolist():
                reading.bad(
                    f"Row {start + row} (from 0) has a number that is not finite.", "numbers that are not finite",
                    place=f"row {start + row}", column=int(np.argmin(finite[row])) + 1,
                )  # fmt: skip
            kept[start : start + together] = finite.all(axis=1)
        zeros += len(block) - int(np.count_nonzero(block.any(axis=1)))
    reading.step(1)
    if words is None:
        ensure_room(_NUMBERED * len(array), reading.place(), len(array))
    names = tuple(words[: len(array)]) if words is not None else tuple(f"#{row}" for row in range(len(array)))
    if words is not None and (again := len(names) - len(set(names))):
        reading.notices.append(
            f"{count_of(again, 'row')} kept whose word had come before: by its word the first of them is found."
        )
    columns = {name: tuple(values[: len(array)]) for name, values in (metadata or {}).items()}
    if not kept.all():
        array = array[kept]
        names = tuple(compress(names, kept))
        columns = {name: tuple(compress(values, kept)) for name, values in columns.items()}
        if not len(array):
            reading.fail("No row of this table is finite.")
    if zeros:
        reading.notices.append(zeros_in_words(zeros))
    return VectorSet(names, array, columns, source, reading.noted())


def chosen(reading: Reading, arrays: Mapping[str, Sequence[int]], what: str) -> str:
    """The name of one of several arrays (name → shape): the only one, or the one that was asked for.

    what: "tensor", "array". Raises VectorFileError where that is not clear.
    """
    listed = ", ".join(f"{name} ({' x '.join(map(str, shape))})" for name, shape in list(arrays.items())[:_SHOWN])
    listed += f" and {len(arrays) - _SHOWN} more" if len(arrays) > _SHOWN else ""
    wanted = reading.options.choice
    if wanted is not None:
        if wanted not in arrays:
            reading.fail(f"There is no {what} {wanted!r}.", advice=f"There are {listed}." if arrays else "")
        return wanted
    if not arrays:
        reading.fail(f"There is no {what} that is a table of vectors in this file.")
    if len(arrays) > 1:
        reading.fail(f"There are {len(arrays)} {what}s in this file.", advice=f"Choose one with --choice: {listed}.")
    return next(iter(arrays))
