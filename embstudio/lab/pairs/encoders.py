"""What makes a vector of an item: a table of vectors, or a bag of words. The third, an LSTM, has a file of its own.

An encoder is applied to both items of a pair with the same weights, so the slopes of both uses add up.
"""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

from embstudio.lab.pairs.items import Items
from embstudio.lab.pairs.settings import BAG, LINEAR, TABLE, Settings

Slope = tuple[np.ndarray | None, np.ndarray]
"""Rows of a weight, each once, and dL/drow; no rows: dL/d of the whole weight."""


class Encoder(Protocol):
    """weights: by name; they are changed in place."""

    weights: dict[str, np.ndarray]

    def encode(self, rows: np.ndarray) -> tuple[np.ndarray, Any]:
        """The vectors [n, dimensions] of items, and what `back` needs of the way to them."""
        ...

    def back(self, way: Any, dV: np.ndarray) -> dict[str, Slope]:
        """From dL/dV [n, dimensions] to the slopes at the weights."""
        ...


def encoder_of(items: Items, settings: Settings, starts: dict[str, tuple[float, ...]]) -> Encoder:
    """A new one, its weights drawn by the seed. starts: vectors that some items begin with, in a table."""
    from embstudio.lab.pairs.lstm_encoder import LstmEncoder

    chance = np.random.default_rng([settings.seed, 0])
    if settings.encoder == TABLE:
        return TableEncoder.drawn(items, settings.dimensions, chance, starts)
    if settings.encoder == BAG:
        return BagEncoder.drawn(items, settings.dimensions, chance, linear=settings.layer == LINEAR)
    return LstmEncoder.drawn(items, settings.dimensions, chance)


class TableEncoder:
    """Each item has a vector of its own: v = E[item]."""

    def __init__(self, E: np.ndarray) -> None:
        self.weights = {"E": E}

    @classmethod
    def drawn(
        cls, items: Items, width: int, chance: np.random.Generator, starts: dict[str, tuple[float, ...]]
    ) -> TableEncoder:
        """Numbers evenly from −1 to 1, but for items whose start is given, and as wide."""
        E = chance.uniform(-1, 1, (len(items.names), width))
        for row, name in enumerate(items.names):
            if len(starts.get(name, ())) == width:
                E[row] = starts[name]
        return cls(E)

    def encode(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return self.weights["E"][rows], rows

    def back(self, way: np.ndarray, dV: np.ndarray) -> dict[str, Slope]:
        return {"E": summed(way, dV)}


class BagEncoder:
    """The mean of an item's word vectors through one layer: v = f(W mean(E[words]) + b), f tanh or nothing."""

    def __init__(self, items: Items, weights: dict[str, np.ndarray], *, linear: bool) -> None:
        """weights: E [words, width], W [dimensions, width], b [dimensions]."""
        self.weights, self.linear = weights, linear
        # The words of an item in the order of the vocabulary: the same words have the same sum, to the last bit.
        there = np.arange(items.ids.shape[1]) < items.lengths[:, None]
        self._ids = np.where(there, np.sort(np.where(there, items.ids, len(items.words)), axis=1), 0)
        self._lengths = items.lengths

    @classmethod
    def drawn(cls, items: Items, width: int, chance: np.random.Generator, *, linear: bool) -> BagEncoder:
        """Word vectors evenly from −1 to 1; W as Glorot and Bengio 2010 (uniform), times √3, as means are short."""
        reach = np.sqrt(3) * np.sqrt(6 / (2 * width))
        weights = {
            "E": chance.uniform(-1, 1, (len(items.words), width)),
            "W": chance.uniform(-reach, reach, (width, width)),
            "b": np.zeros(width),
        }
        return cls(items, weights, linear=linear)

    def encode(self, rows: np.ndarray) -> tuple[np.ndarray, tuple[np.ndarray, np.ndarray, np.ndarray]]:
        E, W, b = (self.weights[name] for name in "EWb")
        share = self._share(rows)
        mean = (E[self._ids[rows]] * share[:, :, None]).sum(axis=1)
        V = mean @ W.T + b
        if not self.linear:
            V = np.tanh(V)
        return V, (rows, mean, V)

    def back(self, way: tuple[np.ndarray, np.ndarray, np.ndarray], dV: np.ndarray) -> dict[str, Slope]:
        rows, mean, V = way
        da = dV if self.linear else dV * (1 - V**2)
        share = self._share(rows)
        by_word = share[:, :, None] * (da @ self.weights["W"])[:, None, :]
        seen = share > 0
        return {
            "E": summed(self._ids[rows][seen], by_word[seen]), "W": (None, da.T @ mean), "b": (None, da.sum(axis=0)),
        }  # fmt: skip

    def _share(self, rows: np.ndarray) -> np.ndarray:
        """[n, longest], 1 / length where a word stands, else 0."""
        lengths = self._lengths[rows][:, None]
        return np.where(np.arange(self._ids.shape[1]) < lengths, 1 / lengths, 0.0)


def summed(rows: np.ndarray, slopes: np.ndarray) -> Slope:
    """Equal rows [n] once, with the sum of their slopes [n, width]."""
    each, places = np.unique(rows, return_inverse=True)
    found = np.zeros((len(each), slopes.shape[1]))
    np.add.at(found, places.reshape(-1), slopes)
    return each, found
