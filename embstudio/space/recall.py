"""How many of the true nearest an approximate search finds, measured on the very table that it searches."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from embstudio.formulas.distances import METRICS
from embstudio.space.neighbours import NeighbourFinder

ASKED = 200  # rows
_TOGETHER = 10  # rows between two looks at whether anybody still waits


class Finder(Protocol):
    """What is asked for the nearest of rows."""

    def of_rows(self, rows: Sequence[int], count: int) -> tuple[np.ndarray, np.ndarray]: ...


@dataclass(frozen=True)
class Recall:
    """share: of the true `count` nearest of `asked` rows drawn at random, the share that was found."""

    share: float
    count: int
    asked: int

    @property
    def sentence(self) -> str:
        """The same for people."""
        return (
            f"approximate: it found {100 * self.share:.1f} % of the true {self.count} nearest of {self.asked:,} words "
            "drawn at random"
        )


class RecallSample:
    """The exact answers to questions drawn at random, worked out once: `of` holds a finder against them.

    most: of neighbours that a recall can be asked for. progress and check: as when an index is made.
    """

    def __init__(
        self,
        exact: NeighbourFinder,
        most: int = 100,
        progress: Callable[[float], object] = lambda _share: None,
        check: Callable[[], object] = lambda: None,
    ) -> None:
        self._larger_is_nearer = METRICS[exact.metric].larger_is_nearer
        usable = exact.usable_rows
        self._rows = np.sort(np.random.default_rng(1).choice(usable, min(ASKED, len(usable)), replace=False))
        answers = []
        for start in range(0, len(self._rows), _TOGETHER):
            check()
            answers.append(exact.of_rows(self._rows[start : start + _TOGETHER].tolist(), most)[1])
            progress(min(1.0, (start + _TOGETHER) / len(self._rows)))
        self._distances = np.concatenate(answers) if answers else np.empty((0, 0))

    def of(self, finder: Finder, count: int) -> Recall:
        """The recall@count of a finder of the same table. A row as near as the last of the true ones counts as one."""
        count = min(count, self._distances.shape[1])
        _, found = finder.of_rows(self._rows.tolist(), count)
        if not found.size:
            return Recall(1.0, count, len(self._rows))
        last = self._distances[:, [count - 1]]
        near = found >= last if self._larger_is_nearer else found <= last
        return Recall(float(near.mean()), count, len(self._rows))
