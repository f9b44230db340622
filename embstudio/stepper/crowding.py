"""Crowding: how much of what is in a recurrent memory is new, how much old, and how fast what was written fades.

One vector has to hold everything. Each token writes into it and every forget gate below 1 takes from what was there.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np

from embstudio.stepper.memory_shares import MemoryShares

AGES = (1, 5, 20)
"""How far back each band but the last goes; 1 is the token that was just read."""


@dataclass(frozen=True)
class Bands:
    """What the memory holds by how long ago it was written.

    shares: [pos, band], of the sum over all units of |due to a token|; each row adds up to 1, or is 0 in an empty
    memory. The last band has what is older, and what a layer began with.
    """

    names: tuple[str, ...]
    shares: np.ndarray


def bands(shares: MemoryShares, ages: tuple[int, ...] = AGES) -> Bands:
    """The memory after every token, by age."""
    edges = [shares.older(ago).sum(axis=1) for ago in (0, *ages)]
    parts = [*(newer - older for newer, older in itertools.pairwise(edges)), edges[-1]]
    mass = np.clip(np.stack(parts, axis=1), 0.0, None)  # a difference of sums may come out a rounding below 0
    total = mass.sum(axis=1, keepdims=True)
    names = ["this token"]
    names += [f"last {low + 1}–{high}" for low, high in itertools.pairwise(ages)]
    return Bands((*names, "older"), np.divide(mass, total, out=np.zeros_like(mass), where=total > 0))


def half_lives(shares: MemoryShares) -> np.ndarray:
    """After how many tokens half of what a unit holds is left, by its mean ln of the gate over the text, [unit].

    ln ½ / mean ln f: 0 where a gate was 0, ∞ where nothing fades. The first gate is left out where it had nothing to
    act on.
    """
    mean = shares.mean_log()
    return np.asarray(np.where(mean < 0, np.log(0.5) / np.where(mean < 0, mean, -1.0), np.inf))


def constant(keep: float, tokens: int) -> np.ndarray:
    """What a gate that is always `keep` would leave after 0, 1, … tokens: keepᵏ, [tokens]."""
    return np.asarray(float(keep) ** np.arange(tokens))


def left_of(shares: MemoryShares, source: int) -> np.ndarray:
    """What is left after every token of all that `source` wrote, all units' sizes added up, as a share of it, [pos];
    NaN before it was read, and where it wrote nothing."""
    size = np.abs(shares.written(source))
    total = float(size.sum())
    if not total:
        return np.full(shares.tokens, np.nan)
    return np.asarray(shares.left(source) @ (size / total))
