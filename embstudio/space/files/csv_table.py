"""Writing a CSV that spreadsheets and data frames read: one line a vector, its word, its metadata, its numbers."""

from __future__ import annotations

import csv
import io
from itertools import count
from pathlib import Path

import numpy as np

from embstudio.base.whole_file import write_whole
from embstudio.space.vector_set import VectorSet

_TOGETHER = 1024  # rows
_DIGITS = {2: 9, 4: 9, 8: 17}  # bytes of a number → digits that tell it apart from all others


def write(vectors: VectorSet, path: Path) -> None:
    """Save a set, whole or not at all: columns `word`, those of the metadata, and d0, d1 and so on (d_0 where there is
    such a column already), as RFC 4180 has it, in UTF-8. Numbers have all digits that tell them apart.

    Raises OSError.
    """
    columns = {"word": vectors.words, **vectors.metadata}
    form = f"%.{_DIGITS[vectors.vectors.itemsize]}g"
    with write_whole(path) as out:
        text = io.TextIOWrapper(out, "utf-8", "replace", newline="")
        table = csv.writer(text)
        table.writerow([*columns, *(f"{_stem(vectors)}{axis}" for axis in range(vectors.width))])
        for start in range(0, len(vectors), _TOGETHER):
            together = slice(start, start + _TOGETHER)
            numbers = np.asarray(vectors.vectors[together], np.float64).tolist()
            known = zip(*(values[together] for values in columns.values()), strict=True)
            table.writerows((*told, *(form % each for each in row)) for told, row in zip(known, numbers, strict=True))
        text.flush()
        text.detach()


def _stem(vectors: VectorSet) -> str:
    """What the numbers' columns are called, so that no column of the metadata is called so too."""
    taken = {name.rstrip("0123456789") for name in vectors.metadata}
    return next(stem for stem in (f"d{'_' * place}" for place in count()) if stem not in taken)
