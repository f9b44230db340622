"""Text with a word and its vector in each line: word2vec's and fastText's with a header, GloVe's without.

    3 2              the header: how many vectors, how wide (Mikolov's word2vec, -binary 0; fastText's .vec)
    cat 0.1 -0.25
    dog 1e-3 0.5

GloVe: https://nlp.stanford.edu/projects/glove/. Some words of its largest files have blanks in them (". . ."): they end
where the last numbers begin, as many as in other lines.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from embstudio.space.files.gathering import Gathering
from embstudio.space.files.numerals import number, parse_lines
from embstudio.space.files.reading import CUT_SHORT, Reading, head_lines, tidy
from embstudio.space.vector_set import VectorSet

_LOOKED_AT = 50  # lines
_WIDEST = 1 << 24
_Some = tuple[list[bytes], np.ndarray, Sequence[int]]  # names, vectors, the lines they are in


@dataclass(frozen=True)
class Layout:
    """rows: what the header promises; None without one. found: the width that most lines have, whatever it promises."""

    rows: int | None
    width: int
    found: int

    @property
    def name(self) -> str:
        return "GloVe text" if self.rows is None else "word2vec text"


def layout_of(head: bytes) -> Layout | None:
    """How a file that begins so is laid out; None if its lines are not words with numbers between blanks."""
    lines = [line for line in head_lines(head, _LOOKED_AT) if line.strip()]
    if not lines:
        return None
    counts = [_numbers_at_end(line) for line in lines[1:]]
    if (header := header_of(lines[0])) and (not counts or _usual(counts) != 1 or header[1] == 1):
        return Layout(header[0], header[1], _usual(counts) or header[1])
    counts.append(_numbers_at_end(lines[0]))
    width = _usual(counts)
    return Layout(None, width, width) if width and counts.count(width) * 2 > len(counts) else None


def header_of(line: bytes) -> tuple[int, int] | None:
    """Rows and width, if a line is nothing but these."""
    fields = line.split()
    if len(fields) != 2 or not all(field.isdigit() and len(field) < 16 for field in fields):
        return None
    rows, width = map(int, fields)
    return (rows, width) if 0 < width <= _WIDEST else None


def read(reading: Reading, layout: Layout) -> VectorSet:
    """Raises VectorFileError: ragged lines, what is no number, fewer lines than the header promises."""
    width = _width(reading, layout)
    rows, seen, after, untidy = Gathering(reading, width), 0, 1, False
    for line, block in reading.line_blocks():
        after = line + block.count(b"\n")
        if line == 1 and layout.rows is not None:
            line, block = 2, block[block.index(b"\n") + 1 :]
        parsed = None if untidy else parse_lines(block, width, b" ", named=True)
        if parsed is None:
            parsed = parse_lines(tidy(block), width, b" ", named=True)
            untidy = parsed is not None  # blanks at the ends of lines, most likely of all lines
        if parsed is not None:
            count = len(parsed[0])
            some: Iterable[_Some] = [(*parsed, range(line, line + count))]
        else:
            lines = [(at, row) for at, row in enumerate(block.split(b"\n"), line) if row.strip()]
            count, some = len(lines), _one_by_one(reading, lines, width, rows)
        expected = int((len(rows) + count) / max(reading.share, 1e-9))
        for names, vectors, places in some:
            rows.add(names, vectors, places, expected if layout.rows is None else min(expected, layout.rows))
        seen += count
        if rows.full:
            return rows.done(f"{layout.name}, {reading.path}")
    _compare_with_header(reading, layout, seen, after)
    return rows.done(f"{layout.name}, {reading.path}")


def _width(reading: Reading, layout: Layout) -> int:
    """How many numbers a line has. Raises VectorFileError where the header says otherwise, unless bad is skipped."""
    if layout.found != layout.width:
        said = f"The header promises vectors of {layout.width} numbers, and the lines have {layout.found}."
        if not reading.options.skip_bad:
            reading.fail(said, line=1, advice="Take the lines as they are with --skip-bad.")
        reading.notices.append(said)
    return layout.found


def _compare_with_header(reading: Reading, layout: Layout, seen: int, after: int) -> None:
    if layout.rows is None or seen == layout.rows:
        return
    said = f"The header promises {layout.rows:,} vectors, and there are {seen:,}."
    if seen < layout.rows and not reading.options.skip_bad:
        reading.fail(said, line=after, advice=CUT_SHORT)
    reading.notices.append(said)


def _one_by_one(reading: Reading, lines: Sequence[tuple[int, bytes]], width: int, rows: Gathering) -> Iterator[_Some]:
    """What can be read of lines with their numbers, no more at a time than `rows` still wants.

    Raises VectorFileError for a line that cannot be read.
    """
    names, vectors, places = list[bytes](), list[list[float]](), list[int]()
    for at, row in lines:
        if (values := _row(reading, at, row.rstrip(b" \t\r"), width)) is not None:
            names.append(values[0])
            vectors.append(values[1])
            places.append(at)
        if rows.wanted is not None and len(names) >= rows.wanted:
            yield names, _float32(vectors, width), places
            names, vectors, places = [], [], []
            if rows.full:
                return
    yield names, _float32(vectors, width), places


def _float32(vectors: list[list[float]], width: int) -> np.ndarray:
    with np.errstate(over="ignore"):  # infinite, which the caller looks for
        return np.array(vectors, np.float64).reshape(len(vectors), width).astype(np.float32)


def _row(reading: Reading, line: int, row: bytes, width: int) -> tuple[bytes, list[float]] | None:
    """The word and the numbers of a line; None if it is to be left out. Raises VectorFileError."""
    fields = row.split(b" ")
    if len(fields) != width + 1:  # several blanks between numbers, or blanks in the word
        fields = row.rsplit(None, width)
    values = [number(field) for field in fields[1:]]
    if len(values) != width or (b" " in fields[0] and number(fields[0].rsplit(b" ", 1)[1]) is not None):
        found = _numbers_at_end(row)
        reading.bad(f"This line has {found} number{'' if found == 1 else 's'}, and others have {width}.",
                    f"lines with more or fewer than {width} numbers", line=line)  # fmt: skip
        return None
    known = [value for value in values if value is not None]
    if len(known) < width:
        column = values.index(None) + 1
        reading.bad(f"{fields[column][:40].decode('utf-8', 'replace')!r} is not a number.",
                    "lines with something that is no number", line=line, column=column + 1)  # fmt: skip
        return None
    return fields[0], known


def _numbers_at_end(line: bytes) -> int:
    """How many numbers a line ends with; its first field is a word, whatever it looks like."""
    fields, count = line.split()[1:], 0
    while count < len(fields) and number(fields[-1 - count]) is not None:
        count += 1
    return count


def _usual(counts: list[int]) -> int:
    return Counter(counts).most_common(1)[0][0] if counts else 0
