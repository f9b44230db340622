"""One step in full: the vectors before, distance and verdict, loss, slopes, and where the vectors are after it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Member:
    """One item of a pair or triplet. before, after: its vectors [width]. slope: dL/dv [width], at `before`."""

    item: int
    before: np.ndarray
    slope: np.ndarray
    after: np.ndarray

    @property
    def moved(self) -> float:
        """How far the vector went."""
        return float(np.linalg.norm(self.after - self.before))


@dataclass(frozen=True)
class Judged:
    """One pair of a step. pair: its place in the list. distance, after: before and after the step. right: whether the
    verdict before the step was; then_right: after it."""

    pair: int
    same: bool
    distance: float
    after: float
    right: bool
    then_right: bool


@dataclass(frozen=True)
class Weight:
    """What became of one weight of the encoder: ‖dL/dw‖ and ‖move‖."""

    name: str
    slope: float
    moved: float


@dataclass(frozen=True)
class Account:
    """members: both items of a pair, or anchor, positive, negative. judged: the pair, or SAME then DIFFERENT. loss,
    loss_after: of this example. The settings it was taken with: threshold, margin, rate."""

    members: tuple[Member, ...]
    judged: tuple[Judged, ...]
    weights: tuple[Weight, ...]
    loss: float
    loss_after: float
    threshold: float
    margin: float
    rate: float
    epoch: int  # it is in, from 0
    number: int  # of the step in its epoch, from 0

    @property
    def short(self) -> float:
        """How far a DIFFERENT pair was from its margin; 0 where it was beyond."""
        return max(0.0, self.margin - self.judged[-1].distance)

    @property
    def moves(self) -> bool:
        """Whether there was anything to move by."""
        return any(bool(member.slope.any()) for member in self.members)
