"""The error function and what is made of it."""

from __future__ import annotations

import math

import numpy as np


def erf(x: np.ndarray) -> np.ndarray:
    """2/√π ∫₀ˣ e^(−t²) dt. numpy has none; the C library's is exact to the last digit."""
    return np.fromiter(map(math.erf, x.ravel().tolist()), np.float64, x.size).reshape(x.shape)


def density(x: np.ndarray) -> np.ndarray:
    """φ(x) = e^(−x²/2) / √(2π)"""
    return np.asarray(np.exp(-0.5 * x * x) / math.sqrt(2 * math.pi))


def share_below(x: np.ndarray) -> np.ndarray:
    """Φ(x) = (1 + erf(x/√2)) / 2"""
    return np.asarray(0.5 * (1 + erf(x / math.sqrt(2))))
