"""Scaled dot-product attention in plain numpy: the independent reference that tests hold models against."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class AttentionStep(NamedTuple):
    """scores and pattern [..., query, key], z [..., query, d_head]."""

    scores: np.ndarray
    pattern: np.ndarray
    z: np.ndarray


def softmax(x: np.ndarray, axis: int = -1) -> np.ndarray:
    """softmax(x)ᵢ = e^(xᵢ − max x) / Σⱼ e^(xⱼ − max x); a row of nothing but −∞ gives zeros, not NaN."""
    top = np.max(x, axis=axis, keepdims=True)
    e = np.exp(x - np.where(np.isfinite(top), top, 0))
    total = np.sum(e, axis=axis, keepdims=True)
    return np.asarray(np.divide(e, total, out=np.zeros_like(e), where=total > 0))


def attention(
    q: np.ndarray, k: np.ndarray, v: np.ndarray, *, mask: np.ndarray | None = None, scale: float | None = None
) -> AttentionStep:
    """Attention of q [..., query, d_head] over k, v [..., key, d_head] (Vaswani et al. 2017, equation 1).

    scores = q kᵀ · scale + mask    pattern = softmax(scores)    z = pattern v

    scale: 1/√d_head where None. mask: added to the scores (−∞ hides a key); broadcast to [..., query, key].
    Fewer key/value heads than query heads (grouped queries) must be repeated by the caller.
    """
    scale = 1 / np.sqrt(q.shape[-1]) if scale is None else scale
    scores = q @ np.swapaxes(k, -1, -2) * scale
    if mask is not None:
        scores = scores + mask
    pattern = softmax(scores)
    return AttentionStep(scores, pattern, pattern @ v)


def causal_mask(length: int) -> np.ndarray:
    """[query, key]: 0 where the key is not after the query, −∞ where it is."""
    return np.triu(np.full((length, length), -np.inf), 1)
