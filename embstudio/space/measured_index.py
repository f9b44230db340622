"""An approximate index together with what is known of how much it finds."""

from __future__ import annotations

from collections.abc import Callable

from embstudio.space.approximate_index import ApproximateFinder
from embstudio.space.neighbours import NeighbourFinder
from embstudio.space.recall import Recall, RecallSample

MOST = 100  # neighbours that a recall is at hand for; of more it is that of so many
Told = Callable[[str, float], object]


def _silent(_doing: str, _share: float) -> None: ...


class MeasuredIndex:
    """exact: as `ApproximateFinder` takes it. told(doing, share): what is being done, and how far it is. check: called
    often; what it raises ends the work. Raises InputError as `ApproximateFinder` does."""

    def __init__(
        self, exact: NeighbourFinder, told: Told = _silent, check: Callable[[], object] = lambda: None, most: int = MOST
    ) -> None:
        self.finder = ApproximateFinder(exact, lambda share: told("Making the index", share), check)
        self._sample = RecallSample(exact, most, lambda share: told("Measuring how much it finds", share), check)
        self._recalls: dict[int, Recall] = {}

    def recall(self, count: int) -> Recall:
        """Of the `count` nearest."""
        if count not in self._recalls:
            self._recalls[count] = self._sample.of(self.finder, count)
        return self._recalls[count]
