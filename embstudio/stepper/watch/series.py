"""Values at every token: one at each, or many at each that are worked out a few tokens at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from embstudio.stepper.watch.flaws import Flaw

BLOCK = 1 << 19  # numbers that are worked out at once: 4 MB of float64

# block(start, stop) gives [stop − start, width] float64 or bool, and a flaw for each row.
Block = Callable[[int, int], tuple[np.ndarray, np.ndarray]]


@dataclass(frozen=True)
class Series:
    """One value at each token.

    values: [pos] float64, bool, or objects that are str. flaws: [pos], why a value is none; 0 where it is one.
    names:  what whole numbers stand for (tokens, classes); None where they stand for themselves.
    """

    values: np.ndarray
    flaws: np.ndarray
    names: Sequence[str] | None = None

    def __len__(self) -> int:
        return len(self.values)

    @property
    def known(self) -> np.ndarray:
        """[pos] true where there is a value."""
        return np.asarray(self.flaws == 0)

    @property
    def holds(self) -> np.ndarray:
        """[pos] true where a condition is known to hold."""
        return np.asarray(self.known & self.values.astype(bool))

    def flaw(self, token: int) -> Flaw:
        return Flaw(int(self.flaws[token]))


@dataclass(frozen=True)
class Many:
    """Many values at each token, [pos, width]; nothing is kept of them.

    names:  of the places on the axis, where they have some: a function, since a vocabulary's are seldom needed.
    first:  number of the first place, where a part of the axis was chosen.
    narrow: the places from one up to another, where that is cheaper than to work out all of them; `first` counts on.
    """

    length: int
    width: int
    block: Block
    names: Callable[[], Sequence[str]] | None = None
    first: int = 0
    narrow: Callable[[int, int], Many] | None = None

    def blocks(self) -> Iterator[tuple[slice, np.ndarray, np.ndarray]]:
        """All rows in order, a few at a time: (which, values, flaws)."""
        rows = max(1, BLOCK // max(1, self.width))
        for start in range(0, self.length, rows):
            stop = min(self.length, start + rows)
            values, flaws = self.block(start, stop)
            yield slice(start, stop), values, flaws


Values = Series | Many


def no_flaws(count: int) -> np.ndarray:
    """[count] of none."""
    return np.zeros(count, np.uint8)


def first_of(*flaws: np.ndarray) -> np.ndarray:
    """Element by element the first flaw that is one."""
    found = flaws[0]
    for each in flaws[1:]:
        found = np.where(found != 0, found, each)
    return np.asarray(found, np.uint8)


def of_rows(flaws: np.ndarray) -> np.ndarray:
    """[rows, width] → [rows]: the first flaw in each row."""
    if not flaws.any():  # nearly always
        return no_flaws(len(flaws))
    place = (flaws != 0).argmax(axis=1)
    return np.asarray(flaws[np.arange(len(flaws)), place], np.uint8)
