"""From a tensor as a graph has it to a point's value: batch dropped, axes in the canonical order."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from math import prod

import numpy as np

from embstudio.anatomy.anatomy import PointSource
from embstudio.trace.axes import NamedArray

BATCH, ONE = "batch", "one"


class Canonical:
    """How one point's tensors are turned round, worked out once for all its values.

    `PointSource.layout` says what its entries mean; `sizes` how long axes are that share a dimension, of which one may
    be missing. Of a batch of several the first is taken. Raises ValueError if the layout does not hold the point's
    axes.
    """

    def __init__(self, source: PointSource, sizes: Mapping[str, int]) -> None:
        self._source = source
        self._layout = [entry.split() for entry in source.layout or (BATCH, *source.axes)]
        self._sizes = {BATCH: 1, ONE: 1, **sizes}
        names = [word for words in self._layout for word in words]
        self._merged = len(names) > len(self._layout)
        self._single: tuple[slice | int, ...] = tuple(0 if name in (BATCH, ONE) else slice(None) for name in names)
        names = [name for name in names if name not in (BATCH, ONE)]
        parts = [_parts(names, axis) for axis in source.axes]
        self._order = [place for group in parts for place in group]
        if sorted(self._order) != list(range(len(names))):
            raise ValueError(f"{source.name}: axes {names}, but {source.axes} are stated")
        self._counts = [len(group) for group in parts]

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
        value = value[self._single].transpose(self._order)
        if any(count != 1 for count in self._counts):
            lengths = iter(value.shape)
            value = value.reshape([prod(islice(lengths, count)) for count in self._counts])
        precision = np.dtype(np.float32) if value.dtype == np.float16 else value.dtype
        value = np.ascontiguousarray(value, precision)
        if not self._source.is_plain:
            value = value * precision.type(self._source.factor) + precision.type(self._source.offset)
        return NamedArray(value, self._source.axes)

    def _cut(self, words: list[str], length: int) -> list[int]:
        """How a dimension divides into its axes; at most one may be unknown."""
        if len(words) == 1:
            return [length]
        missing = [word for word in words if word not in self._sizes]
        known = int(np.prod([self._sizes[word] for word in words if word in self._sizes]))
        if len(missing) > 1 or length % known:
            raise ValueError(f"{self._source.name}: a dimension of {length} does not divide into {words}")
        return [self._sizes.get(word, length // known) for word in words]


def _parts(names: list[str], axis: str) -> list[int]:
    """The places of an axis: one, several in order ("head:0", "head:1"), or none where its length is 1."""
    places = [place for place, name in enumerate(names) if name.partition(":")[0] == axis]
    return sorted(places, key=lambda place: names[place])
