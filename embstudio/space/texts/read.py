"""Reading texts: what a file is, is told by what is in it and by whether a column was asked for."""

from __future__ import annotations

import sys
from pathlib import Path

from embstudio.base.errors import VectorFileError
from embstudio.space.texts import columns, json_lines, parquet
from embstudio.space.texts.texts import Texts

_TABLES = (".csv", ".tsv", ".tab")


def read_texts(path: str, column: str | None = None, encoding: str = "utf-8") -> Texts:
    """The texts in a file, or in what is piped in for "-".

    Parquet, Arrow and JSON lines are known by what is in them; CSV and TSV by their ending, or by `column`; all else is
    one text a line. column: which of a table; not needed where it has one.
    Raises VectorFileError: missing, not in the encoding, no such column, several of them and none chosen, or empty.
    """
    name = "standard input" if path == "-" else path
    contents = _contents(path, name)
    if parquet.matches(contents):
        found = parquet.read(contents, name, column)
    else:
        text = _decoded(contents, name, encoding)
        if json_lines.matches(text):
            found = json_lines.read(text, name, column)
        elif column is not None or Path(path).suffix.lower() in _TABLES:
            found = columns.read(text, name, column)
        else:
            # Not splitlines, for which a form feed, or a separator within a text, ends a line, too.
            found = Texts.of([line.removesuffix("\r") for line in text.removesuffix("\n").split("\n")], {}, name)
    if not found.texts:
        raise VectorFileError("There are no texts in it.", where=name, advice="Give a file with a text on each line.")
    return found


def columns_of(path: str, encoding: str = "utf-8") -> tuple[str, ...]:
    """The columns of a table that may have the texts; none for a file with one text a line.

    Raises VectorFileError: missing, damaged, not in the encoding.
    """
    contents = _contents(path, path)
    if parquet.matches(contents):
        return parquet.names(contents, path)
    text = _decoded(contents, path, encoding)
    if json_lines.matches(text):
        return json_lines.names(text)
    return columns.names(text) if Path(path).suffix.lower() in _TABLES else ()


def _contents(path: str, name: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if path == "-" else Path(path).expanduser().read_bytes()
    except OSError as error:
        raise VectorFileError(
            "The texts could not be read.", where=name, detail=str(error), advice="Check the path, and that you may "
            "read the file.",
        ) from error  # fmt: skip


def _decoded(contents: bytes, name: str, encoding: str) -> str:
    if contents.startswith((b"\xff\xfe", b"\xfe\xff")) and encoding == "utf-8":
        encoding = "utf-16"
    try:
        text = contents.decode(encoding)
    except UnicodeDecodeError as error:
        line = contents.count(b"\n", 0, error.start) + 1
        raise VectorFileError(
            f"The file is not in {encoding}.", where=f"{name}, line {line}", detail=str(error),
            advice="Say what it is in with --encoding, such as latin-1 or cp1252.",
        ) from error  # fmt: skip
    except (LookupError, UnicodeError) as error:
        raise VectorFileError(
            f"There is no encoding {encoding!r} that this could be read in.", where=name, detail=str(error),
            advice="Name one such as utf-8, latin-1 or cp1252.",
        ) from error  # fmt: skip
    if "\0" in text:
        raise VectorFileError(
            "This is no file of texts: there are zero bytes in it.", where=name,
            advice="Give a text file, CSV, TSV, JSON lines or Parquet; --encoding utf-16 if it is text in that.",
        )  # fmt: skip
    return text.removeprefix("\ufeff")
