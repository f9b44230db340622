"""Very many distances: how many pairs of each kind there are in equal steps, with a step's end at the threshold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

STEPS = 48


@dataclass(frozen=True)
class Histogram:
    """edges: [n + 1]. counts: [2 lanes, n, 2], of SAME, then DIFFERENT: pairs that are learnt from, and held out."""

    edges: np.ndarray
    counts: np.ndarray

    @classmethod
    def of(cls, distances: np.ndarray, same: np.ndarray, held: np.ndarray, threshold: float, top: float) -> Histogram:
        """Of distances [pairs] from 0 to `top`; what is beyond is in the last step."""
        step = top / STEPS
        if threshold < top:  # so that none is half right and half wrong
            step = threshold / max(1, round(threshold / step))
        edges = step * np.arange(int(np.ceil(top / step - 1e-9)) + 1)
        # At the threshold is not beyond it: steps hold their upper end.
        places = np.clip(np.searchsorted(edges, distances, side="left") - 1, 0, len(edges) - 2)
        counts = np.zeros((2, len(edges) - 1, 2), int)
        np.add.at(counts, ((~same).astype(int), places, held.astype(int)), 1)
        return cls(edges, counts)

    @property
    def most(self) -> int:
        """In the fullest step."""
        return max(1, int(self.counts.sum(axis=2).max(initial=0)))
