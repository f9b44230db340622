"""Writing vectors as word2vec's text: how many and how wide, then a word and its numbers a line."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from embstudio.base.errors import VectorFileError
from embstudio.base.whole_file import write_whole
from embstudio.space.vector_set import VectorSet

_TOGETHER = 1024  # rows
_DIGITS = {2: 9, 4: 9, 8: 17}  # bytes of a number → digits that tell it apart from all others


def write(vectors: VectorSet, path: Path) -> None:
    """Save the words and their vectors; metadata has no place there. Numbers have all digits that tell them apart.

    Raises VectorFileError for a word with a blank in it, OSError.
    """
    spaced = next((word for word in vectors.words if not word or word.split() != [word]), None)
    if spaced is not None:
        raise VectorFileError(
            "In this format a blank ends a word.", where=f"“{spaced}”", advice="Save as .npz or .tsv instead."
        )
    line = f" %.{_DIGITS[vectors.vectors.itemsize]}g" * vectors.width + "\n"
    with write_whole(path) as out:
        out.write(f"{len(vectors)} {vectors.width}\n".encode("ascii"))
        for start in range(0, len(vectors), _TOGETHER):
            rows = np.asarray(vectors.vectors[start : start + _TOGETHER], np.float64).tolist()
            words = vectors.words[start : start + _TOGETHER]
            out.write("".join(word + line % tuple(row) for word, row in zip(words, rows, strict=True)).encode("utf-8"))
