"""Orders of a recurrent layer's units, so that those that do the same stand together.

Each takes a state or gate [pos, unit] and gives one number a unit; `ranked` makes an order of such numbers. The units
keep the model's numbers: an order says only in which row each is drawn.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from embstudio.formulas.leaf_order import leaf_order

FEWEST = 3  # tokens that a correlation needs: two always lie on a line


@dataclass(frozen=True, eq=False)
class UnitOrder:
    """units: [row], the unit in each row, from the top. keys: [unit], what they were sorted by; None for nothing that
    can be written as one number a unit."""

    units: np.ndarray
    keys: np.ndarray | None = None

    @classmethod
    def of_model(cls, units: int) -> UnitOrder:
        """As the model has them."""
        return cls(np.arange(units))

    @classmethod
    def ranked(cls, keys: np.ndarray) -> UnitOrder:
        """Largest first; of equals the lower number; NaN last."""
        return cls(np.argsort(-keys, kind="stable"), keys)

    @property
    def rows(self) -> np.ndarray:
        """[unit], the row of each unit."""
        rows = np.empty(len(self.units), np.intp)
        rows[self.units] = np.arange(len(self.units))
        return rows


def activity(state: np.ndarray) -> np.ndarray:
    """mean over tokens of |state|"""
    return np.asarray(np.abs(state).mean(axis=0, dtype=np.float64))


def openness(gate: np.ndarray) -> np.ndarray:
    """mean over tokens of a gate"""
    return np.asarray(gate.mean(axis=0, dtype=np.float64))


def correlation(state: np.ndarray, score: np.ndarray) -> np.ndarray:
    """Pearson's r over the tokens between each unit and a score [pos]; 0 where either never changes, NaN for fewer
    than three tokens."""
    if len(state) < FEWEST:
        return np.full(state.shape[1], np.nan)
    return np.asarray(_standard(np.asarray(score)[:, None])[:, 0] @ _standard(state))


def together(state: np.ndarray) -> UnitOrder:
    """Units that rise and fall together stand together: the leaves of a hierarchical clustering by 1 − r, r being
    Pearson's correlation over the tokens. With fewer than three tokens, by the first token's value."""
    if len(state) < FEWEST:
        return UnitOrder(np.argsort(-state[0], kind="stable"))
    standard = _standard(state)
    return UnitOrder(leaf_order(1 - standard.T @ standard))


def _standard(values: np.ndarray) -> np.ndarray:
    """Each column [pos, n] with mean 0 and length 1, in float64; 0 where it never changes but for rounding."""
    values = np.asarray(values, np.float64)
    centred = values - values.mean(axis=0)
    length = np.sqrt((centred**2).sum(axis=0))
    still = length <= 1e-6 * np.sqrt((values**2).sum(axis=0))  # what float32 makes of a constant
    return np.asarray(centred / np.where(still, np.inf, length))
