"""Reading a file of vectors, whatever it is: told by what is in it, not by its name."""

from __future__ import annotations

import codecs
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from embstudio.base.errors import VectorFileError
from embstudio.space.files import (
    arrow,
    fasttext_binary,
    foreign,
    idx,
    npy,
    npz,
    projector_config,
    safetensors,
    table,
    table_layout,
    tsv,
    word2vec_binary,
    word_lines,
)
from embstudio.space.files.metadata import with_metadata
from embstudio.space.files.options import LoadOptions
from embstudio.space.files.reading import Check, Progress, Reading
from embstudio.space.files.text_faults import refuse_text
from embstudio.space.vector_set import VectorSet


class BinaryFormat(Protocol):
    """A module with a format that is known by its first bytes."""

    def matches(self, head: bytes) -> bool:
        """Whether a file that begins so is one."""

    def read(self, reading: Reading) -> VectorSet:
        """Raises VectorFileError."""


_PLAIN = LoadOptions()
_BINARY: tuple[BinaryFormat, ...] = (npy, npz, arrow, safetensors, fasttext_binary, idx, word2vec_binary)


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
    with reading.faults():
        vectors = _read(reading)
        if options.metadata is not None:
            return with_metadata(vectors, options.metadata, reading)
        beside = tsv.metadata_path(path)
        if path.suffix.lower() == ".tsv" and vectors.words[0] == "#0" and beside.is_file():
            reading.notices.append(f"The words are those of {beside.name} beside it.")
            return replace(with_metadata(vectors, beside, reading), notices=reading.noted())
        return vectors


def _read(reading: Reading) -> VectorSet:
    if not reading.head.strip():
        reading.fail("The file is empty.", advice="Copy or download it again.")
    foreign.refuse(reading)
    for format_ in _BINARY:
        if format_.matches(reading.head):
            return format_.read(reading)
    if projector_config.matches(reading.head):
        return projector_config.read(reading, _read)
    return _read_text(reading)


def _read_text(reading: Reading) -> VectorSet:
    refuse_text(reading)
    if b"\0" not in reading.head:
        if columns := table_layout.layout_of(reading):
            return table.read(reading, columns)
        if layout := word_lines.layout_of(reading.head):
            return word_lines.read(reading, layout)
    raise reading.fault(
        "This is no file of vectors that embstudio knows.", advice="docs/vector-files.md lists the formats."
    )


def _check_encoding(encoding: str) -> None:
    try:
        fits = codecs.lookup(encoding) is not None and all(
            b"a\n".decode(encoding, errors) == "a\n"
            for errors in ("strict", "replace", "backslashreplace", "surrogateescape")
        )
    except (LookupError, UnicodeError, TypeError, ValueError):
        fits = False
    if not fits:
        raise VectorFileError(
            f"There is no encoding {encoding!r} that words could be in.",
            advice="Name one that holds ASCII as it is, such as utf-8, latin-1 or cp852.",
        )
