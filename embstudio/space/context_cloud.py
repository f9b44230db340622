"""A word's vectors in several sentences, compared layer by layer: cosines, means over pairs, a plane to see them in.

How alike two tokens are whatever they mean ("any two tokens") is the yardstick for all of these: in trained models the
vectors of a layer point into a narrow cone (Ethayarajh 2019, "How contextual are contextualized word
representations?"). Centring takes the cone's axis away: x − x̄, x̄ the mean over all tokens of a layer.
Everything is worked out in float64.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from embstudio.space.projection import pca


@dataclass(frozen=True)
class ContextLayer:
    """One layer. vectors: [occurrences, width]. mean: [width], of all tokens of the sentences.

    directions, told: Σ x / ‖x‖ over all these tokens, and how many they are.
    """

    vectors: np.ndarray
    mean: np.ndarray
    directions: np.ndarray
    told: int

    @property
    def width(self) -> int:
        return int(self.vectors.shape[1])

    @property
    def any_two(self) -> float:
        """The mean cosine of two different tokens of the sentences: (‖Σ u‖² − n) / (n (n − 1)), u = x / ‖x‖; NaN where
        there are not two, or where it is not known because the vectors were centred."""
        n = self.told
        if n < 2:
            return float("nan")
        return float((self.directions @ self.directions - n) / (n * (n - 1)))

    def centred(self) -> ContextLayer:
        """The same less the mean of all tokens."""
        nothing = np.zeros_like(self.mean)
        return replace(self, vectors=self.vectors - self.mean, mean=nothing, directions=nothing, told=0)


@dataclass(frozen=True)
class Pairs:
    """Mean cosines over pairs of occurrences; NaN where there is no such pair, and how many there are of each."""

    within: float
    across: float
    all: float
    counts: tuple[int, int, int]


@dataclass(frozen=True)
class Plane:
    """Where directions are drawn: (u − origin) · axes, u = x / ‖x‖. axes: [2, width], orthonormal."""

    axes: np.ndarray
    origin: np.ndarray

    def place(self, vectors: np.ndarray) -> np.ndarray:
        """[n, width] → [n, 2]."""
        return np.asarray((unit(vectors) - self.origin) @ self.axes.T)

    def share(self, vectors: np.ndarray) -> float:
        """Which part of how directions differ the plane keeps: Σ‖(u − ū) axesᵀ‖² / Σ‖u − ū‖²; NaN where none do."""
        u = unit(vectors)
        apart = u - u.mean(axis=0)
        whole = float((apart * apart).sum())
        seen = apart @ self.axes.T
        return float((seen * seen).sum()) / whole if whole > 1e-12 else float("nan")


def unit(x: np.ndarray) -> np.ndarray:
    """x / ‖x‖ of vectors [n, width]; zeros stay zeros."""
    lengths = np.linalg.norm(x, axis=1, keepdims=True)
    return np.asarray(np.divide(x, lengths, out=np.zeros_like(x), where=lengths > 0))


def cosines(x: np.ndarray, y: np.ndarray | None = None) -> np.ndarray:
    """x·y / (‖x‖ ‖y‖) of each two of vectors [n, width] and [m, width]: [n, m], NaN where one of them is zero."""
    y = x if y is None else y
    found = np.clip(unit(x) @ unit(y).T, -1, 1)
    found[~x.any(axis=1)] = np.nan
    found[:, ~y.any(axis=1)] = np.nan
    return np.asarray(found)


def pairs(matrix: np.ndarray, groups: Sequence[str]) -> Pairs:
    """Means over a matrix of cosines [n, n]: of pairs of one group and of two, those without a group left out."""
    first, second = np.triu_indices(len(matrix), 1)
    values = matrix[first, second]
    codes = np.array([groups[place] for place in range(len(matrix))], dtype=object)
    named = np.array([bool(group) for group in groups[: len(matrix)]], dtype=bool)
    both = named[first] & named[second] if len(matrix) else np.zeros(0, bool)
    alike = codes[first] == codes[second] if len(matrix) else both
    known = ~np.isnan(values)
    parts = (both & alike & known, both & ~alike & known, known)
    within, across, of_all = (float(values[part].mean()) if part.any() else float("nan") for part in parts)
    return Pairs(within, across, of_all, (int(parts[0].sum()), int(parts[1].sum()), int(parts[2].sum())))


def to_own(x: np.ndarray, static: np.ndarray) -> float:
    """The mean cosine of vectors [n, width] with their own static ones [n, width]; NaN where none can be told."""
    u, v = unit(x), unit(static)
    told = u.any(axis=1) & v.any(axis=1)
    return float(np.sum(u[told] * v[told], axis=1).mean()) if told.any() else float("nan")


def common_plane(layers: Sequence[np.ndarray]) -> Plane:
    """The plane in which the occurrences of a layer differ most, over all layers [occurrences, width] together.

    axes = first two directions of the PCA of all u − ū, ū the mean of the layer's own occurrences: what moves all of
    them alike from layer to layer does not count. Where nothing differs it is the plane of that movement. Raises
    ValueError for layers of different widths or without occurrences.
    """
    if len({layer.shape[1] for layer in layers}) != 1 or not len(layers[0]):
        raise ValueError("a plane needs occurrences, and layers of one width")
    u = [unit(np.asarray(layer, np.float64)) for layer in layers]
    everything = np.concatenate(u)
    apart = np.concatenate([each - each.mean(axis=0) for each in u])
    differ = float((apart * apart).sum()) > 1e-9 * len(apart)
    origin = everything.mean(axis=0)
    return Plane(_leading(apart if differ else everything - origin), origin)


def _leading(x: np.ndarray) -> np.ndarray:
    """The two directions in which centred vectors [n, width] vary most: [2, width], zeros where there are fewer. The
    largest component of each is positive, as in `space.projection`."""
    if len(x) > x.shape[1]:
        return pca(x, 2).axes
    found = np.linalg.svd(x, full_matrices=False)[2][:2]
    axes = np.zeros((2, x.shape[1]))
    axes[: len(found)] = found
    largest = axes[np.arange(2), np.abs(axes).argmax(axis=1)]
    return np.asarray(axes * np.where(largest < 0, -1, 1)[:, None])
