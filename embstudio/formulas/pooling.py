"""How the vectors of a text's tokens become one vector: sums in float64. Ways as in sentence-transformers 6 (`Pooling`,
`Normalize`, `Dense`, `LayerNorm`; Reimers & Gurevych 2019), and weightedmean as in SGPT (Muennighoff 2022)."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

# x [pos, d_model] float64, w [pos]: the place of each token, from 1.
_MODES: dict[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    "cls": lambda x, w: x[0],
    "max": lambda x, w: x.max(axis=0),
    "mean": lambda x, w: x.sum(axis=0) / len(x),
    "mean_sqrt_len_tokens": lambda x, w: x.sum(axis=0) / math.sqrt(len(x)),
    "weightedmean": lambda x, w: (w[:, None] * x).sum(axis=0) / w.sum(),
    "lasttoken": lambda x, w: x[-1],
}
MODES = tuple(_MODES)


def pool(vectors: np.ndarray, modes: tuple[str, ...], mask: np.ndarray | None = None) -> np.ndarray:
    """The vectors [pos, d_model] of the tokens where mask [pos] is not 0, as one [len(modes) · d_model].

    Several modes are put one after the other. Raises ValueError for a mode there is not, or where no token is left.
    """
    kept = np.ones(len(vectors), bool) if mask is None else np.asarray(mask) != 0
    if not kept.any():
        raise ValueError("no token is left to be pooled")
    unknown = [mode for mode in modes if mode not in _MODES]
    if unknown or not modes:
        raise ValueError(f"no such pooling: {unknown}; there are {MODES}")
    x = vectors[kept].astype(np.float64)
    w = (np.flatnonzero(kept) + 1 - np.flatnonzero(kept)[0]).astype(np.float64)
    return np.concatenate([_MODES[mode](x, w) for mode in modes])


def normalise(x: np.ndarray) -> np.ndarray:
    """x / ‖x‖; zeros stay."""
    return np.asarray(x / max(float(np.linalg.norm(x)), 1e-12))


def layer_norm(x: np.ndarray, weight: np.ndarray, bias: np.ndarray, epsilon: float = 1e-5) -> np.ndarray:
    """(x − mean) / √(variance + ε) · weight + bias (Ba et al. 2016); torch.nn.LayerNorm's ε."""
    centred = x - x.mean()
    return np.asarray(centred / np.sqrt(np.mean(centred**2) + epsilon) * weight + bias)


_ERF = np.vectorize(math.erf, otypes=[np.float64])
# torch.nn's activations that have no parameters, by the name of their class.
ACTIVATIONS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "Identity": lambda x: x,
    "Tanh": np.tanh,
    "ReLU": lambda x: np.maximum(x, 0),
    "Sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "GELU": lambda x: x * 0.5 * (1 + _ERF(x / math.sqrt(2))),
    "SiLU": lambda x: x / (1 + np.exp(-x)),
}


def dense(x: np.ndarray, weight: np.ndarray, bias: np.ndarray | None, activation: str) -> np.ndarray:
    """f(W x + b) of x [in], weight [out, in], bias [out]; f one of ACTIVATIONS."""
    product = weight.astype(np.float64) @ x
    return np.asarray(ACTIVATIONS[activation](product if bias is None else product + bias))
