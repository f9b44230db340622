"""Reading a file of vectors, whatever it is: told by what is in it, not by its name."""

from __future__ import annotations

import codecs
from pathlib import Path

from embstudio.base.errors import VectorFileError
from embstudio.space.files import fasttext_binary, idx, npy, npz, safetensors, word2vec_binary, word_lines
from embstudio.space.files.options import LoadOptions
from embstudio.space.files.reading import Check, Progress, Reading
from embstudio.space.vector_set import VectorSet

_PLAIN = LoadOptions()
_BINARY = (npy, npz, safetensors, fasttext_binary, idx, word2vec_binary)


def load(
    path: Path, options: LoadOptions = _PLAIN, progress: Progress | None = None, check: Check | None = None
) -> VectorSet:
    """The vectors in a file.

    progress: told the share that is read, from 0 to 1. check: called often; what it raises ends the reading (as
    `Stop.check` of the session does).
    Raises VectorFileError: missing, unknown, damaged, cut short, larger than memory, or rows that cannot be read; it
    names the line and the column where there are such, and the option that helps. Nothing in a file is ever executed.
    """
    _check_encoding(options.encoding)
    reading = Reading(path, options, progress, check)
    if not reading.head.strip():
        reading.fail("The file is empty.", advice="Copy or download it again.")
    with reading.faults():
        return _read(reading)


def _read(reading: Reading) -> VectorSet:
    for format_ in _BINARY:
        if format_.matches(reading.head):
            return format_.read(reading)
    if layout := word_lines.layout_of(reading.head):
        return word_lines.read(reading, layout)
    raise VectorFileError(
        "This is no file of vectors that embstudio knows.", where=reading.place(),
        advice="docs/vector-files.md lists the formats.",
    )  # fmt: skip


def _check_encoding(encoding: str) -> None:
    try:
        fits = codecs.lookup(encoding) is not None and b"a\n".decode(encoding) == "a\n"
    except (LookupError, UnicodeError, TypeError, ValueError):
        fits = False
    if not fits:
        raise VectorFileError(
            f"There is no encoding {encoding!r} that words could be in.",
            advice="Name one that holds ASCII as it is, such as utf-8, latin-1 or cp852.",
        )
