"""Remember the first symbol: the long time lag problem of Hochreiter and Schmidhuber (1997), experiment 2, as a choice
among four."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from embstudio.lab.recurrent.tasks import Examples

KEYS = ("red", "green", "blue", "white")
FILLERS = ("sun", "rain", "wind", "snow", "fog", "hail", "mist", "frost")


class Remember:
    """A colour, then words of the weather drawn at random; which colour was it?"""

    words: ClassVar[tuple[str, ...]] = (*KEYS, *FILLERS)
    answers: ClassVar[tuple[str, ...]] = KEYS
    shortest: ClassVar[int] = 1

    def draw(self, chance: np.random.Generator, distance: int, count: int) -> Examples:
        answers = chance.integers(len(KEYS), size=count)
        fillers = chance.integers(len(KEYS), len(self.words), size=(distance, count))
        return Examples(np.concatenate([answers[None], fillers]), answers)
