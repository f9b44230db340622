"""Lines of numbers written in decimal, read many at a time: no Python code runs for a single number.

A numeral is `[-]whole[.fraction]`. With all its digits as one whole number m and f of them after the point, its value
is m / 10ᶠ. A double holds m < 2⁵³ and 10ᶠ (f ≤ 22) exactly, so the one division rounds once, as strtod does (Clinger
1990, "How to read floating point numbers accurately"). Eight digits become a number in three multiplications within one
64-bit word (Lemire 2021, "Number parsing at a gigabyte per second"). What is no such numeral (exponents, nan, more
digits) goes to Python's float, one by one.
"""

from __future__ import annotations

import numpy as np

_MOST_DIGITS = 15  # 10¹⁵ < 2⁵³
_POINT, _MINUS, _NEWLINE = b".-\n"
_TEN_TO = 10.0 ** np.arange(_MOST_DIGITS + 1)
_LAST = np.array([0, *((2**64 - 2 ** (64 - 8 * count)) for count in range(1, 9))], np.uint64)  # masks of the last bytes
_LOW = np.uint64(0x000000FF000000FF)


def parse_lines(lines: bytes, columns: int, separator: bytes, *, named: bool) -> tuple[list[bytes], np.ndarray] | None:
    """Names [rows] and numbers [rows, columns] float32 of whole lines, each ending with a line feed.

    named: each line begins with a name; without, there are none. Numbers stand between single separators.
    None: some line is otherwise, and they have to be looked at one by one.
    """
    fields = columns + named
    padded = bytes(8) + lines
    text = np.frombuffer(lines, np.uint8)
    stops = text == ord(separator)
    stops |= text == _NEWLINE
    stops |= text == _POINT
    places = np.flatnonzero(stops)
    marks = text[places]
    at = np.flatnonzero(marks != _POINT)
    if not len(at) or len(at) % fields:
        return None
    rows = at.reshape(-1, fields)
    ends = places[rows]
    if np.any((marks[rows] == _NEWLINE) != (np.arange(fields) == columns + named - 1)):
        return None
    # The field before: of the first of a line the one that ends the line above.
    before = np.concatenate(([-1], at[:-1])).reshape(rows.shape)
    starts = np.concatenate(([0], ends.ravel()[:-1] + 1)).reshape(rows.shape)
    names: list[bytes] = []
    if named:
        names = [lines[start:end] for start, end in zip(starts[:, 0].tolist(), ends[:, 0].tolist(), strict=True)]
    numbers = slice(int(named), None)
    values = _numbers(
        lines, padded, places, before[:, numbers].ravel(), rows[:, numbers].ravel(), starts[:, numbers].ravel()
    )
    return None if values is None else (names, values.reshape(-1, columns))


def _numbers(
    lines: bytes, padded: bytes, places: np.ndarray, before: np.ndarray, at: np.ndarray, starts: np.ndarray
) -> np.ndarray | None:
    """Float32 of the fields between places[before] and places[at]; None where one is no number."""
    points = at - before - 1  # how many are inside
    ends, point = places[at], places[before + 1]  # without a point: the end
    negative = np.frombuffer(lines, np.uint8)[starts] == _MINUS  # an empty field looks at the next one's first byte
    whole = point - starts - negative
    fraction = np.maximum(ends - point - 1, 0)
    hard = (points > 1) | (whole < 0) | (whole > 8) | (fraction > 8) | (whole + fraction > _MOST_DIGITS)
    hard |= whole + fraction == 0
    if hard.any():
        whole[hard] = fraction[hard] = 0
    ending_at = np.ndarray((len(lines) + 1,), np.dtype("<u8"), padded, 0, (1,))  # the eight bytes before each place
    upper, strange = _digits(ending_at[point], whole)
    hard |= strange
    lower, strange = _digits(ending_at[ends], fraction)
    hard |= strange
    scale = _TEN_TO[fraction]
    values = (upper * scale + lower) / scale
    np.negative(values, out=values, where=negative)
    for index in np.flatnonzero(hard).tolist():
        value = number(lines[starts[index] : ends[index]])
        if value is None:
            return None
        values[index] = value
    with np.errstate(over="ignore"):  # too large for a float32: infinite, which the caller looks for
        return np.asarray(values, np.float32)


def number(field: bytes) -> float | None:
    """The value of a numeral in any notation, infinities and nan included; None for what is none."""
    try:
        return None if b"_" in field else float(field)  # Python would take 1_000
    except ValueError:
        return None


def _digits(eight: np.ndarray, count: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The values of the last `count` of eight characters (little-endian words), and where one is no digit."""
    eight ^= np.uint64(0x3030303030303030)
    eight &= _LAST[count]
    strange = ((eight + np.uint64(0x7676767676767676)) | eight) & np.uint64(0x8080808080808080)
    pairs = eight * np.uint64(10) + (eight >> np.uint64(8))
    upper = (pairs & _LOW) * np.uint64(100 + (1_000_000 << 32))
    lower = (pairs >> np.uint64(16) & _LOW) * np.uint64(1 + (10_000 << 32))
    return (upper + lower) >> np.uint64(32), strange != 0
