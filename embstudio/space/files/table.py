"""Tables of text: TSV, CSV with commas or semicolons, and numbers between blanks as numpy.savetxt writes them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from itertools import islice

import numpy as np

from embstudio.space.files.gathering import Gathering
from embstudio.space.files.numerals import number, parse_lines
from embstudio.space.files.reading import Reading
from embstudio.space.files.table_layout import TableLayout, numbers_in, reader
from embstudio.space.vector_set import VectorSet

_TOGETHER = 1024  # rows
_NAMES = {"\t": "TSV", ",": "CSV", ";": "CSV", " ": "numbers in columns"}


def read(reading: Reading, layout: TableLayout) -> VectorSet:
    """Raises VectorFileError: ragged rows, what is no number, quotes that do not close."""
    rows, first = _Rows(reading, layout), 0
    for some in _batches(reading, layout):
        rows.take(some, first)
        first += len(some)
        if rows.full:
            break
    return rows.done()


def _batches(reading: Reading, layout: TableLayout) -> Iterator[list[tuple[int, list[str]]]]:
    """Rows with their lines' numbers, the header left out, many at a time."""
    with reading.path.open("rb") as file:
        encoding = "utf-8-sig" if reading.options.encoding == "utf-8" else reading.options.encoding
        text = io.TextIOWrapper(reading.unpacked(file), encoding, "surrogateescape", newline="")
        table = reader(text, layout.separator)
        numbered = ((table.line_num, row) for row in table if row)
        try:
            if layout.header is not None:
                next(numbered)
            while some := list(islice(numbered, _TOGETHER)):
                reading.step(file.tell() / reading.size)
                yield some
        except csv.Error as error:
            reading.fail("This table cannot be read.", line=table.line_num, detail=str(error),
                         advice="A quotation mark may be missing, or be one too many.")  # fmt: skip


class _Rows:
    def __init__(self, reading: Reading, layout: TableLayout) -> None:
        self._reading, self._layout = reading, layout
        self._gathering: Gathering | None = None
        self._width = 0 if layout.listed else len(layout.vector)

    @property
    def full(self) -> bool:
        return self._gathering is not None and self._gathering.full

    def take(self, some: list[tuple[int, list[str]]], first: int) -> None:
        """first: how many came before these."""
        layout, reading = self._layout, self._reading
        good: list[tuple[int, int, list[str], list[str]]] = []
        for row, (line, fields) in enumerate(some, first):
            if len(fields) != layout.columns:
                reading.bad(f"This row has {len(fields)} fields, and others have {layout.columns}.",
                            f"rows with more or fewer than {layout.columns} fields", line=line)  # fmt: skip
                continue
            numbers = numbers_in(fields[layout.vector[0]]) if layout.listed else [fields[at] for at in layout.vector]
            self._width = self._width or len(numbers)
            if len(numbers) != self._width:
                reading.bad(f"This row lists {len(numbers)} numbers, and others {self._width}.",
                            f"rows with more or fewer than {self._width} numbers", line=line,
                            column=layout.vector[0] + 1)  # fmt: skip
                continue
            good.append((row, line, fields, numbers))
        vectors, kept = self._vectors(good)
        good = [each for each, keep in zip(good, kept, strict=True) if keep]
        if self._gathering is None:
            self._gathering = Gathering(reading, max(1, self._width), once=False, column=layout.vector[0] + 1)
        names = [_bytes(fields[layout.words], reading) if layout.words is not None else b"#%d" % row
                 for row, _, fields, _ in good]  # fmt: skip
        columns = {layout.name(at): [_shown(fields[at], reading) for _, _, fields, _ in good] for at in layout.others}
        expected = int((len(self._gathering) + len(good)) / max(reading.share, 1e-9))
        self._gathering.add(names, vectors, [line for _, line, _, _ in good], expected, columns)

    def _vectors(self, rows: list[tuple[int, int, list[str], list[str]]]) -> tuple[np.ndarray, list[bool]]:
        """Numbers [n, width] of the rows that have such, and which these are."""
        lines = "".join(",".join(numbers) + "\n" for *_, numbers in rows).encode("utf-8", "surrogateescape")
        parsed = parse_lines(lines, self._width, b",", named=False) if rows else None
        if parsed is not None and len(parsed[1]) == len(rows):
            return parsed[1], [True] * len(rows)
        vectors, kept = list[list[float]](), list[bool]()
        for _, line, _, numbers in rows:
            values = [number(text.encode("utf-8", "surrogateescape")) for text in numbers]
            known = [value for value in values if value is not None]
            kept.append(len(known) == len(values))
            if kept[-1]:
                vectors.append(known)
            else:
                at = values.index(None)
                column = self._layout.vector[0 if self._layout.listed else at] + 1
                said = (
                    f"{_shown(numbers[at][:40], self._reading)!r} is not a number."
                    if numbers[at]
                    else "A number is missing."
                )
                self._reading.bad(said, "rows with something that is no number", line=line, column=column)
        with np.errstate(over="ignore"):
            return np.array(vectors, np.float64).astype(np.float32).reshape(len(vectors), -1), kept

    def done(self) -> VectorSet:
        layout, reading = self._layout, self._reading
        if self._gathering is None:
            reading.fail("There are no rows in this table.")
        if layout.header is not None and not layout.listed and layout.others:
            first, last = layout.name(layout.vector[0]), layout.name(layout.vector[-1])
            reading.notices.append(
                f"The vectors are made of {len(layout.vector)} columns, {first!r} to {last!r}. "
                "Others are taken by naming them as FIRST:LAST (on the command line: --choice)."
            )
        return self._gathering.done(f"{_NAMES[layout.separator]}, {reading.path}")


def _bytes(text: str, reading: Reading) -> bytes:
    return text.replace("\n", " ").encode(reading.options.encoding, "surrogateescape")


def _shown(text: str, reading: Reading) -> str:
    """Without what cannot be shown or sent on."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return _bytes(text, reading).decode(reading.options.encoding, "backslashreplace")
    return text
