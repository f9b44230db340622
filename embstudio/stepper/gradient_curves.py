"""Curves of how much of a change arrives at token T, on a log10 scale, so that nothing underflows to 0.

Values are logarithms: −∞ is exactly nothing, NaN is where there is nothing to ask (a token that is read after T).
The plain curve wᵏ is the picture that vanishing gradients are usually explained by (Hochreiter 1991; Bengio, Simard
and Frasconi 1994); the others are the models' own.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from embstudio.stepper.reading import Reading

BESIDE = 0.5  # columns around a column whose values are told there


class Scale(StrEnum):
    """What a curve is divided by."""

    SHARE = "share of T"  # its value at T
    SHARE_BEFORE = "share of T−1"  # its value at the token that is read just before T
    ABSOLUTE = "absolute"  # nothing


@dataclass(frozen=True)
class Curve:
    """One curve over the tokens of the open model.

    title:  in full. label: at its end. role: "h", "c", "reached", "steps", "bound" or "power".
    places: [n], the column of each value; between columns where another tokenizer cut elsewhere, NaN where a token has
            no place. values: [n], log10. at: which of the n is T.
    """

    title: str
    label: str
    role: str
    places: np.ndarray
    values: np.ndarray
    at: int
    backwards: bool = False
    reach: np.ndarray | None = None

    def scaled(self, scale: Scale) -> Curve | None:
        """Divided by what `scale` says; None where that is nothing or not there."""
        if scale is Scale.ABSOLUTE:
            return self
        before = self.at + (1 if self.backwards else -1)
        at = self.at if scale is Scale.SHARE else before
        if not 0 <= at < len(self.values) or not np.isfinite(self.values[at]):
            return None
        return replace(self, values=self.values - self.values[at])

    def index_at(self, column: int) -> int | None:
        """Which value stands at a column: of several the largest; None if none does."""
        near = np.flatnonzero(np.abs(self.places - column) <= (BESIDE if self.reach is None else self.reach))
        told = near[~np.isnan(self.values[near])]
        return int(told[np.argmax(self.values[told])]) if len(told) else None

    def value_at(self, column: int) -> float:
        """The value at a column, NaN if there is none."""
        index = self.index_at(column)
        return float("nan") if index is None else float(self.values[index])

    def by_column(self, count: int) -> np.ndarray:
        """The value at each of the first `count` columns: [count]."""
        if self.reach is None and len(self.values) == count:
            return self.values
        return np.array([self.value_at(column) for column in range(count)])

    def factor_at(self, column: int) -> float | None:
        """What each step keeps on the average if it is the same at every step: (value / value at T)^(1/steps)."""
        index = self.index_at(column)
        if index is None or index == self.at or not 0 <= self.at < len(self.values):
            return None
        way = float(self.values[index] - self.values[self.at])
        return float(10.0 ** (way / abs(index - self.at))) if np.isfinite(way) else None


def power(w: float, steps: int) -> float:
    """w to the power of `steps`, in float64: 0.8 over 13 steps leaves 0.05498."""
    return float(np.float64(w) ** steps)


def power_curve(w: float, at: int, count: int, sides: tuple[bool, bool] = (True, False)) -> Curve:
    """wᵏ over `count` columns, k the distance from column `at`. sides: whether it goes on before it, and behind it."""
    columns = np.arange(count)
    values = np.abs(columns - at) * np.log10(np.float64(w))
    before, behind = sides
    values[(columns < at) & (not before) | (columns > at) & (not behind)] = np.nan
    return Curve(f"plain curve {w:g}ᵏ", f"{w:g}ᵏ", "power", columns.astype(np.float64), values, at)


def bound(steps: np.ndarray, at: int, *, backwards: bool = False) -> np.ndarray:
    """log10 of the product of the steps' largest singular values from each t to T = `at`: [pos].

    ‖A B‖ ≤ ‖A‖ ‖B‖, so where one state alone goes from step to step this is an upper bound of the largest singular
    value of ∂s_T/∂s_t; it is reached only if each step stretches what the one before stretched most.
    """
    values = np.full(len(steps), np.nan)
    with np.errstate(divide="ignore"):
        logs = np.log10(steps)
    if backwards:
        values[at:] = np.concatenate([[0.0], np.cumsum(logs[at:-1])])
    else:
        values[: at + 1] = np.concatenate([[0.0], np.cumsum(logs[1 : at + 1][::-1])])[::-1]
    return values


def places_of(theirs: Reading, ours: Reading) -> np.ndarray:
    """The column of each token of another model among the tokens of ours that read the same text, by their characters:
    [n]. Whole columns where both cut alike; NaN for tokens that stand for no character ([CLS])."""
    middles = _middles(ours)
    columns = np.flatnonzero(np.isfinite(middles))
    own = _middles(theirs)
    if not len(columns) or ours.numbered != theirs.numbered:
        return np.full(len(own), np.nan)
    placed = np.interp(own, middles[columns], columns.astype(np.float64))
    return np.asarray(np.where(np.isfinite(own), placed, np.nan))


def reach_of(theirs: Reading, ours: Reading) -> np.ndarray:
    """How far a token of another model reaches to each side, in columns of ours: half of those it covers: [n]."""
    middles = _middles(ours)
    covered = [
        0 if span is None else int(np.count_nonzero((middles >= span[0]) & (middles < span[1])))
        for span in theirs.spans
    ]
    return np.maximum(BESIDE, np.array(covered, np.float64) / 2)


def _middles(reading: Reading) -> np.ndarray:
    """Of each token's characters: [n], NaN where it has none."""
    return np.array([np.nan if span is None else (span[0] + span[1]) / 2 for span in reading.spans], np.float64)
