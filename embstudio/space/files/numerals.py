"""Lines of numbers written in decimal, read many at a time: no Python code runs for a single number.

A numeral is `[-]whole[.fraction][e±xx]`. With its digits as one whole number m, of which f stand after the point, its
value is m · 10ᵉ⁻ᶠ. A double holds m < 2⁵³ and 10ⁿ (n ≤ 22) exactly, so one division or product rounds once, as strtod
does (Clinger 1990, "How to read floating point numbers accurately"). Eight digits become a number in three
multiplications within one 64-bit word (Lemire 2021, "Number parsing at a gigabyte per second"). Of more than 15 digits
the first are taken: if m and m + 1 end as the same float32, so does all between them. What is left (nan, longer
exponents, digits that are just at the edge of rounding) goes to Python's float, one by one.
"""

from __future__ import annotations

import numpy as np

_MOST_DIGITS = 15  # 10¹⁵ < 2⁵³
_MOST_CUT = 16  # digits after these
_POINT, _MINUS, _PLUS, _NEWLINE = b".-+\n"
_EXPONENT = 4  # characters of e-05
_TEN_TO = 10.0 ** np.arange(23)
_LAST = np.array([0, *((2**64 - 2 ** (64 - 8 * count)) for count in range(1, 9))], np.uint64)  # masks of the last bytes
_LOW = np.uint64(0x000000FF000000FF)


def parse_lines(lines: bytes, columns: int, separator: bytes, *, named: bool) -> tuple[list[bytes], np.ndarray] | None:
    """Names [rows] and numbers [rows, columns] float32 of whole lines, each ending with a line feed.

    named: each line begins with a name; without, there are none. Numbers stand between single separators.
    None: some line is otherwise, and they have to be looked at one by one.
    """
    fields = columns + named
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
    values = _numbers(lines, places, before[:, numbers].ravel(), rows[:, numbers].ravel(), starts[:, numbers].ravel())
    return None if values is None else (names, values.reshape(-1, columns))


class _Text:
    """Lines as characters, and as the eight characters before each place."""

    def __init__(self, lines: bytes) -> None:
        self.characters = np.frombuffer(lines, np.uint8)
        self._before = np.ndarray((len(lines) + 1,), np.dtype("<u8"), bytes(8) + lines + bytes(8), 0, (1,))

    def digits(self, ends: np.ndarray, count: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The values of the `count` characters before `ends`, 0 to 8 of them, and where one is no digit."""
        eight = self._before[ends]
        eight ^= np.uint64(0x3030303030303030)
        eight &= _LAST[count]
        strange = ((eight + np.uint64(0x7676767676767676)) | eight) & np.uint64(0x8080808080808080)
        pairs = eight * np.uint64(10) + (eight >> np.uint64(8))
        upper = (pairs & _LOW) * np.uint64(100 + (1_000_000 << 32))
        lower = (pairs >> np.uint64(16) & _LOW) * np.uint64(1 + (10_000 << 32))
        return (upper + lower) >> np.uint64(32), strange != 0


def _numbers(
    lines: bytes, places: np.ndarray, before: np.ndarray, at: np.ndarray, starts: np.ndarray
) -> np.ndarray | None:
    """Float32 of the fields between places[before] and places[at]; None where one is no number."""
    text = _Text(lines)
    ends, point = places[at], places[before + 1]  # without a point: the end
    values, hard = _short(text, starts, point, ends)
    hard |= at - before > 2  # several points
    left = np.flatnonzero(hard)
    if len(left):
        values[left], hard = _long(text, starts[left], point[left], ends[left])
        hard |= (at - before > 2)[left]
        for index in left[hard].tolist():
            value = number(lines[starts[index] : ends[index]])
            if value is None:
                return None
            values[index] = value
    with np.errstate(over="ignore"):  # too large for a float32: infinite, which the caller looks for
        return np.asarray(values, np.float32)


def _short(text: _Text, starts: np.ndarray, point: np.ndarray, ends: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Values of numerals with at most eight digits on either side of the point, and which are none such."""
    negative = text.characters[starts] == _MINUS
    whole = point - starts - negative
    fraction = np.maximum(ends - point - 1, 0)
    hard = (whole > 8) | (fraction > 8) | (whole + fraction > _MOST_DIGITS) | (whole + fraction < 1)
    if hard.any():
        whole[hard] = fraction[hard] = 0
    upper, strange = text.digits(point, whole)
    hard |= strange
    lower, strange = text.digits(ends, fraction)
    hard |= strange
    scale = _TEN_TO[fraction]
    values = (upper * scale + lower) / scale
    np.negative(values, out=values, where=negative)
    return values, hard


def _long(text: _Text, starts: np.ndarray, point: np.ndarray, ends: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Values of numerals with more digits after the point, with two digits of exponent or none, and which are not."""
    characters = text.characters
    negative = characters[starts] == _MINUS
    mark = np.maximum(ends - _EXPONENT, starts)
    sign = characters[np.minimum(mark + 1, len(characters) - 1)]
    raised = (characters[mark] | 0x20 == ord("e")) & (mark > starts) & ((sign == _MINUS) | (sign == _PLUS))
    exponent, strange = text.digits(ends, np.where(raised, 2, 0))
    power = np.where(sign == _MINUS, -1, 1) * exponent.astype(np.int64)
    ends = np.where(raised, mark, ends)
    point = np.minimum(point, ends)
    whole, fraction = point - starts - negative, np.maximum(ends - point - 1, 0)
    used = np.minimum(fraction, _MOST_DIGITS - np.minimum(whole, 8))
    cut = fraction - used
    power -= used
    hard = strange | (whole > 8) | (whole + fraction < 1) | (cut > _MOST_CUT) | (np.abs(power) >= len(_TEN_TO))
    whole, used, cut, power = (np.where(hard, 0, each) for each in (whole, used, cut, power))
    end = point + 1 + used
    mantissa = np.zeros(len(starts))
    for place, count, scale in (
        (point, whole, _TEN_TO[used]),
        (np.maximum(end - 8, 0), np.maximum(used - 8, 0), 1e8),
        (np.minimum(end, ends), np.minimum(used, 8), 1),
    ):
        digits, strange = text.digits(place, count)
        mantissa += digits * scale
        hard |= strange
    for place, count in ((ends, np.minimum(cut, 8)), (np.maximum(ends - 8, 0), np.maximum(cut - 8, 0))):
        hard |= text.digits(place, count)[1]
    values, above = _scaled(mantissa, power), _scaled(mantissa + 1, power)
    with np.errstate(over="ignore"):
        hard |= (cut > 0) & (values.astype(np.float32) != above.astype(np.float32))
    np.negative(values, out=values, where=negative)
    return values, hard


def _scaled(mantissa: np.ndarray, power: np.ndarray) -> np.ndarray:
    """m · 10ⁿ, rounded once."""
    scale = _TEN_TO[np.abs(power)]
    return np.asarray(np.where(power < 0, mantissa / scale, mantissa * scale))


def number(field: bytes) -> float | None:
    """The value of a numeral in any notation, infinities and nan included; None for what is none."""
    try:
        return None if b"_" in field else float(field)  # Python would take 1_000
    except ValueError:
        return None
