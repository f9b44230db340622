"""Where the tokens' vectors, states or scores stand in a tensor."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from embstudio.anatomy.anatomy import PointSource
from embstudio.anatomy.recurrent_node import RecurrentNode
from embstudio.session.canonical import Canonical
from embstudio.session.differentiate.copies import entries
from embstudio.session.differentiate.step import Shape

_POS = "pos"


@dataclass(frozen=True)
class TokenVectors:
    """One vector a token, or one for the whole text.

    numbers: of the tensor's shape, which entry is which: [pos, width]; [1, width] where there is one for all.
    factor:  what the point's value is of the tensor's.
    """

    name: str
    tensor: str
    numbers: Callable[[Shape], np.ndarray]
    factor: float = 1.0

    @classmethod
    def of_point(cls, source: PointSource, sizes: Mapping[str, int]) -> TokenVectors:
        """Those of a point of two axes, [pos, …], or of one without tokens. Raises ValueError for any other."""
        if len(source.axes) > 2 or (len(source.axes) == 2 and _POS not in source.axes):
            raise ValueError(f"{source.name} is no vector a token")
        canonical = Canonical(PointSource(source.name, source.axes, source.tensor, source.layout), sizes)

        def numbers(shape: Shape) -> np.ndarray:
            found = np.asarray(canonical(entries(shape)).values)
            if _POS in source.axes:
                found = np.moveaxis(found, source.axes.index(_POS), 0)
            return found.reshape(len(found), -1) if _POS in source.axes else found.reshape(1, -1)

        return cls(source.name, source.tensor, numbers, source.factor)

    @classmethod
    def of_states(cls, name: str, node: RecurrentNode) -> TokenVectors:
        """h of a recurrent node, of all its directions side by side. The node must hand it out for every token."""

        def numbers(shape: Shape) -> np.ndarray:
            found = entries(shape)  # [pos, direction, batch, unit], or the batch first
            found = found[0] if node.batch_first else found[:, :, 0]
            return found.reshape(len(found), -1)

        return cls(name, node.Y, numbers)

    def picked(self, gradient: np.ndarray) -> np.ndarray:
        """Of a gradient by the tensor, [seed, *shape]: [seed, pos, width], by the point."""
        found: np.ndarray = gradient.reshape(len(gradient), -1)[:, self.numbers(gradient.shape[1:])]
        return found if self.factor == 1 else found / self.factor
