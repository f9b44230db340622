"""Writing what the Embedding Projector reads: one file of numbers, and one of words and metadata beside it."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from embstudio.base.whole_file import write_whole
from embstudio.space.vector_set import VectorSet

_TOGETHER = 1024  # rows
_DIGITS = {2: 9, 4: 9, 8: 17}  # bytes of a number → digits that tell it apart from all others


def metadata_path(path: Path) -> Path:
    """Where the words go: words.tsv → words-metadata.tsv."""
    return path.with_name(f"{path.stem}-metadata{path.suffix}")


def write(vectors: VectorSet, path: Path) -> None:
    """Save a set, each file whole or not at all. Numbers are written with all digits that tell them apart.

    Tabs and line ends within words and metadata become blanks: the format has no way to say them. Raises OSError.
    """
    form = f"%.{_DIGITS[vectors.vectors.itemsize]}g"
    line = "\t".join([form] * vectors.width) + "\n"
    with write_whole(path) as out:
        for start in range(0, len(vectors), _TOGETHER):
            rows = np.asarray(vectors.vectors[start : start + _TOGETHER], np.float64)
            out.write(((line * len(rows)) % tuple(rows.ravel().tolist())).encode("ascii"))
    columns = {"word": vectors.words, **vectors.metadata} if vectors.metadata else {"": vectors.words}
    with write_whole(metadata_path(path)) as out:
        if vectors.metadata:  # a single column has no header there
            out.write(_line(list(columns)))
        for row in zip(*columns.values(), strict=True):
            out.write(_line(row))


def _line(fields: tuple[str, ...] | list[str]) -> bytes:
    plain = (" ".join(field.replace("\t", " ").splitlines()) for field in fields)
    return ("\t".join(plain) + "\n").encode("utf-8", "replace")
