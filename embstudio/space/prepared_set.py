"""A set of vectors as it is compared: left as it is, or centred, whitened, brought to unit length."""

from __future__ import annotations

import numpy as np

from embstudio.space.neighbours import NeighbourFinder
from embstudio.space.transforms import Transform, transform_of
from embstudio.space.vector_set import VectorSet


class PreparedSet:
    """vectors: [rows, width], those of `set` after `transform`. Making one of a large set takes seconds."""

    def __init__(self, vectors: VectorSet, *, centre: bool = False, whiten: bool = False, unit: bool = False) -> None:
        self.set = vectors
        self.changes = (centre, whiten, unit)
        self.transform: Transform = transform_of(
            vectors.vectors, centre=centre, whiten="zca" if whiten else "", unit=unit
        )
        self.vectors: np.ndarray = self.transform(vectors.vectors)
        self._finders: dict[str, NeighbourFinder] = {}

    def finder(self, metric: str) -> NeighbourFinder:
        """What finds neighbours by a metric, prepared at its first use. Raises ValueError for one that there is not."""
        if metric not in self._finders:
            self._finders[metric] = NeighbourFinder(self.vectors, metric)
        return self._finders[metric]

    def nearest(self, row: int, count: int, metric: str) -> tuple[list[int], list[float]]:
        """The nearest rows of a row, itself left out, with their distances. A metric is prepared at its first use.

        Raises ValueError for a metric that there is not, IndexError for a row that does not exist.
        """
        rows, distances = self.finder(metric).of_rows([row], count)
        return rows[0].tolist(), distances[0].tolist()
