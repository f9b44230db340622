"""word2vec's binary format: the header of its text, then for each word its bytes, a blank, and float32 numbers.

Mikolov's word2vec.c, -binary 1. Between vectors there may be line feeds or not.
"""

from __future__ import annotations

import numpy as np

from embstudio.space.files.gathering import Gathering
from embstudio.space.files.reading import CUT_SHORT, Reading
from embstudio.space.files.word_lines import header_of
from embstudio.space.vector_set import VectorSet

_BLOCK = 1 << 22
_LONGEST_WORD = 1 << 14
_NO_TEXT = bytes({*range(9), *range(14, 32), 127})  # bytes that a text of words and numbers has not


def matches(head: bytes) -> bool:
    """Whether a file that begins so is one: the header, and then what is no text."""
    first, _, rest = head[: 1 << 12].partition(b"\n")
    return header_of(first) is not None and any(byte in _NO_TEXT for byte in rest)


def read(reading: Reading) -> VectorSet:
    """Raises VectorFileError: cut short, or not laid out so."""
    header = header_of(reading.head.partition(b"\n")[0])
    assert header is not None  # it matches
    count, width = header
    nbytes = 4 * width
    if not reading.packed and count * (nbytes + 1) > reading.size and not reading.options.skip_bad:
        reading.fail(f"The header promises {count:,} vectors of {width} numbers, for which the file is too short.",
                     line=1, advice=CUT_SHORT)  # fmt: skip
    rows, seen = Gathering(reading, width), 0
    with reading.path.open("rb") as file:
        stream = reading.unpacked(file)
        buffer, at = stream.read(_BLOCK), reading.head.index(b"\n") + 1
        while seen < count and not rows.full:
            reading.step(file.tell() / reading.size)
            names, starts = list[bytes](), list[int]()
            most = count - seen if rows.wanted is None else min(count - seen, rows.wanted)
            while len(names) < most:
                blank = buffer.find(b" ", at)
                if blank < 0 or blank + 1 + nbytes > len(buffer):
                    break
                names.append(buffer[at:blank].lstrip(b"\n"))
                starts.append(blank + 1)
                at = blank + 1 + nbytes
            vectors = np.empty((len(names), width), np.float32)
            for row, start in enumerate(starts):
                vectors[row] = np.frombuffer(buffer, "<f4", width, start)
            if any(b"\n" in name or len(name) > _LONGEST_WORD for name in names):
                row = next(index for index, name in enumerate(names) if b"\n" in name or len(name) > _LONGEST_WORD)
                reading.fail(f"There is no word where that of vector {seen + row + 1:,} should be.", advice="The file "
                             "is damaged: copy or download it again, or read what comes before with "
                             f"--rows {seen + row}." if seen + row else "The file is damaged.")  # fmt: skip
            if names:
                expected = int((len(rows) + len(names)) / max(reading.share, 1e-9))
                rows.add(names, vectors, None, min(expected, count))
                seen += len(names)
            more = stream.read(_BLOCK)
            if not more and not names:
                break
            buffer, at = buffer[at:] + more, 0
            if len(buffer) > 2 * _BLOCK + nbytes + _LONGEST_WORD:
                break  # no blank in all that
    if seen < count and not rows.full:
        said = f"The header promises {count:,} vectors, and the file ends after {seen:,}."
        if not reading.options.skip_bad:
            reading.fail(said, advice=CUT_SHORT)
        reading.notices.append(said)
    return rows.done(f"word2vec binary, {reading.path}")
