"""Attention rollout: how much of each token's vector at a layer comes from which input token, if attention told all.

Abnar and Zuidema 2020, "Quantifying Attention Flow in Transformers", equation 1. The residual stream passes a token's
own vector on beside what attention adds, and both are taken to weigh the same; MLPs, norms and the sizes of the
values are left out of account. It is a summary of the weights, not a measurement of influence.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def rollout(patterns: Sequence[np.ndarray]) -> np.ndarray:
    """The rollout after the last of `patterns`, each [head, query, key] of one layer, lowest first: [query, key].

    Aₗ = mean over heads,   Âₗ = (Aₗ + I) with each row divided by its sum,   Rₗ = Âₗ Rₗ₋₁,   R₀ = I

    float64; rows sum to 1. What a head gives to an attention sink counts for nothing: the row is made to sum to 1
    without it. Raises ValueError where queries and keys are not the same tokens, or no layer is given.
    """
    if not patterns:
        raise ValueError("rollout needs at least one layer")
    rolled: np.ndarray | None = None
    for pattern in patterns:
        _heads, queries, keys = pattern.shape
        if queries != keys:
            raise ValueError(f"rollout needs queries and keys to be the same tokens, not {queries} and {keys}")
        rolled = rolled_rows(pattern, rolled, slice(0, queries))
    assert rolled is not None
    return rolled


def rolled_rows(pattern: np.ndarray, below: np.ndarray | None, rows: slice) -> np.ndarray:
    """Some rows of the rollout after a layer with this pattern [head, token, token]: [row, token] float64.

    below: Rₗ₋₁, [token, token]; None for the first layer.
    """
    step = pattern[:, rows].mean(axis=0, dtype=np.float64)
    own = np.arange(rows.start, rows.stop)
    step[own - rows.start, own] += 1
    step /= step.sum(axis=1, keepdims=True)
    return np.asarray(step if below is None else step @ below)
