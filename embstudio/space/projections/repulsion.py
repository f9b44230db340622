"""How hard all points of a t-SNE picture push each other away, in time proportional to their number.

    Z = Σ_{i≠j} 1 / (1 + dᵢⱼ²),     Rᵢ = Σⱼ (yᵢ − yⱼ) / (1 + dᵢⱼ²)²

Both sums are convolutions. The points are spread onto a grid, the grid is convolved by fast Fourier transforms and
read back at the points: the idea of FIt-SNE (Linderman et al. 2019). Where FIt-SNE puts polynomials on boxes with three
nodes a side, here it is cubic B-splines, as in smooth particle mesh Ewald (Essmann et al. 1995): they are as exact on
a grid half as fine each way, and one spread charge serves Z and both parts of R. Dividing the transformed
kernels by the splines' own transform makes the result the cubic interpolation of the kernels between the nodes.
"""

from __future__ import annotations

import numpy as np

SPACING = 0.5  # of the nodes; the kernels fall off over a length of 1. R is then right to 1 to 3 % (RMS), Z to 0.1 %
_PAIRWISE = 500  # points for which no grid is needed
_FEWEST, _MOST = 32, 1000  # nodes a side, however small or large the picture
_MARGIN = 16  # nodes between the last one and the kernels' edge, where splines ring


def repulsion(points: np.ndarray, spacing: float = SPACING) -> tuple[np.ndarray, float]:
    """(R [n, 2], Z) of points [n, 2].

    Time and memory grow with the square of the picture's extent; beyond a limit the nodes lie further apart.
    """
    if len(points) <= _PAIRWISE:
        return pair_by_pair(points)
    return on_a_grid(points, spacing)


def pair_by_pair(points: np.ndarray) -> tuple[np.ndarray, float]:
    """(R [n, 2], Z), summed as the formula says: the quicker way for some hundred points."""
    x, y = (axis[:, None] - axis for axis in np.asarray(points, np.float64).T)
    near = 1 / (1 + x * x + y * y)
    squared = near * near
    return np.stack([np.sum(squared * x, axis=1), np.sum(squared * y, axis=1)], axis=1), float(near.sum() - len(points))


def on_a_grid(points: np.ndarray, spacing: float = SPACING) -> tuple[np.ndarray, float]:
    """(R [n, 2], Z) by way of the grid."""
    low = points.min(axis=0)
    extent = float((points.max(axis=0) - low).max())
    spacing = max(min(spacing, max(extent, 1e-12) / _FEWEST), extent / _MOST)
    place = (points - low) / spacing + 1
    base = np.floor(place).astype(np.int64)
    size = _quick_size(2 * (int(base.max()) + 3) + _MARGIN)
    weights = _spline(place - base)
    around = base[:, :, None] + np.arange(-1, 3)
    nodes = (around[:, 0, :, None] * size + around[:, 1, None, :]).reshape(-1, 16)
    share = (weights[:, 0, :, None] * weights[:, 1, None, :]).reshape(-1, 16)
    charge = np.bincount(nodes.ravel(), share.ravel(), size * size).reshape(size, size)
    kernels = _transformed_kernels(size, spacing)
    fields = np.fft.irfft2(np.fft.rfft2(charge) * kernels, s=(size, size))
    at_points = [np.einsum("ij,ij->i", field.ravel().take(nodes), share) for field in fields]
    # What a point feels of itself is 1 only up to the interpolation's error, and in a sparse picture that is most of Z.
    itself = _of_itself(weights, np.fft.irfft2(kernels[0], s=(size, size)))
    return np.stack(at_points[1:], axis=1), float(at_points[0].sum() - itself)


def _transformed_kernels(size: int, spacing: float) -> np.ndarray:
    """Transforms of 1/(1 + d²) and of both parts of d/(1 + d²)², over those of the splines: [3, size, size/2 + 1]."""
    steps = np.fft.fftfreq(size, 1 / size)  # 0, 1, … −2, −1
    x, y = np.meshgrid(steps * spacing, steps * spacing, indexing="ij")
    near = 1 / (1 + x**2 + y**2)
    transformed = np.fft.rfft2(np.stack([near, x * near**2, y * near**2]))
    spline = (2 + np.cos(2 * np.pi * np.arange(size) / size)) / 3
    # Twice: once for spreading, once for reading back.
    return np.asarray(transformed / np.square(spline[:, None] * spline[: size // 2 + 1]))


def _of_itself(weights: np.ndarray, kernel: np.ndarray) -> float:
    """Σᵢ of what point i, spread onto 4 × 4 nodes with weights [n, 2, 4], feels of itself through a kernel."""
    apart = range(-3, 4)
    overlaps = np.stack(
        [np.sum(weights[:, :, max(0, m) : 4 + min(0, m)] * weights[:, :, max(0, -m) : 4 - max(0, m)], axis=2)
         for m in apart], axis=2)  # fmt: skip
    return float(np.sum(kernel[np.ix_(apart, apart)] * np.einsum("ij,ik->jk", overlaps[:, 0], overlaps[:, 1])))


def _spline(t: np.ndarray) -> np.ndarray:
    """Weights of the nodes −1, 0, 1, 2 for places t in [0, 1): [..., 4]. They sum to 1."""
    return np.stack([(1 - t) ** 3, 3 * t**3 - 6 * t**2 + 4, -3 * t**3 + 3 * t**2 + 3 * t + 1, t**3], axis=-1) / 6


def _quick_size(least: int) -> int:
    """The next even number without prime factors above 5: what a fast Fourier transform is fast at."""
    size = least + least % 2
    while True:
        rest = size
        for prime in (2, 3, 5):
            while rest % prime == 0:
                rest //= prime
        if rest == 1:
            return size
        size += 2
