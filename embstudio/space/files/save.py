"""Saving a set of vectors, in the format that the file's ending asks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from embstudio.base.errors import VectorFileError
from embstudio.space.files import arrow, csv_table, npz, tsv, word2vec_text
from embstudio.space.vector_set import VectorSet

_FORMATS: Mapping[str, Callable[[VectorSet, Path], None]] = {
    ".npz": npz.write,
    ".tsv": tsv.write,
    ".parquet": arrow.write,
    ".csv": csv_table.write,
    ".txt": word2vec_text.write,
}


def check_ending(path: Path) -> None:
    """Raises VectorFileError for a file that `save` would not know how to write."""
    if path.suffix.lower() not in _FORMATS:
        raise VectorFileError(
            f"Vectors cannot be saved as {path.suffix or 'a file without an ending'}.", where=str(path),
            advice=f"Endings that can: {', '.join(_FORMATS)}.",
        )  # fmt: skip


def save(vectors: VectorSet, path: Path) -> None:
    """.npz, .tsv (with the words in a second file beside it), .parquet, .csv, or .txt as word2vec writes it.

    The file is whole or as it was before.
    Raises VectorFileError: another ending, a folder that cannot be written to, pyarrow missing for Parquet.
    """
    check_ending(path)
    try:
        _FORMATS[path.suffix.lower()](vectors, path)
    except (OSError, UnicodeError) as error:
        raise VectorFileError(
            "The vectors could not be saved.", where=str(path), detail=str(error),
            advice="Choose a folder that can be written to, with room enough.",
        ) from error  # fmt: skip
