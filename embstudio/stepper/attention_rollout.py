"""The rollout of one stack's weights, worked out a few rows at a time so that a window can go on answering."""

from __future__ import annotations

import numpy as np

from embstudio.stepper.attention_weights import AttentionWeights
from embstudio.trace.rollout import rolled_rows

ROWS = 64  # worked out at once: some ten milliseconds for 2,048 tokens


class AttentionRollout:
    """From the lowest layer below which nothing is missing, up to the one asked for. Empty where there is none."""

    def __init__(self, weights: AttentionWeights) -> None:
        self.weights = weights
        self._rolled: dict[tuple[int, int], np.ndarray] = {}  # by first and last layer
        self._rows: dict[tuple[int, int], int] = {}  # how many rows of these are there

    def why_not(self, layer: int) -> str:
        """Why there is no rollout up to a layer, as a sentence; empty where there is one."""
        weights = self.weights
        queries, keys = weights.shape(layer)
        if weights.stack.crosses:
            return "Rollout follows one sentence through the layers; here a sentence looks at another."
        if queries != keys:
            return "Rollout needs all tokens at every layer; the cached ones have only keys and values."
        return "" if weights.captured(layer) else f"Rollout up to layer {layer} needs the weights of that layer."

    def covers(self, layer: int) -> tuple[int, ...]:
        """The layers that the rollout goes through: an unbroken run of those held, of the same tokens."""
        found: list[int] = []
        for at in reversed([each for each in self.weights.stack.layers if each <= layer]):
            if not self.weights.captured(at) or self.weights.shape(at) != self.weights.shape(layer):
                break
            found.append(at)
        return tuple(reversed(found))

    def missing(self, layer: int) -> tuple[int, ...]:
        """The layers below that it does not cover."""
        covered = self.covers(layer)
        return tuple(each for each in self.weights.stack.layers if each <= layer and each not in covered)

    def advance(self, layer: int) -> bool:
        """Work out some more rows; whether all are there. Raises ValueError where `why_not` gives a reason."""
        why = self.why_not(layer)
        if why:
            raise ValueError(why)
        covered = self.covers(layer)
        below = None
        for at in covered:
            place = covered[0], at
            queries, keys = self.weights.shape(at)
            start = self._rows.get(place, 0)
            if start < queries:
                rolled = self._rolled.setdefault(place, np.empty((queries, keys)))
                rows = slice(start, min(start + ROWS, queries))
                rolled[rows] = rolled_rows(self.weights.trace[self.weights.stack.point(at)].values, below, rows)
                self._rows[place] = rows.stop
                return at == layer and rows.stop == queries
            below = self._rolled[place]
        return True

    def share(self, layer: int) -> float:
        """How much of the work is done, from 0 to 1."""
        covered = self.covers(layer)
        done = sum(self._rows.get((covered[0], at), 0) for at in covered)
        return done / max(1, len(covered) * self.weights.shape(layer)[0])

    def rolled(self, layer: int) -> np.ndarray:
        """The rollout up to a layer, [query, key] float64, NaN where the layer's heads cannot look.

        Raises ValueError where `why_not` gives a reason.
        """
        while not self.advance(layer):
            pass
        whole = self._rolled[self.covers(layer)[0], layer]
        return np.where(whole > 0, whole, np.where(self.weights.hidden(layer), np.nan, whole))
