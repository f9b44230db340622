"""CSV and TSV with a header. Fields of CSV may be quoted and have line ends in them; those of TSV are as they stand."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from embstudio.base.errors import VectorFileError
from embstudio.space.files.table_layout import reader
from embstudio.space.texts.chosen import chosen
from embstudio.space.texts.texts import Texts


def read(text: str, where: str, column: str | None) -> Texts:
    """Raises VectorFileError: rows that do not fit the header, quotes that do not end, no such column."""
    separator = _separator(text.split("\n", 1)[0], column)
    lines = reader(io.StringIO(text, newline=""), separator)
    rows: list[Sequence[str]] = []
    try:
        header: list[str] = next(lines, [])
        for row in lines:
            if row and len(row) != len(header):
                raise VectorFileError(
                    f"This row has {len(row)} fields, and the header {len(header)}.", where=f"{where}, line "
                    f"{lines.line_num}", advice="Quote fields that have the separator in them.",
                )  # fmt: skip
            rows.append(row or [""] * len(header))
    except csv.Error as error:
        raise VectorFileError(
            "This table cannot be read.", where=f"{where}, line {lines.line_num}", detail=str(error),
            advice="Look for quotes that do not end.",
        ) from error  # fmt: skip
    place = header.index(chosen(header, column, where))
    metadata = {name: [row[other] for row in rows] for other, name in enumerate(header) if other != place}
    return Texts.of([row[place] for row in rows], metadata, f"column {header[place]} of {where}")


def names(text: str) -> tuple[str, ...]:
    """Of the columns, as the header has them."""
    line = text.split("\n", 1)[0]
    return tuple(next(reader([line.rstrip("\r")], _separator(line, None)), []))


def _separator(header: str, column: str | None) -> str:
    """The one that the header has, and that leaves the column asked for a name of its own."""
    found = [separator for separator in "\t,;" if separator in header]
    for separator in found:
        if column is None or column in next(reader([header.rstrip("\r")], separator), []):
            return separator
    return found[0] if found else ","
