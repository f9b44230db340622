"""Pictures that are shadows of the vectors: straight lines stay straight, and what is near stays near.

What lies in other directions than those of the picture is not seen at all: what is far may look near.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from embstudio.space.projection import pca
from embstudio.space.projections.snapshot import Snapshot

_SAMPLE = 20_000  # rows that give a first picture
_BLOCK = 65_536  # rows projected at a time


@dataclass(frozen=True)
class PrincipalComponents:
    """The directions in which the vectors vary most: exact. Of many rows the first picture is that of a sample's."""

    dimensions: int = 2

    name: ClassVar[str] = "PCA"
    caution: ClassVar[str] = ""
    most_rows: ClassVar[int] = 2**62
    slow: ClassVar[bool] = False

    def pictures(self, vectors: np.ndarray, seed: int) -> Iterator[Snapshot]:
        """Snapshots of vectors [n, width]; see `Method`."""
        if len(vectors) > 2 * _SAMPLE:
            chosen = np.sort(np.random.default_rng(seed).choice(len(vectors), _SAMPLE, replace=False))
            first = pca(vectors[chosen], self.dimensions)
            points = shadow(vectors, first.axes, first.mean)
            yield Snapshot(points, 0, 1, f"directions of {_SAMPLE:,} rows drawn at random", explained=first.explained,
                           axes=first.axes)  # fmt: skip
        whole = pca(vectors, self.dimensions)
        yield Snapshot(whole.points, 1, 1, "exact", explained=whole.explained, axes=whole.axes)


@dataclass(frozen=True)
class RandomDirections:
    """Directions drawn at random, at right angles to each other: what a picture looks like that was not chosen.

    The directions are the columns of Q in G = QR, G of normally distributed numbers: every one is as likely as every
    other (Mezzadri 2007). Scaled by √(width / dimensions), so that inner products are kept on average
    (Johnson and Lindenstrauss 1984). Axes beyond the width are zero.
    """

    dimensions: int = 2

    name: ClassVar[str] = "random directions"
    caution: ClassVar[str] = ""
    most_rows: ClassVar[int] = 2**62
    slow: ClassVar[bool] = False

    def pictures(self, vectors: np.ndarray, seed: int) -> Iterator[Snapshot]:
        """Snapshots of vectors [n, width]; see `Method`."""
        width = vectors.shape[1]
        kept = min(self.dimensions, width)
        Q, R = np.linalg.qr(np.random.default_rng(seed).normal(size=(width, kept)))
        axes = np.zeros((self.dimensions, width))
        axes[:kept] = (Q * np.sign(np.diagonal(R))).T * np.sqrt(width / kept)
        mean = vectors.mean(axis=0, dtype=np.float64)
        yield Snapshot(shadow(vectors, axes, mean), 1, 1, "exact", axes=axes)


def shadow(vectors: np.ndarray, axes: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """(X − x̄) axesᵀ of vectors [n, width], axes [dimensions, width]: [n, dimensions] float32."""
    points = np.empty((len(vectors), len(axes)), np.float32)
    centre, narrow = mean.astype(np.float32), axes.T.astype(np.float32)
    for start in range(0, len(vectors), _BLOCK):
        block = slice(start, start + _BLOCK)
        points[block] = (vectors[block] - centre) @ narrow
    return points
