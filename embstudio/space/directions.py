"""Axes with names: he → she, bad → good. Where every point falls on such an axis, or on two of them.

An axis is the mean of the differences of some pairs of words, each pair's to length 1 so that no pair outweighs the
others (Bolukbasi et al. 2016, Kozlowski, Taddy and Evans 2019), and its 0 lies in the middle of its words.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from embstudio.base.errors import InputError

_BLOCK = 16384  # rows in float64 at a time
Check = Callable[[], None]


@dataclass(frozen=True)
class NamedAxis:
    """name: "he → she". direction: [width], length 1. middle: [width], the mean of its words. pairs: [pairs], how far
    each pair's own difference agrees with the axis, as a cosine: 1 where there is one pair."""

    name: str
    direction: np.ndarray
    middle: np.ndarray
    pairs: np.ndarray

    def place(self, vectors: np.ndarray, check: Check = lambda: None) -> np.ndarray:
        """(x − middle) · direction of vectors [n, width] → [n]: below 0 towards the first words, above the second.

        check: called now and then; what it raises ends the work.
        """
        out = np.empty(len(vectors))
        for start in range(0, len(vectors), _BLOCK):
            check()
            out[start : start + _BLOCK] = (vectors[start : start + _BLOCK] - self.middle) @ self.direction
        return out


def named_axis(words: Sequence[str], vectors: np.ndarray, pairs: Sequence[tuple[int, int]]) -> NamedAxis:
    """The axis from the first to the second row of each pair. vectors: [rows, width].

    Raises InputError where the words of a pair have the same vector, or the pairs cancel out; ValueError without pairs.
    """
    if not pairs:
        raise ValueError("an axis needs at least one pair of words")
    name = ", ".join(f"{words[first]} → {words[second]}" for first, second in pairs)
    index = np.array(pairs)
    starts, ends = (vectors[index[:, side]].astype(np.float64) for side in (0, 1))
    steps = ends - starts
    lengths = np.linalg.norm(steps, axis=1, keepdims=True)
    if not np.all(lengths > 0):
        first, second = pairs[int(np.flatnonzero(~(lengths[:, 0] > 0))[0])]
        raise InputError(
            f"{words[first]!r} and {words[second]!r} have the same vector, so no direction leads from one to another.",
            advice="Choose two words that differ.",
        )  # fmt: skip
    mean = (steps / lengths).mean(axis=0)
    length = float(np.linalg.norm(mean))
    if length < 1e-9:
        raise InputError("These pairs cancel each other out.", where=name, advice="Turn one of them round.")
    direction = mean / length
    return NamedAxis(name, direction, (starts + ends).mean(axis=0) / 2, (steps / lengths) @ direction)


def between(a: NamedAxis, b: NamedAxis) -> float:
    """The cosine of two axes. A plot draws them at a right angle: the further from 0 this is, the less it is one."""
    return float(np.clip(a.direction @ b.direction, -1, 1))
