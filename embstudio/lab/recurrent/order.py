"""Order of two: the temporal order problem of Hochreiter and Schmidhuber (1997), experiment 6a, on which Pascanu,
Mikolov and Bengio (2013) showed clipping."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from embstudio.lab.recurrent.tasks import Examples

MARKS = ("tick", "tock")
FILLERS = ("sun", "rain", "wind", "snow", "fog", "hail")


class Order:
    """tick or tock twice among words of the weather, first and about half way; in which order?"""

    words: ClassVar[tuple[str, ...]] = (*MARKS, *FILLERS)
    answers: ClassVar[tuple[str, ...]] = ("tick tick", "tick tock", "tock tick", "tock tock")
    shortest: ClassVar[int] = 2

    def draw(self, chance: np.random.Generator, distance: int, count: int) -> Examples:
        ids = chance.integers(len(MARKS), len(self.words), size=(distance + 1, count))
        first, second = chance.integers(len(MARKS), size=(2, count))
        third = max(1, distance // 3)
        where = chance.integers(third, max(third + 1, 2 * distance // 3), size=count)
        ids[0] = first
        ids[where, np.arange(count)] = second
        return Examples(ids, 2 * first + second)
