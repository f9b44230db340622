"""Why there is no value at a step. Numbers, so that a flaw can be kept for each token in an array."""

from __future__ import annotations

from enum import IntEnum


class Flaw(IntEnum):
    """0 is none. Of several the first that was met counts."""

    NONE = 0
    FIRST_STEP = 1
    NO_TOKEN = 2
    WHOLE_TEXT = 3
    DIVIDED_BY_ZERO = 4
    BELOW_ZERO = 5
    TOO_LARGE = 6
    NOT_A_NUMBER = 7
    NO_PLACE = 8
    EMPTY = 9
    PENDING = 10

    @property
    def words(self) -> str:
        """The reason as a person reads it."""
        return _WORDS[self]


_WORDS = {
    Flaw.NONE: "",
    Flaw.FIRST_STEP: "there is no step before the first",
    Flaw.NO_TOKEN: "the model gives nothing at this token",
    Flaw.WHOLE_TEXT: "the model judges the whole text, so only at its end",
    Flaw.DIVIDED_BY_ZERO: "divided by 0",
    Flaw.BELOW_ZERO: "a root or logarithm of a number that has none",
    Flaw.TOO_LARGE: "larger than a number can be",
    Flaw.NOT_A_NUMBER: "not a number (NaN)",
    Flaw.NO_PLACE: "there is no such place at this token",
    Flaw.EMPTY: "nothing was chosen",
    Flaw.PENDING: "still being worked out",
}
