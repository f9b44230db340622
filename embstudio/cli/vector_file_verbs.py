"""vectors and convert: what a file of vectors holds, and the same in another format."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from itertools import islice
from typing import Any

from embstudio.space.files import LoadOptions, load, save
from embstudio.space.files.save import check_ending
from embstudio.space.vector_set import VectorSet

_SHOWN = 10  # words, and values of a column of metadata
_LONGEST = 40  # characters of one


def perform_vector_file_verb(asked: argparse.Namespace) -> int:
    """Returns the exit status. Raises StudioError."""
    if asked.verb == "convert":
        check_ending(asked.out)  # before a long reading
    options = LoadOptions(asked.rows, asked.skip_bad, asked.encoding, asked.choice, asked.metadata)
    watched = sys.stderr.isatty()
    try:
        vectors = load(asked.file, options, _show_progress if watched else None)
    finally:
        if watched:
            print("\r     \r", end="", file=sys.stderr, flush=True)
    if asked.verb == "convert":
        save(vectors, asked.out)
        print(f"{asked.out}: {len(vectors):,} vectors of {vectors.width:,} numbers")
    elif asked.json:
        print(json.dumps(as_data(vectors, str(asked.file)), indent=2, ensure_ascii=False))
        return 0
    else:
        print("\n".join(as_lines(vectors)))
    for notice in vectors.notices:
        print(f"note: {notice}", file=sys.stderr)
    return 0


def as_data(vectors: VectorSet, file: str) -> dict[str, Any]:
    """What `as_lines` says, for programs. docs/command-line.md lists the keys."""
    return {
        "format": "embstudio vectors", "version": 1, "file": file, "source": vectors.source, "rows": len(vectors),
        "width": vectors.width, "dtype": vectors.vectors.dtype.name, "nbytes": vectors.vectors.nbytes,
        "words": list(vectors.words[:_SHOWN]),
        "metadata": {name: list(values[:_SHOWN]) for name, values in vectors.metadata.items()},
        "notices": list(vectors.notices),
    }  # fmt: skip


def as_lines(vectors: VectorSet) -> Iterator[str]:
    """What is in a set, for reading."""
    yield vectors.source
    yield (f"{len(vectors):,} vectors of {vectors.width:,} numbers ({vectors.vectors.dtype.name}, "
           f"{vectors.vectors.nbytes / 1e6:.3g} MB)")  # fmt: skip
    yield f"words: {_some(vectors.words)}"
    for name, values in vectors.metadata.items():
        yield f"{name}: {_some(values)}"


def _some(values: tuple[str, ...]) -> str:
    shown = [value if len(value) <= _LONGEST else f"{value[: _LONGEST - 1]}…" for value in islice(values, _SHOWN)]
    return ", ".join(value if value.strip() and value.isprintable() else repr(value) for value in shown) + (
        ", …" if len(values) > _SHOWN else ""
    )


def _show_progress(share: float) -> None:
    print(f"\r{share:4.0%}", end="", file=sys.stderr, flush=True)
