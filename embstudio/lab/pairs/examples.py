"""What one step learns from: a pair or a triplet. Its loss, and the slopes at the vectors of its items."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from embstudio.lab.pairs.items import Items
from embstudio.lab.pairs.losses import contrastive, cosine, cosine_distance, distance, triplet
from embstudio.lab.pairs.settings import COSINE, TRIPLET, Settings
from embstudio.lab.pairs.split import Split


@dataclass(frozen=True)
class Examples:
    """rows: [n, 2 or 3] items of each. pairs: [n, 1 or 2] the pairs each is made of. same: [n]; of triplets True."""

    rows: np.ndarray
    pairs: np.ndarray
    same: np.ndarray

    def __len__(self) -> int:
        return len(self.rows)

    @classmethod
    def of(cls, items: Items, parts: Split, settings: Settings, *, held: bool) -> Examples:
        """Those that are learnt from, or those that are held out."""
        if settings.loss == TRIPLET:
            rows = parts.held_triplets if held else parts.triplets
            return cls(rows, parts.held_sources if held else parts.sources, np.ones(len(rows), bool))
        which = np.flatnonzero(parts.held == held)
        return cls(items.ends[which], which[:, None], items.same[which])


def losses_of(
    vectors: list[np.ndarray], same: np.ndarray, settings: Settings
) -> tuple[np.ndarray, tuple[np.ndarray, ...]]:
    """Losses [n] of examples, and dL/dv [n, width] of each of their two or three vectors."""
    if settings.loss == TRIPLET:
        return triplet(vectors[0], vectors[1], vectors[2], settings.margin)
    if settings.loss == COSINE:
        return cosine(vectors[0], vectors[1], same, settings.margin)
    losses, slope = contrastive(vectors[0], vectors[1], same, settings.margin)
    return losses, (slope, -slope)


def distances_of(V: np.ndarray, ends: np.ndarray, loss: str) -> np.ndarray:
    """The distances [pairs] that a verdict is found by: 1 − cos with the cosine loss, else straight lines."""
    measure = cosine_distance if loss == COSINE else distance
    return measure(V[ends[:, 0]], V[ends[:, 1]])


def nothing(examples: Examples, settings: Settings) -> float:
    """The mean loss of an encoder that gives all items one vector: all distances are 0."""
    apart = float(np.mean(~examples.same)) if len(examples) else 0.0
    if settings.loss == TRIPLET:
        return settings.margin
    return apart * (settings.margin if settings.loss == COSINE else 0.5 * settings.margin**2)
