"""How a gradient becomes a step: clipped by its norm, then SGD or Adam."""

from __future__ import annotations

import numpy as np

FIRST, SECOND, SMALL = 0.9, 0.999, 1e-8


class Optimiser:
    """m, v: Adam's running means of the gradient and of its square (Kingma and Ba 2015). steps: taken so far."""

    def __init__(self, size: int, dtype: np.dtype | type = np.float32) -> None:
        self.m, self.v, self.steps = np.zeros(size, dtype), np.zeros(size, dtype), 0

    def sgd(self, theta: np.ndarray, gradient: np.ndarray, rate: float) -> None:
        """θ ← θ − rate · g."""
        self.steps += 1
        theta -= rate * gradient

    def adam(self, theta: np.ndarray, gradient: np.ndarray, rate: float) -> None:
        """θ ← θ − rate · m̂ / (√v̂ + ε)."""
        self.steps += 1
        self.m += (1 - FIRST) * (gradient - self.m)
        self.v += (1 - SECOND) * (gradient**2 - self.v)
        step = self.m / (1 - FIRST**self.steps)
        step /= np.sqrt(self.v / (1 - SECOND**self.steps)) + SMALL
        theta -= rate * step


def clip(gradient: np.ndarray, most: float) -> tuple[float, bool]:
    """Shorten a gradient to the norm `most`, 0 for any (Pascanu, Mikolov and Bengio 2013). Its norm before, and whether
    it was shortened."""
    # In float64: squares of what exploded overflow long before its norm does.
    wide = gradient.astype(np.float64)
    norm = float(np.sqrt(wide @ wide))
    if not most or not norm > most:
        return norm, False
    gradient *= most / norm
    return norm, True
