"""From a tensor as a graph has it to a point's value: batch dropped, axes in the canonical order."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from embstudio.anatomy.anatomy import PointSource
from embstudio.trace.axes import NamedArray

BATCH = "batch"


def to_canonical(value: np.ndarray, source: PointSource, sizes: Mapping[str, int]) -> NamedArray:
    """The value of a point from its tensor, as float32 and contiguous.

    An entry of the layout with two words is two axes in one dimension; `sizes` says how long they are, and one of
    them may be missing. Raises ValueError if the tensor does not have the layout that the anatomy states.
    """
    layout = source.layout or (BATCH, *source.axes)
    if value.ndim != len(layout):
        raise ValueError(f"{source.name}: {value.ndim} dimensions, but the layout is {layout}")
    known = {**sizes, BATCH: 1}
    names: list[str] = []
    shape: list[int] = []
    for entry, length in zip(layout, value.shape, strict=True):
        words = entry.split()
        names.extend(words)
        shape.extend([length] if len(words) == 1 else _shares(words, length, known))
    value = value.reshape(shape)
    if BATCH in names:
        at = names.index(BATCH)
        value = value.take(0, axis=at)
        del names[at]
    if sorted(names) != sorted(source.axes):
        raise ValueError(f"{source.name}: axes {names}, but {source.axes} are stated")
    value = value.transpose([names.index(axis) for axis in source.axes])
    return NamedArray(np.ascontiguousarray(value, _precision(value)), source.axes)


def _shares(words: list[str], length: int, known: Mapping[str, int]) -> list[int]:
    """How a dimension divides into its axes; at most one may be unknown."""
    missing = [word for word in words if word not in known]
    if len(missing) > 1:
        raise ValueError(f"the lengths of {missing} are not known")
    rest = int(np.prod([known[word] for word in words if word in known]))
    if length % rest:
        raise ValueError(f"a dimension of {length} does not divide into {words}")
    return [known.get(word, length // rest) for word in words]


def _precision(value: np.ndarray) -> type | None:
    """Half precision is widened, which is exact: numpy and the plots are slow with it."""
    return np.float32 if value.dtype == np.float16 else None
