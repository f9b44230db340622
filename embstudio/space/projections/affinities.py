"""How alike the rows are, as t-SNE sees it: a bell around each row, as wide as it must be to hold `perplexity` others.

van der Maaten and Hinton 2008; only the nearest 3 × perplexity count (van der Maaten 2014, section 4.1).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

_ROUNDS = 64  # of halving, at most
_SETTLED = 1e-5  # nats of entropy


@dataclass(frozen=True)
class Affinities:
    """A symmetric sparse matrix P whose entries sum to 1.

    row, column: [entries], row by row. value: [entries] float32. starts: [n], where each row begins.
    """

    row: np.ndarray
    column: np.ndarray
    value: np.ndarray
    starts: np.ndarray


def conditional(distances: np.ndarray, perplexity: float) -> np.ndarray:
    """p(j|i) for the nearest of each row, from their distances [n, k]: rows that sum to 1, [n, k] float64.

    p(j|i) ∝ exp(−βᵢ d²ᵢⱼ), with βᵢ such that the entropy −Σ p log p is log perplexity, found by halving.
    """
    squares = np.square(distances, dtype=np.float64)
    squares -= squares[:, :1]  # the nearest at 0: nothing underflows, and p does not change
    # In units of each row's own scale, so that one interval for log β serves all.
    scale = squares.mean(axis=1, keepdims=True)
    squares /= np.where(scale > 0, scale, 1)
    low, high = np.full((len(squares), 1), -30.0), np.full((len(squares), 1), 30.0)
    wanted = np.log(min(perplexity, squares.shape[1]))
    for _ in range(_ROUNDS):
        beta = np.exp((low + high) / 2)
        weights = np.exp(-beta * squares)
        total = weights.sum(axis=1, keepdims=True)
        # −Σ p log p = log Σ w + β Σ w d² / Σ w
        entropy = np.log(total) + beta * np.sum(weights * squares, axis=1, keepdims=True) / total
        too_wide = entropy > wanted
        low, high = np.where(too_wide, (low + high) / 2, low), np.where(too_wide, high, (low + high) / 2)
        if np.all(np.abs(entropy - wanted) < _SETTLED):
            break
    return np.asarray(weights / total)


def symmetric(neighbours: np.ndarray, weights: np.ndarray) -> Affinities:
    """P = (W + Wᵀ) / Σ(W + Wᵀ) of weights [n, k] to neighbours [n, k]."""
    n, count = neighbours.shape
    row, column = np.repeat(np.arange(n), count), neighbours.ravel()
    places = np.concatenate([row * n + column, column * n + row])
    order = np.argsort(places)  # no place comes more than twice, and a sum of two has no order
    places = places[order]
    first = np.flatnonzero(np.concatenate([[True], places[1:] != places[:-1]]))
    value = np.add.reduceat(np.tile(weights.ravel(), 2)[order], first)
    row, column = np.divmod(places[first], n)
    return Affinities(row, column, (value / value.sum()).astype(np.float32), np.searchsorted(row, np.arange(n)))
