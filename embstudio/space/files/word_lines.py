"""Text with a word and its vector in each line: word2vec's and fastText's with a header, GloVe's without.

    3 2              the header: how many vectors, how wide (Mikolov's word2vec, -binary 0; fastText's .vec)
    cat 0.1 -0.25
    dog 1e-3 0.5

GloVe: https://nlp.stanford.edu/projects/glove/. Some words of its largest files have blanks in them (". . ."): they end
where the last numbers begin, as many as in other lines.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from embstudio.space.files.gathering import Gathering
from embstudio.space.files.numerals import number, parse_lines
from embstudio.space.files.reading import Reading, head_lines, tidy
from embstudio.space.vector_set import VectorSet

_LOOKED_AT = 50  # lines


@dataclass(frozen=True)
class Layout:
    """rows: what the header promises; None without one."""

    rows: int | None
    width: int

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
        return Layout(header[0], header[1])
    counts.append(_numbers_at_end(lines[0]))
    width = _usual(counts)
    return Layout(None, width) if width and counts.count(width) * 2 > len(counts) else None


def header_of(line: bytes) -> tuple[int, int] | None:
    """Rows and width, if a line is nothing but these."""
    fields = line.split()
    if len(fields) == 2 and all(field.isdigit() and len(field) < 16 for field in fields) and int(fields[1]):
        return int(fields[0]), int(fields[1])
    return None


def read(reading: Reading, layout: Layout) -> VectorSet:
    """Raises VectorFileError: ragged lines, what is no number, fewer lines than the header promises."""
    rows, width, seen, after, untidy = Gathering(reading, layout.width), layout.width, 0, 1, False
    for line, block in reading.line_blocks():
        after = line + block.count(b"\n")
        if line == 1 and layout.rows is not None:
            line, block = 2, block[block.index(b"\n") + 1 :]
        parsed = None if untidy else parse_lines(block, width, b" ", named=True)
        if parsed is None:
            parsed = parse_lines(tidy(block), width, b" ", named=True)
            untidy = parsed is not None  # blanks at the ends of lines, most likely of all lines
        if parsed is not None:
            names, vectors = parsed
            lines: range | list[int] = range(line, line + len(names))
        else:
            names, vectors, lines = _one_by_one(reading, line, block, width)
        seen += after - line
        expected = int((len(rows) + len(names)) / max(reading.share, 1e-9))
        rows.add(names, vectors, lines, min(expected, layout.rows) if layout.rows is not None else expected)
        if rows.full:
            return rows.done(f"{layout.name}, {reading.path}")
    _compare_with_header(reading, layout, seen, after)
    return rows.done(f"{layout.name}, {reading.path}")


def _compare_with_header(reading: Reading, layout: Layout, seen: int, after: int) -> None:
    if layout.rows is None or seen == layout.rows:
        return
    said = f"The header promises {layout.rows:,} vectors, and there are {seen:,}."
    if seen < layout.rows and not reading.options.skip_bad:
        reading.fail(said, line=after, advice="The file may be cut short: copy or download it again, or take what is "
                                              "there with --skip-bad.")  # fmt: skip
    reading.notices.append(said)


def _one_by_one(reading: Reading, line: int, block: bytes, width: int) -> tuple[list[bytes], np.ndarray, list[int]]:
    """Names, vectors [n, width] and line numbers of the lines that can be read. Raises VectorFileError for others."""
    names, lines = list[bytes](), list[int]()
    vectors = np.empty((block.count(b"\n"), width), np.float32)
    for at, row in enumerate(block.split(b"\n")[:-1], line):
        row = row.rstrip(b" \t\r")
        if not row:
            continue
        fields = row.split(b" ")
        if len(fields) != width + 1:  # several blanks between numbers, or blanks in the word
            fields = row.rsplit(None, width)
        values = [number(field) for field in fields[1:]]
        if len(values) != width or (b" " in fields[0] and number(fields[0].rsplit(b" ", 1)[1]) is not None):
            found = _numbers_at_end(row)
            reading.bad(f"This line has {found} number{'' if found == 1 else 's'}, and others have {width}.",
                        f"lines with more or fewer than {width} numbers", line=at)  # fmt: skip
        elif None in values:
            column = values.index(None) + 1
            reading.bad(f"{fields[column][:40].decode('utf-8', 'replace')!r} is not a number.",
                        "lines with something that is no number", line=at, column=column + 1)  # fmt: skip
        else:
            with np.errstate(over="ignore"):
                vectors[len(names)] = values
            names.append(fields[0])
            lines.append(at)
    return names, vectors[: len(names)], lines


def _numbers_at_end(line: bytes) -> int:
    """How many numbers a line ends with; its first field is a word, whatever it looks like."""
    fields, count = line.split()[1:], 0
    while count < len(fields) and number(fields[-1 - count]) is not None:
        count += 1
    return count


def _usual(counts: list[int]) -> int:
    return Counter(counts).most_common(1)[0][0] if counts else 0
