"""The flat picture of a few points that loses least: their own two principal directions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class BestPlane:
    """points: [n, 2], where they fall on it, about their middle. kept: the share of their variance that is seen.
    off: [n], how far each stands in front of the plane or behind it."""

    points: np.ndarray
    kept: float
    off: np.ndarray


def best_plane(vectors: np.ndarray) -> BestPlane:
    """Of a few vectors [n, width]: X − x̄ = U S Vᵀ, points = (X − x̄) [v₁ v₂], kept = (s₁² + s₂²) / Σ s².

    Straight lines stay straight and parallels parallel. An axis's sign means nothing; its largest component is made
    positive. kept is 1 where all points are the same. Raises ValueError for fewer than two points.
    """
    if vectors.ndim != 2 or len(vectors) < 2:
        raise ValueError(f"a plane of points is of two vectors at least, not {vectors.shape}")
    X = vectors.astype(np.float64)
    X = X - X.mean(axis=0)
    _, S, Vt = np.linalg.svd(X, full_matrices=False)
    axes = np.zeros((2, X.shape[1]))
    axes[: len(Vt[:2])] = Vt[:2]
    largest = axes[np.arange(2), np.abs(axes).argmax(axis=1)]
    axes *= np.where(largest < 0, -1, 1)[:, None]
    points = X @ axes.T
    whole = float((S**2).sum())
    kept = float((S[:2] ** 2).sum()) / whole if whole > 0 else 1.0
    return BestPlane(points, kept, np.linalg.norm(X - points @ axes, axis=1))
