"""A document × word matrix in a file: the first line names the words, each other one a document and its counts."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from embstudio.base.errors import InputError
from embstudio.lab.topics.corpus import Corpus, count_of
from embstudio.lab.topics.sparse import Sparse

ENDINGS = (".csv", ".tsv")
_MOST_CELLS = 50_000_000  # that are not 0
_SEPARATORS = {".tsv": "\t"}


def read_matrix(path: Path) -> Corpus:
    """Raises InputError for a file that is no such matrix, and OSError or UnicodeDecodeError for one that cannot be
    read."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        first = file.readline()
        file.seek(0)
        separator = _SEPARATORS.get(path.suffix.lower()) or (";" if first.count(";") > first.count(",") else ",")
        try:
            return _corpus(csv.reader(file, delimiter=separator, strict=True))
        except csv.Error as error:
            raise InputError("This table cannot be read.", where=path.name, detail=str(error),
                             advice="Save it again as CSV or TSV.") from error  # fmt: skip


def _corpus(lines: Iterable[list[str]]) -> Corpus:
    """The matrix of all lines; what is wrong is said with its line and word."""
    words: tuple[str, ...] = ()
    names: list[str] = []
    starts, columns, values = [0], [np.zeros(0, np.int32)], [np.zeros(0, np.int64)]
    for number, cells in enumerate(lines, 1):
        if not any(cell.strip() for cell in cells):
            continue
        if not words:
            words = _header(cells)
            continue
        if len(cells) != len(words) + 1:
            raise InputError(
                f"Line {number:,} has {len(cells):,} cells; the first line has {len(words) + 1:,}.",
                advice="Each line needs a name and one count for each word.",
            )  # fmt: skip
        row = _row(cells, words, number)
        at = np.flatnonzero(row)
        names.append(cells[0].strip() or f"document {len(names) + 1}")
        columns.append(at.astype(np.int32))
        values.append(row[at])
        starts.append(starts[-1] + len(at))
        if starts[-1] > _MOST_CELLS:
            raise InputError(
                f"More than {_MOST_CELLS:,} cells of this matrix are not 0: it does not fit into memory.",
                advice="Take fewer documents.",
            )  # fmt: skip
    if not names:
        raise InputError(
            "There are no documents in this table.",
            advice="The first line names the words, each other one a document and its counts.",
        )
    counts = Sparse(np.array(starts), np.concatenate(columns), np.concatenate(values), len(words))
    return Corpus(tuple(names), words, counts)


def _header(cells: list[str]) -> tuple[str, ...]:
    words = tuple(cell.strip() for cell in cells[1:])
    twice = next((word for at, word in enumerate(words) if word in words[:at]), None) if len(words) < 1000 else None
    if len(set(words)) < len(words):
        raise InputError("A word stands in the first line twice.", where=twice or "", advice="Name each word once.")
    if not words or any(not word for word in words):
        raise InputError("The first line has to name the words, from the second cell on.")
    if all(_is_number(word) for word in words):
        raise InputError("The first line has only numbers.", advice="It has to name the words of the columns.")
    return words


def _row(cells: list[str], words: tuple[str, ...], number: int) -> np.ndarray:
    try:  # nearly always: small whole numbers
        row = np.array(cells[1:], dtype=np.int64)
        if row.min() >= 0 and row.max() <= 10**9:
            return row
    except (ValueError, OverflowError):
        pass
    row = np.zeros(len(words), np.int64)
    for at, (cell, word) in enumerate(zip(cells[1:], words, strict=True)):
        try:
            row[at] = count_of(cell)
        except InputError as error:
            raise InputError(error.what, where=f"line {number:,}, “{word}”: {cell.strip()[:40]}",
                             advice=error.advice) from None  # fmt: skip
    return row


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
