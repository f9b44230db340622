"""Named axes: an array never travels without the names of its axes. One glossary for code, files and plots."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

AXES: dict[str, str] = {
    "pos": "token position",
    "query": "position that attends",
    "key": "position attended to",
    "head": "attention head",
    "kv_head": "key/value head (fewer than heads with grouped-query attention)",
    "d_model": "width of the residual stream or the embedding",
    "d_head": "width of one attention head",
    "d_mlp": "width of the hidden layer of the MLP",
    "vocab": "entry of the vocabulary",
    "class": "class of a classifier",
    "unit": "unit of a recurrent layer",
}

TOKEN_AXES = frozenset({"pos", "query", "key"})


@dataclass(frozen=True)
class NamedArray:
    """Values with a name for each axis. Raises ValueError if the two disagree or a name is not in the glossary."""

    values: np.ndarray
    axes: tuple[str, ...]

    def __post_init__(self) -> None:
        if self.values.ndim != len(self.axes):
            raise ValueError(f"{self.values.ndim} dimensions but axes {self.axes}")
        unknown = [axis for axis in self.axes if axis not in AXES]
        if unknown:
            raise ValueError(f"unknown axes {unknown}; the glossary is trace.axes.AXES")

    @property
    def shape(self) -> tuple[int, ...]:
        return self.values.shape

    @property
    def nbytes(self) -> int:
        return self.values.nbytes

    def size(self, axis: str) -> int:
        """Length of a named axis. Raises ValueError if the array has no such axis."""
        return int(self.values.shape[self.axes.index(axis)])

    def at(self, **index: int) -> np.ndarray:
        """The values at an index of some named axes, the others kept in order: `pattern.at(head=3, query=5)`."""
        for axis in index:
            if axis not in self.axes:
                raise ValueError(f"no axis {axis!r} among {self.axes}")
        return self.values[tuple(index.get(axis, slice(None)) for axis in self.axes)]
