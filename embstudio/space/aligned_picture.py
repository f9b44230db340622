"""Two aligned sets in one flat picture: every word twice, where it lies in the first set and where in the second."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from embstudio.space.alignment import Alignment
from embstudio.space.projection import pca

_BLOCK = 16384
_FITTED = 50_000  # words that the directions of the picture are found from; of more, so many drawn at random


@dataclass(frozen=True)
class AlignedPicture:
    """first, second: [words, 2], the places of each word. explained: [2], the share of the variance of both sets
    together that each axis carries. fitted: how many words the directions are found from."""

    first: np.ndarray
    second: np.ndarray
    explained: np.ndarray
    fitted: int


def aligned_picture(
    tables: tuple[np.ndarray, np.ndarray], alignment: Alignment, check: Callable[[], None] = lambda: None
) -> AlignedPicture:
    """The principal components of A R and B together, exactly as they were aligned: a line between a word's two places
    is the shadow of its movement ‖aᵢ R − bᵢ‖. tables: [words, width] each."""
    a, b = tables
    rows = np.arange(len(a))
    if len(a) > _FITTED:
        rows = np.sort(np.random.default_rng(0).choice(len(a), _FITTED, replace=False))
    both = np.concatenate([alignment.aligned(a[rows]), alignment.target(b[rows])])
    check()
    found = pca(both, 2)

    def flat(vectors: np.ndarray, laid: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
        points = np.empty((len(vectors), 2), np.float32)
        for start in range(0, len(vectors), _BLOCK):
            check()
            part = slice(start, start + _BLOCK)
            points[part] = (laid(vectors[part]) - found.mean) @ found.axes.T
        return points

    return AlignedPicture(flat(a, alignment.aligned), flat(b, alignment.target), found.explained, len(rows))
