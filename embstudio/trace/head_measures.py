"""What one attention head does over a whole sentence, in a handful of numbers.

a[i, j] is the weight with which query i attends to key j. All sums are in float64. Only cells where a query may look
count; a query with one such cell has no choice and says nothing of the head, so it is left out (the first token of a
causal model). Weights that sum to less than 1 (an attention sink) are taken as they are, except for the entropy.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np


@dataclass(frozen=True)
class HeadMeasures:
    """Means over the queries of one head; NaN where a measure has no meaning or no query to be taken over.

    entropy:   − Σⱼ pⱼ log₂ pⱼ of p = a[i] / Σ a[i], in bits: 0 is one key, log₂ n is all n keys alike
               (Clark et al. 2019, "What Does BERT Look At?", section 3.3)
    sharpness: maxⱼ a[i, j], the weight of the strongest key
    distance:  Σⱼ a[i, j] |i − j| / Σⱼ a[i, j], in tokens (Vig and Belinkov 2019, section 4.2)
    first:     a[i, 0], the weight on the first token
    special:   Σ a[i, j] over the special tokens j
    itself:    a[i, i]
    previous:  a[i, i − 1]
    sink:      1 − Σⱼ a[i, j], what goes to no token
    """

    entropy: float
    sharpness: float
    distance: float
    first: float
    special: float
    itself: float
    previous: float
    sink: float

    @classmethod
    def names(cls) -> tuple[str, ...]:
        return tuple(field.name for field in fields(cls))


def head_measures(
    pattern: np.ndarray,
    hidden: np.ndarray | None = None,
    special: np.ndarray | None = None,
    offset: int | None = 0,
) -> HeadMeasures:
    """Measure one head's pattern [query, key].

    hidden:  [query, key], true where a query cannot look; None where every query sees every key.
    special: [key], true for special tokens; None or no such token leaves that measure NaN.
    offset:  query i stands at key i + offset (the length of a cache); None where queries and keys are different
             sentences (cross-attention), which leaves the distance, itself and previous NaN.
    """
    weights = np.asarray(pattern, dtype=np.float64)
    if hidden is not None:
        weights = np.where(hidden, 0.0, weights)
        chosen = (~hidden).sum(axis=1) > 1
    else:
        chosen = np.full(len(weights), weights.shape[1] > 1)
    places = np.flatnonzero(chosen)
    weights = weights[places]
    totals = weights.sum(axis=1)
    marked = special is not None and bool(special.any())
    return HeadMeasures(
        entropy=_mean(_entropy(weights, totals)),
        sharpness=_mean(weights.max(axis=1, initial=0.0)),
        distance=_mean(_distance(weights, totals, places + offset)) if offset is not None else np.nan,
        first=_mean(weights[:, 0]) if weights.shape[1] else np.nan,
        special=_mean(weights[:, special].sum(axis=1)) if marked else np.nan,
        itself=_mean(_at(weights, places + offset)) if offset is not None else np.nan,
        previous=_mean(_at(weights, places + offset - 1)) if offset is not None else np.nan,
        sink=_mean(1 - totals),
    )


def _entropy(weights: np.ndarray, totals: np.ndarray) -> np.ndarray:
    """[query] in bits; 0 log 0 is 0. With p = a / t: − Σ p log₂ p = log₂ t − Σ a log₂ a / t."""
    logs = np.log2(weights, out=np.zeros_like(weights), where=weights > 0)
    given = totals > 0
    sums = np.einsum("ij,ij->i", weights, logs)[given]
    return np.asarray(np.log2(totals[given]) - sums / totals[given])


def _distance(weights: np.ndarray, totals: np.ndarray, places: np.ndarray) -> np.ndarray:
    """[query], in tokens."""
    given = totals > 0
    apart = np.abs(places[:, None] - np.arange(weights.shape[1]))
    return np.asarray(np.einsum("ij,ij->i", weights, apart.astype(np.float64))[given] / totals[given])


def _at(weights: np.ndarray, keys: np.ndarray) -> np.ndarray:
    """The weight of each query on the key given for it; queries whose key does not exist are left out."""
    there = (keys >= 0) & (keys < weights.shape[1])
    return np.asarray(weights[np.flatnonzero(there), keys[there]])


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if len(values) else float("nan")
