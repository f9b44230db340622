"""A formula with a step's own numbers put in, worked out in float64 beside the value the model gave.

The parts of a formula are taken from the trace. Where it holds too few of them there is no working; where they do
not add up to what was observed, the working says so instead of pretending.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

_SYMBOL = re.compile(r"(?<![\w.])([A-Za-z]+)(?=[ₜ₋₁ᵀ]*(?:[^\w.]|$))")


@dataclass(frozen=True)
class Piece:
    """A stretch of a formula: text, or a number to be written as the reader likes.

    role: the last part of the point name it stands for ("f", "pattern"), which gives it its colour; may be empty.
    """

    text: str = ""
    role: str = ""
    value: float | None = None


@dataclass(frozen=True)
class Working:
    """One line of working.

    formula:   c = f · c₋₁ + i · g
    numbers:   the same with this step's numbers
    result:    what they come to, in float64
    observed:  what the trace holds for it; None where it holds nothing to compare with
    tolerance: how far rounding alone can separate the two
    note:      what a person must know of this line
    """

    formula: tuple[Piece, ...]
    numbers: tuple[Piece, ...]
    result: float
    observed: float | None = None
    tolerance: float = 0.0
    note: str = ""

    @property
    def difference(self) -> float | None:
        """How far the result lies from the observed value."""
        return None if self.observed is None else abs(self.result - self.observed)

    @property
    def agrees(self) -> bool | None:
        """Whether the two are equal up to rounding; None where there is nothing to compare with."""
        return None if self.difference is None else bool(self.difference <= self.tolerance)


def symbols(formula: str, roles: frozenset[str]) -> tuple[Piece, ...]:
    """Cut a formula into pieces so that each symbol that is one of `roles` carries its role: fₜ, c₋₁, pattern."""
    pieces, at = [], 0
    for found in _SYMBOL.finditer(formula):
        if found.group(1) in roles:
            end = found.end()
            while end < len(formula) and formula[end] in "ₜ₋₁ᵀ":
                end += 1
            pieces += [Piece(formula[at : found.start()]), Piece(formula[found.start() : end], found.group(1))]
            at = end
    pieces.append(Piece(formula[at:]))
    return tuple(piece for piece in pieces if piece.text)


def numbers(*parts: str | float | tuple[str, float]) -> tuple[Piece, ...]:
    """Pieces from text, plain numbers and (role, number)."""
    pieces = []
    for part in parts:
        if isinstance(part, str):
            pieces.append(Piece(part))
        elif isinstance(part, tuple):
            pieces.append(Piece(role=part[0], value=float(part[1])))
        else:
            pieces.append(Piece(value=float(part)))
    return tuple(pieces)


def rounding(size: float, dtype: np.dtype) -> float:
    """How far rounding alone separates a sum of terms of this total size from its float64 value.

    64 units in the last place: a sum of a few hundred terms in any order, and the approximations of exp and tanh
    that onnxruntime uses, stay well below.
    """
    kind = dtype if np.issubdtype(dtype, np.floating) else np.dtype(np.float32)
    return float(64 * np.finfo(kind).eps * (size + 0.01))
