"""Principal component analysis: the flat picture that keeps the most of how vectors differ.

Pearson 1901; computed from the covariance matrix, which is small (width × width) however many rows there are.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

_BLOCK = 16384  # rows taken to float64 at a time


@dataclass(frozen=True)
class Pca:
    """points: [rows, dimensions] float32. axes: [dimensions, width], orthonormal. mean: [width].
    explained: [dimensions], the share of the whole variance that each axis carries."""

    points: np.ndarray
    axes: np.ndarray
    mean: np.ndarray
    explained: np.ndarray


def pca(vectors: np.ndarray, dimensions: int = 2) -> Pca:
    """Project vectors [rows, width] onto the directions in which they vary most.

    C = (X − x̄)ᵀ(X − x̄) / n,  C vⱼ = λⱼ vⱼ,  points = (X − x̄) [v₁ v₂ …],  explainedⱼ = λⱼ / Σ λ

    An axis's sign means nothing; it is chosen so that its largest component is positive, the same on every computer.
    Axes beyond the width are zero. Raises ValueError without rows.
    """
    rows, width = vectors.shape
    if not rows:
        raise ValueError("no vectors to project")
    mean = vectors.mean(axis=0, dtype=np.float64)
    covariance = np.zeros((width, width))
    for start in range(0, rows, _BLOCK):
        block = vectors[start : start + _BLOCK].astype(np.float64) - mean
        covariance += block.T @ block
    covariance /= rows
    values, directions = np.linalg.eigh(covariance)
    kept = min(dimensions, width)
    axes = np.zeros((dimensions, width))
    axes[:kept] = directions.T[::-1][:kept]
    largest = axes[np.arange(dimensions), np.abs(axes).argmax(axis=1)]
    axes *= np.where(largest < 0, -1, 1)[:, None]
    explained = np.zeros(dimensions)
    explained[:kept] = np.maximum(values[::-1][:kept], 0) / max(float(values.clip(0).sum()), np.finfo(float).tiny)
    points = np.empty((rows, dimensions), np.float32)
    for start in range(0, rows, _BLOCK):
        points[start : start + _BLOCK] = (vectors[start : start + _BLOCK].astype(np.float64) - mean) @ axes.T
    return Pca(points, axes, mean, explained)
