"""What may be done to vectors before they are compared: centre, whiten, unit length, in this order.

Neighbours differ with and without, so `Transform.words` names what was done, to be shown wherever its results are.

Whitening gives every direction the same variance, so that a few strong ones no longer decide every distance. All
whitenings differ by a rotation alone, and so give the same neighbours by euclidean, cosine and dot. ZCA is the one that
moves vectors least (Kessy, Lewin and Strimmer 2018, Optimal Whitening and Decorrelation): its dimensions are still
those of the model, so manhattan and chebyshev, which look at dimensions, mean what they did. PCA's are the principal
axes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

WHITENINGS = ("zca", "pca")

_BLOCK = 16384  # rows in float64 at a time
_NO_VARIANCE = 1e-10  # of the largest variance: a direction with less is rounding, and is taken out, not blown up


@dataclass(frozen=True)
class Transform:
    """x → (x − mean) · matrix, then divided by its length if `unit`. words: what that is, "" for nothing.

    mean: [width]. matrix: [width, width], or None where directions stay as they are. dropped: directions without
    variance, which whitening takes out.
    """

    mean: np.ndarray
    matrix: np.ndarray | None = None
    unit: bool = False
    dropped: int = 0
    words: str = ""

    def __call__(self, vectors: np.ndarray) -> np.ndarray:
        """Vectors [n, width], of the set or not, transformed; float32 unless they are float64. Zeros stay zeros."""
        if not self.words:
            return vectors
        out = np.empty(vectors.shape, np.float64 if vectors.dtype == np.float64 else np.float32)
        for start in range(0, len(vectors), _BLOCK):
            x = vectors[start : start + _BLOCK].astype(np.float64) - self.mean
            if self.matrix is not None:
                x = x @ self.matrix
            if self.unit:
                lengths = np.linalg.norm(x, axis=1, keepdims=True)
                x = np.divide(x, lengths, out=x, where=lengths > 0)
            out[start : start + _BLOCK] = x
        return out


def transform_of(vectors: np.ndarray, *, centre: bool = False, whiten: str = "", unit: bool = False) -> Transform:
    """The transform that the vectors [rows, width] of a set ask for. whiten: "", "zca" or "pca"; it centres too.

    C = (X − x̄)ᵀ(X − x̄) / n = V Λ Vᵀ.    ZCA: V Λ^(−½) Vᵀ.    PCA: V Λ^(−½), the largest variance first.
    Rows that are not finite count for nothing. Raises ValueError for another whitening.
    """
    if whiten and whiten not in WHITENINGS:
        raise ValueError(f"whitening {whiten!r}; there are {', '.join(WHITENINGS)}")
    width = vectors.shape[1]
    done = ["centred"] * bool(centre or whiten) + [f"whitened ({whiten.upper()})"] * bool(whiten)
    words = ", ".join(done + ["unit length"] * unit)
    mean, matrix, dropped = np.zeros(width), None, 0
    if centre or whiten:
        mean = _mean(vectors)
    if whiten:
        matrix, dropped = _whitening(_covariance(vectors, mean), whiten)
    return Transform(mean, matrix, unit, dropped, words)


def _finite(vectors: np.ndarray, start: int) -> np.ndarray:
    block = vectors[start : start + _BLOCK].astype(np.float64)
    good = np.isfinite(block).all(axis=1)
    return block if good.all() else block[good]


def _mean(vectors: np.ndarray) -> np.ndarray:
    total, count = np.zeros(vectors.shape[1]), 0
    for start in range(0, len(vectors), _BLOCK):
        block = _finite(vectors, start)
        total += block.sum(axis=0)
        count += len(block)
    return np.asarray(total / max(count, 1))


def _covariance(vectors: np.ndarray, mean: np.ndarray) -> np.ndarray:
    total, count = np.zeros((len(mean), len(mean))), 0
    for start in range(0, len(vectors), _BLOCK):
        block = _finite(vectors, start) - mean
        total += block.T @ block
        count += len(block)
    return np.asarray(total / max(count, 1))


def _whitening(covariance: np.ndarray, kind: str) -> tuple[np.ndarray, int]:
    """The matrix [width, width], and how many directions it takes out."""
    variances, directions = (x[..., ::-1] for x in np.linalg.eigh(covariance))
    kept = variances > _NO_VARIANCE * max(float(variances[0]), np.finfo(float).tiny)
    scaled = directions * np.where(kept, 1 / np.sqrt(np.where(kept, variances, 1)), 0)
    return (scaled @ directions.T if kind == "zca" else scaled), int((~kept).sum())
