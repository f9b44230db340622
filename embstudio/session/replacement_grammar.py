"""Replacements as they are written on the command line.

    lstm.0.forward.f[17]@3:=1.0        unit 17 of the forget gate is 1 at token 3
    lstm.0.forward.f:=1                all units, at every token
    gru.0.reverse.h[0-7,12]@4..*=0.5   units 0 to 7 and 12 are halved from token 4 on
    lstm.1.forward.c@2..5+=0.1         0.1 is added at tokens 2 to 5

Units and tokens are counted from 0; tokens by their place in the text, whichever way the layer reads.
"""

from __future__ import annotations

import math
import re

from embstudio.base.errors import InputError
from embstudio.session.replacement import HOW, Replacement
from embstudio.trace.points import parse as parse_point

_HOW = {written: how for how, written in HOW.items()}
_POINT = re.compile(r"[A-Za-z0-9_.]+")
_UNITS = re.compile(r"\d+(?:-\d+)?(?:,\d+(?:-\d+)?)*")
_TOKENS = re.compile(r"(\d+)?(?:(\.\.)(\d+)?)?")
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_MOST_UNITS = 2**20  # a range that is longer is a slip


def parse_replacement(text: str) -> Replacement:
    """Raises InputError, saying at which character, for what does not follow the grammar."""
    return _Reader(text).replacement()


class _Reader:
    def __init__(self, text: str) -> None:
        self._text, self._at = text, 0

    def replacement(self) -> Replacement:
        point = self._take(_POINT, "the name of a point")
        try:
            recurrent = parse_point(point).direction is not None
        except ValueError:
            recurrent = False
        if not recurrent:
            raise self._error("no gate or state of a recurrent layer", 0)
        units = self._units() if self._skip("[") else None
        start, end = self._tokens() if self._skip("@") else (0, None)
        how = next((written for written in _HOW if self._text.startswith(written, self._at)), None)
        if how is None:
            raise self._error(f"expected {', '.join(_HOW)}" + ("" if units or end else ", [units] or @tokens"))
        self._at += len(how)
        before = self._at
        value = float(self._take(_NUMBER, "a number"))
        if not math.isfinite(value):
            raise self._error("a number that is too large", before)
        if self._at < len(self._text):
            raise self._error("nothing more was expected")
        return Replacement(point, units, start, end, _HOW[how], value)

    def _units(self) -> tuple[int, ...]:
        before = self._at
        found: dict[int, None] = {}
        for part in self._take(_UNITS, "units, such as 17 or 0-7,12").split(","):
            first, _, last = part.partition("-")
            if int(last or first) < int(first) or int(last or first) - int(first) > _MOST_UNITS:
                raise self._error(f"{part} is no range of units", before)
            found.update(dict.fromkeys(range(int(first), int(last or first) + 1)))
        if not self._skip("]"):
            raise self._error("expected ]")
        return tuple(found)

    def _tokens(self) -> tuple[int, int | None]:
        before = self._at
        found = _TOKENS.match(self._text, before)
        first, range_, last = found.groups() if found else (None, None, None)
        if found is None or (first is None and last is None):
            raise self._error("expected a token, such as 3, 3.. or 2..5")
        self._at = found.end()
        if range_ is None:
            return int(first or 0), int(first or 0) + 1
        start, end = int(first or 0), None if last is None else int(last) + 1
        if end is not None and end <= start:
            raise self._error("the last token comes before the first", before)
        return start, end

    def _take(self, pattern: re.Pattern[str], expected: str) -> str:
        found = pattern.match(self._text, self._at)
        if found is None:
            raise self._error(f"expected {expected}")
        self._at = found.end()
        return found.group()

    def _skip(self, sign: str) -> bool:
        if not self._text.startswith(sign, self._at):
            return False
        self._at += 1
        return True

    def _error(self, what: str, at: int | None = None) -> InputError:
        at = self._at if at is None else at
        return InputError(
            f"A replacement cannot be read: {what}, at character {at + 1}.", where=self._text,
            advice="Write it like lstm.0.forward.f[17]@3:=1.0; docs/command-line.md tells more.",
        )  # fmt: skip
