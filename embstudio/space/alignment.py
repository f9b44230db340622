"""Two sets over the same words laid on each other, to see which words moved.

Vectors trained apart are comparable only up to a rotation, which changes no distance within a set. The best rotation is
known in closed form (Schönemann 1966, A generalized solution of the orthogonal Procrustes problem): with AᵀB = U Σ Vᵀ,
R = U Vᵀ has the least ‖A R − B‖ of all orthogonal R.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

_BLOCK = 16384  # rows in float64 at a time


@dataclass(frozen=True)
class Alignment:
    """rotation: [width, width], orthogonal, of the wider set's width. means: of the two sets, [width] each.

    moved: [rows], ‖aᵢ R − bᵢ‖. kept: 1 − ‖A R − B‖² / ‖B‖², 1 where nothing moved.
    """

    rotation: np.ndarray
    means: tuple[np.ndarray, np.ndarray]
    unit: bool
    moved: np.ndarray
    kept: float

    def aligned(self, vectors: np.ndarray) -> np.ndarray:
        """Vectors [n, width] of the first set, laid on the second, [n, width of the wider set] float64."""
        return np.asarray(_prepared(vectors, self.means[0], self.unit) @ self.rotation)

    def target(self, vectors: np.ndarray) -> np.ndarray:
        """Vectors [n, width] of the second set as the first's are laid on them: centred and at length 1, if asked."""
        return _prepared(vectors, self.means[1], self.unit)


def align(a: np.ndarray, b: np.ndarray, *, centre: bool = True, unit: bool = True) -> Alignment:
    """Rotate a [rows, width] onto b [rows, other width], row by row the same words.

    centre: each set less its mean, since a rotation turns about the origin. unit: then every vector to length 1, so
    that frequent words, whose vectors are long, do not decide. The narrower set gets dimensions of zeros. Raises
    ValueError for different numbers of rows or none, or values that are no numbers.
    """
    if len(a) != len(b) or not len(a):
        raise ValueError(f"sets are aligned row by row, and have {len(a)} and {len(b)} rows")
    width = max(a.shape[1], b.shape[1])
    means = _mean(a, width, centre), _mean(b, width, centre)
    product = np.zeros((width, width))
    blocks = [slice(start, start + _BLOCK) for start in range(0, len(a), _BLOCK)]
    for rows in blocks:
        product += _prepared(a[rows], means[0], unit).T @ _prepared(b[rows], means[1], unit)
    if not np.isfinite(product).all():
        raise ValueError("sets with values that are no numbers cannot be aligned")
    u, _, vt = np.linalg.svd(product)
    rotation, moved, whole = u @ vt, np.empty(len(a)), 0.0
    for rows in blocks:
        target = _prepared(b[rows], means[1], unit)
        moved[rows] = np.linalg.norm(_prepared(a[rows], means[0], unit) @ rotation - target, axis=1)
        whole += float(np.sum(target * target))
    return Alignment(rotation, means, unit, moved, 1 - float(moved @ moved) / whole if whole else 1.0)


def _mean(vectors: np.ndarray, width: int, centre: bool) -> np.ndarray:
    mean = np.zeros(width)
    if centre:
        mean[: vectors.shape[1]] = vectors.mean(axis=0, dtype=np.float64)
    return mean


def _prepared(vectors: np.ndarray, mean: np.ndarray, unit: bool) -> np.ndarray:
    x = np.zeros((len(vectors), len(mean)))
    x[:, : vectors.shape[1]] = vectors
    x -= mean
    if unit:
        lengths = np.linalg.norm(x, axis=1, keepdims=True)
        np.divide(x, lengths, out=x, where=lengths > 0)
    return x
