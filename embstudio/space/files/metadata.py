"""What is known of each row beside its vector: a table of texts with a line for each, as the Embedding Projector's.

https://www.tensorflow.org/tensorboard/tensorboard_projector_plugin: tabs between columns; a first line with their names
where there are several. Labels in the idx format are taken too.
"""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path

from embstudio.space.files import idx
from embstudio.space.files.options import LoadOptions
from embstudio.space.files.reading import Reading
from embstudio.space.files.table_layout import is_number, reader
from embstudio.space.vector_set import VectorSet

_LOOKED_AT = 1000  # values
_COLUMN = "label"  # what a single column is called that has no name


def with_metadata(vectors: VectorSet, path: Path, reading: Reading) -> VectorSet:
    """A set with the columns of a file beside it. Where its rows are only numbered, one column becomes their words.

    Raises VectorFileError where the file has not a line for each row.
    """
    table = reading.of(path, LoadOptions(encoding=reading.options.encoding))
    lines = _labels(table) if idx.matches(table.head) else _lines(table)
    numbered = all(word[:1] == "#" and word[1:].isdecimal() for word in vectors.words)
    rows = [int(word[1:]) for word in vectors.words] if numbered else list(range(len(vectors)))
    while len(lines) > rows[-1] + 1 and not any(lines[-1]):  # blank lines at the end
        lines.pop()
    header, lines = _header(lines, rows, reading.options.rows is not None)
    if len(lines) <= rows[-1]:
        table.fail(f"There are {len(vectors):,} vectors, and metadata for {len(lines):,}.",
                   advice="Both files have to be of the same set, in the same order.")  # fmt: skip
    columns = {name: tuple(lines[row][at] for row in rows) for at, name in enumerate(header)}
    words = vectors.words
    if numbered:
        named = next(
            (name for name, values in columns.items() if not all(map(is_number, values[:_LOOKED_AT]))), header[0]
        )
        words = columns.pop(named)
    return replace(vectors, words=words, metadata={**vectors.metadata, **columns})


def _labels(table: Reading) -> list[list[str]]:
    labels = idx.array_of(table)
    if labels.ndim != 1:
        table.fail("This idx file has more than a label for each row.", advice="Give a file of labels.")
    return [[str(label)] for label in labels.tolist()]


def _lines(table: Reading) -> list[list[str]]:
    if not table.head.strip():
        table.fail("The file of metadata is empty.")
    first = table.head.split(b"\n")[0]
    separator = "," if b"\t" not in first and b"," in first and table.path.suffix.lower() == ".csv" else "\t"
    with table.faults(), table.path.open("rb") as file:
        encoding = "utf-8-sig" if table.options.encoding == "utf-8" else table.options.encoding
        text = io.TextIOWrapper(table.unpacked(file), encoding, newline="")
        rows = reader(text, separator)
        try:
            lines = list(rows)
        except UnicodeDecodeError as error:
            table.fail(f"The metadata are not {table.options.encoding}.", line=rows.line_num + 1, detail=str(error),
                       advice="Name their encoding with --encoding (latin-1 takes any).")  # fmt: skip
        except csv.Error as error:
            table.fail("The metadata cannot be read.", line=rows.line_num, detail=str(error),
                       advice="A quotation mark may be missing, or be one too many.")  # fmt: skip
    width = max(map(len, lines), default=0)
    if not width:
        table.fail("The file of metadata is empty.")
    for line, fields in enumerate(lines, 1):
        if len(fields) != width and len(fields) > 1:
            table.fail(f"This line has {len(fields)} fields, and others have {width}.", line=line,
                       advice="Each line of metadata needs all columns, empty ones too.")  # fmt: skip
    return [fields + [""] * (width - len(fields)) for fields in lines]


def _header(lines: list[list[str]], rows: list[int], first_part: bool) -> tuple[list[str], list[list[str]]]:
    """Names of the columns, and the lines below. rows: those wanted. first_part: there are more vectors than these."""
    several = len(lines[0]) > 1
    if (first_part and several) or len(lines) == rows[-1] + 2 or (several and len(lines) > rows[-1] + 1):
        names = [name or f"column {at + 1}" for at, name in enumerate(lines[0])]
        unique = [name if name not in names[:at] else f"{name} ({at + 1})" for at, name in enumerate(names)]
        return unique, lines[1:]
    return [f"column {at + 1}" for at in range(len(lines[0]))] if several else [_COLUMN], lines
