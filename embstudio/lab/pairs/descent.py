"""How weights follow their slopes downhill."""

from __future__ import annotations

import numpy as np

from embstudio.lab.pairs.encoders import Slope
from embstudio.lab.pairs.settings import ADAM

BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-8


class Descent:
    """SGD, w ← w − rate · dL/dw; or Adam (Kingma and Ba 2015, algorithm 1). `moments` are what Adam remembers."""

    def __init__(self, weights: dict[str, np.ndarray], optimiser: str) -> None:
        self.weights, self.adam = weights, optimiser == ADAM
        self.steps = 0
        self.moments = [np.zeros_like(weight) for weight in weights.values() for _ in "mv"] if self.adam else []

    def step(self, slopes: dict[str, Slope], rate: float) -> dict[str, np.ndarray]:
        """Move the weights; by how much each (rows of a slope with rows, else the whole weight)."""
        self.steps += 1
        moves = {}
        for place, (name, weight) in enumerate(self.weights.items()):
            rows, slope = slopes[name]
            if self.adam:
                move = self._adam(place, rows, slope, rate)
                weight += move
                moves[name] = move if rows is None else move[rows]
            else:
                moves[name] = -rate * slope
                if rows is None:
                    weight += moves[name]
                else:
                    weight[rows] += moves[name]
        return moves

    def _adam(self, place: int, rows: np.ndarray | None, slope: np.ndarray, rate: float) -> np.ndarray:
        """m ← β₁ m + (1 − β₁) g, v ← β₂ v + (1 − β₂) g², w ← w − rate · m̂ / (√v̂ + ε); a row without a slope has g = 0,
        and goes on by what it remembers."""
        m, v = self.moments[2 * place], self.moments[2 * place + 1]
        m *= BETA_1
        v *= BETA_2
        if rows is None:
            m += (1 - BETA_1) * slope
            v += (1 - BETA_2) * slope**2
        else:
            m[rows] += (1 - BETA_1) * slope
            v[rows] += (1 - BETA_2) * slope**2
        m_hat = m / (1 - BETA_1**self.steps)
        v_hat = v / (1 - BETA_2**self.steps)
        return np.asarray(-rate * m_hat / (np.sqrt(v_hat) + EPSILON))
