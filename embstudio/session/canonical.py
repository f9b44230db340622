"""From a tensor as a graph has it to a point's value: batch dropped, axes in the canonical order."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from embstudio.anatomy.anatomy import PointSource
from embstudio.trace.axes import NamedArray

BATCH = "batch"


class Canonical:
    """How one point's tensors are turned round, worked out once for all its values.

    An entry of the layout with two words is two axes in one dimension; `sizes` says how long they are, and one of
    them may be missing. Raises ValueError if the layout does not hold the point's axes.
    """

    def __init__(self, source: PointSource, sizes: Mapping[str, int]) -> None:
        self._source = source
        self._layout = [entry.split() for entry in source.layout or (BATCH, *source.axes)]
        self._sizes = {**sizes, BATCH: 1}
        names = [word for words in self._layout for word in words]
        self._merged = len(names) > len(self._layout)
        self._without_batch: tuple[slice | int, ...] = tuple(0 if name == BATCH else slice(None) for name in names)
        names = [name for name in names if name != BATCH]
        if sorted(names) != sorted(source.axes):
            raise ValueError(f"{source.name}: axes {names}, but {source.axes} are stated")
        self._order = [names.index(axis) for axis in source.axes]

    def __call__(self, value: np.ndarray) -> NamedArray:
        """A value, contiguous. Half precision is widened, which is exact: numpy and the plots are slow with it.

        Raises ValueError if the tensor does not have the layout.
        """
        if value.ndim != len(self._layout):
            raise ValueError(f"{self._source.name}: {value.ndim} dimensions, but the layout is {self._source.layout}")
        if self._merged:
            value = value.reshape(
                [size for part in zip(self._layout, value.shape, strict=True) for size in self._cut(*part)]
            )
        value = value[self._without_batch].transpose(self._order)
        precision = np.float32 if value.dtype == np.float16 else value.dtype
        return NamedArray(np.ascontiguousarray(value, precision), self._source.axes)

    def _cut(self, words: list[str], length: int) -> list[int]:
        """How a dimension divides into its axes; at most one may be unknown."""
        if len(words) == 1:
            return [length]
        missing = [word for word in words if word not in self._sizes]
        known = int(np.prod([self._sizes[word] for word in words if word in self._sizes]))
        if len(missing) > 1 or length % known:
            raise ValueError(f"{self._source.name}: a dimension of {length} does not divide into {words}")
        return [self._sizes.get(word, length // known) for word in words]
