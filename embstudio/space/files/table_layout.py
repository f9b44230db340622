"""Which columns of a table of text are the vectors, which the words, and which something else: told by their values."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from embstudio.space.files.numerals import number
from embstudio.space.files.reading import Reading, head_lines

_LOOKED_AT = 50  # lines
_LONGEST_FIELD = 1 << 26
_LIST = re.compile(r"[\s,\[\]()]+")
_RUNNING = re.compile(r"(.*?)(\d+)")


@dataclass(frozen=True)
class TableLayout:
    """separator: between fields. header: the columns' names, or None. vector: the columns with numbers; listed: there
    is one, which holds all the numbers of a row. words: the column that names rows, or None. others: what is left."""

    separator: str
    columns: int
    header: tuple[str, ...] | None
    vector: tuple[int, ...]
    listed: bool
    words: int | None
    others: tuple[int, ...]

    def name(self, column: int) -> str:
        """What a column is called."""
        return (self.header[column] if self.header else "") or f"column {column + 1}"


def records(lines: Sequence[str], separator: str) -> list[list[str]]:
    """The fields of some lines. Fields of tab- and blank-separated files are never quoted. Raises csv.Error."""
    return list(reader(lines, separator))


def reader(lines: Iterable[str], separator: str) -> Any:
    """A reader of the csv module, whose largest field (it keeps one for all) is made large enough for vectors."""
    csv.field_size_limit(_LONGEST_FIELD)
    if separator in "\t ":
        return csv.reader(lines, delimiter=separator, quoting=csv.QUOTE_NONE, strict=True)
    return csv.reader(lines, delimiter=separator, strict=True)


def numbers_in(field: str) -> list[str]:
    """The parts of a field that lists numbers: "[0.1, 0.2]", "0.1 0.2"."""
    return [part for part in _LIST.split(field) if part]


def layout_of(reading: Reading) -> TableLayout | None:
    """How a file is laid out; None if it is no table with numbers in it. Raises VectorFileError for a wrong choice."""
    lines = [line.decode(reading.options.encoding, "replace") for line in head_lines(reading.head, _LOOKED_AT)]
    for separator in "\t,; ":
        try:
            rows = [row for row in records(lines, separator) if row]
        except csv.Error:
            continue
        width = len(rows[0]) if rows else 0
        if width > 1 and sum(len(row) == width for row in rows) * 2 > len(rows):
            if separator != " ":
                return _columns(reading, separator, [row for row in rows if len(row) == width])
            if all(is_number(field) for row in rows for field in row):  # else a word and its vector
                return _columns(reading, separator, [row for row in rows if len(row) == width])
    return None


def _columns(reading: Reading, separator: str, rows: list[list[str]]) -> TableLayout | None:
    first, below = rows[0], rows[1:] or rows
    columns = range(len(first))
    numeric = [column for column in columns if _mostly(is_number, below, column)]
    listed = [column for column in columns if column not in numeric and _mostly(_is_list, below, column)]
    named = len(rows) > 1 and (
        any(not is_number(first[column]) for column in numeric)
        or any(not _is_list(first[column]) for column in listed)
        or _counts_up(first, below)
    )
    header = tuple(first) if named else None
    vector = tuple(vector_columns(reading, header, numeric, listed))
    if not vector:
        return None
    others = [column for column in columns if column not in vector]
    texts = [column for column in others if column not in numeric and column not in listed]
    index = [0] if header and not header[0] and 0 in others else []  # as pandas writes it
    words = next(iter([*texts, *index]), None)
    is_list = vector[0] in listed
    if not is_list and len(vector) == 1 and others:
        reading.fail("This table has one column of numbers: it seems to be the metadata of other vectors.",
                     advice="Give it with --metadata beside the file of vectors.")  # fmt: skip
    return TableLayout(separator, len(first), header, vector, is_list, words,
                       tuple(column for column in others if column != words))  # fmt: skip


def vector_columns(
    reading: Reading, header: tuple[str, ...] | None, numeric: list[int], listed: list[int]
) -> Sequence[int]:
    """The columns to take: the one chosen, a column of lists, those with running numbers in their names, or all.

    numeric, listed: the columns there are with a number, or a list of them. Raises VectorFileError if it is not clear.
    """
    wanted = reading.options.choice
    if wanted is not None:
        return _wanted(reading, header, numeric, listed, wanted)
    if listed:
        if len(listed) > 1:
            names = ", ".join(header[column] if header else str(column + 1) for column in listed)
            reading.fail(f"{len(listed)} columns list numbers.", advice=f"Choose one with --choice: {names}.")
        return listed
    if header and not header[0]:
        numeric = [column for column in numeric if column]
    running = _running(header, numeric) if header else []
    return running if len(running) > 1 else numeric


def _wanted(
    reading: Reading, header: tuple[str, ...] | None, numeric: list[int], listed: list[int], wanted: str
) -> Sequence[int]:
    names = list(header) if header else [str(column + 1) for column in range(max([*numeric, *listed]) + 1)]
    if wanted in names and names.index(wanted) in [*numeric, *listed]:
        return [names.index(wanted)]
    first, _, last = wanted.partition(":")
    if first in names and last in names:
        return [column for column in numeric if names.index(first) <= column <= names.index(last)]
    there = ", ".join(names[column] for column in [*listed, *numeric][:12])
    raise reading.fault(
        f"There is no column of numbers {wanted!r}.", advice=f"There are {there}; FIRST:LAST takes all between two."
    )


def _running(header: tuple[str, ...], numeric: list[int]) -> list[int]:
    """The longest run of columns that are called the same but for a number that counts up."""
    best, run, before = list[int](), list[int](), ("", -2)
    for column in numeric:
        found = _RUNNING.fullmatch(header[column])
        now = (found[1], int(found[2])) if found else ("", -2)
        run = [*run, column] if found and now == (before[0], before[1] + 1) else [column] if found else []
        best, before = max(best, run, key=len), now
    return best


def _counts_up(first: list[str], below: list[list[str]]) -> bool:
    """Whether a row is 0, 1, 2 ... above rows with fractions: names that a program gave."""
    return first == [str(count) for count in range(len(first))] and any("." in field for row in below for field in row)


def _mostly(holds: object, rows: list[list[str]], column: int) -> bool:
    return sum(holds(row[column]) for row in rows) * 2 >= len(rows)  # type: ignore[operator]


def is_number(field: str) -> bool:
    """Whether a field is a numeral."""
    return number(field.encode("utf-8", "replace")) is not None


def _is_list(field: str) -> bool:
    parts, bracketed = numbers_in(field), field.strip()[:1] in ("[", "(")
    if not bracketed and (len(parts) < 2 or "." not in field):  # 2,276,450 is one number
        return False
    return bool(parts) and all(map(is_number, parts))
