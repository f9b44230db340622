"""The two losses of word2vec, of scores S = H Uᵀ between hidden vectors h (one a row) and output vectors u.

Both take how often each pair was `seen`, A [rows, columns], so that one call does for a pair or for many windows; and
give the loss and its slope dL/dS. Then dL/dH = (dL/dS) U and dL/dU = (dL/dS)ᵀ H.
"""

from __future__ import annotations

import numpy as np


def negative_sampling(S: np.ndarray, A: np.ndarray, W: np.ndarray) -> tuple[float, np.ndarray]:
    """Skip-gram with negative sampling, Mikolov, Sutskever et al. 2013, equation 4. For one pair and k negatives,

        L = −log σ(u_o · h) − Σₖ log σ(−u_k · h)        dL/ds = σ(s) − t,  t = 1 for the true word, 0 for a negative

    here L = −Σ A log σ(S) − Σ W log σ(−S) and dL/dS = A (σ(S) − 1) + W σ(S). S: [rows, columns]. W: how often each
    pair stands among the negatives; shares of one where negatives are shared.
    """
    P = sigmoid(S)
    loss = float((A * softplus(-S)).sum() + (W * softplus(S)).sum())
    return loss, A * (P - 1) + W * P


def full_softmax(S: np.ndarray, A: np.ndarray) -> tuple[float, np.ndarray]:
    """Mikolov, Sutskever et al. 2013, equation 2, over all words of the vocabulary (columns). For one pair,

        L = −log softmax(s)_o        dL/ds = softmax(s) − t

    here L = −Σ A log softmax(S) and dL/dS = (Σ_columns A) softmax(S) − A.
    """
    Z = S - S.max(axis=1, keepdims=True)
    log_p = Z - np.log(np.exp(Z).sum(axis=1, keepdims=True))
    return -float((A * log_p).sum()), A.sum(axis=1, keepdims=True) * np.exp(log_p) - A


def sigmoid(x: np.ndarray) -> np.ndarray:
    """σ(x) = 1 / (1 + e⁻ˣ), as (1 + tanh(x / 2)) / 2, which never overflows."""
    return np.asarray(0.5 * (1 + np.tanh(0.5 * x)))


def softplus(x: np.ndarray) -> np.ndarray:
    """−log σ(−x) = log(1 + eˣ), without overflow."""
    return np.asarray(np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x))))
