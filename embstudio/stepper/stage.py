"""One stage of a calculation as a person follows it: its numbers, and whether they add up."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from embstudio.stepper.probe import Probe
from embstudio.stepper.working import Piece

ROLES = frozenset({"q", "k", "v", "scores", "pattern"})


@dataclass(frozen=True)
class Row:
    """One number of a stage; an int is a count. role: the part of a point's name that gives it its colour, or empty.

    probe: where the trace holds it, if it is not what the stage's own probe is.
    """

    label: str
    value: float | int
    role: str = ""
    probe: Probe | None = None


@dataclass(frozen=True)
class Check:
    """A sum worked out again: how far it lies from what was observed, and how far rounding can part them."""

    difference: float
    tolerance: float

    @property
    def agrees(self) -> bool:
        return self.difference <= self.tolerance


@dataclass(frozen=True)
class Stage:
    """One card of the chain. result: the number that goes on to the next stage is the last of `rows`.

    probe:   what the inspector shows of it; None where the trace holds no value of it.
    note:    what must be known of it. missing: why it has no numbers; empty where it has.
    """

    title: str
    formula: tuple[Piece, ...]
    rows: tuple[Row, ...] = ()
    probe: Probe | None = None
    check: Check | None = None
    note: str = ""
    missing: str = ""


def missing(*parts: str) -> str:
    return f"{' and '.join(parts)} not found in this model"


def norm(vector: np.ndarray) -> float:
    return float(np.linalg.norm(vector))


def cosine(one: np.ndarray, other: np.ndarray) -> float:
    size = norm(one) * norm(other)
    return float(one @ other / size) if size else float("nan")
