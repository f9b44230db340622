"""What the points' colours stand for: categories, or the numbers of a column."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from embstudio.gui.style.point_colours import MOST

OTHERS = "other"
_TOGETHER = 20_000  # values counted between two calls of `check`


@dataclass(frozen=True)
class Categories:
    """codes: [n], which of the names each point has; names: at most eleven; the last may stand for all others.

    named: the plot names the categories where their points are, and a legend is for large plots only."""

    title: str
    codes: np.ndarray
    names: tuple[str, ...]
    named: bool = False

    def __post_init__(self) -> None:
        if not len(self.names) or len(self.names) > MOST + 1:
            raise ValueError(f"{len(self.names)} categories; from 1 to {MOST + 1} can be told apart")
        if len(self.codes) and not (0 <= int(self.codes.min()) <= int(self.codes.max()) < len(self.names)):
            raise ValueError("codes must be places in the names")

    def colour_of(self, code: int) -> int:
        """Which of the category colours a code has: its own, or the one of all others."""
        return MOST if self.names[code] == OTHERS and code == len(self.names) - 1 else min(code, MOST)


@dataclass(frozen=True)
class Numbers:
    """values: [n], NaN where there is none; drawn from low to high, beyond which they are cut. signed: 0 is neutral."""

    title: str
    values: np.ndarray
    low: float
    high: float
    signed: bool = False

    def share(self, values: np.ndarray) -> np.ndarray:
        """Where between low and high values are, cut to [0, 1]."""
        return np.asarray(((values - self.low) / ((self.high - self.low) or 1.0)).clip(0, 1))


Colouring = Categories | Numbers


def categories_of(title: str, column: Sequence[str], check: Callable[[], None] = lambda: None) -> Categories:
    """A column of texts as categories, the most frequent first; beyond ten, the rest is "other".

    check: called now and then; what it raises ends the work.
    """
    counts = Counter[str]()
    for start in range(0, len(column), _TOGETHER):
        check()
        counts.update(column[start : start + _TOGETHER])
    counted = counts.most_common()
    own = counted if len(counted) <= MOST else counted[:MOST]
    names = tuple(name for name, _ in own)
    places = {name: place for place, name in enumerate(names)}
    codes = np.fromiter((places.get(name, len(names)) for name in column), dtype=np.uint8, count=len(column))
    return (
        Categories(title, codes, names if len(counted) <= MOST else (*names, OTHERS))
        if names
        else Categories(title, codes, (OTHERS,))
    )


def numbers_of(title: str, values: np.ndarray) -> Numbers:
    """A column of numbers over its whole range; signed, and the range symmetric, where it has both signs."""
    values = np.asarray(values, dtype=np.float32)
    finite = values[np.isfinite(values)]
    low, high = (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 1.0)
    if low < 0 < high:
        reach = max(-low, high)
        return Numbers(title, values, -reach, reach, signed=True)
    return Numbers(title, values, low, high)
