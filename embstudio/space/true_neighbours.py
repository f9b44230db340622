"""Which of a row's true neighbours a picture keeps near it, and which it tears away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

_WIDER = 3  # a neighbour counts as near among so many times the neighbours, in the picture
_SHARE = 10  # but not among more than a tenth of all points, where that would be more than the neighbours are
_BLOCK = 1 << 18  # points measured at a time


@dataclass(frozen=True)
class TrueNeighbours:
    """row: whose. near, torn: its true neighbours, those that the picture keeps and the others, the nearest first.

    without_place: how many of them are not drawn. among: near are those among so many of the nearest in the picture.
    """

    row: int
    near: tuple[int, ...]
    torn: tuple[int, ...]
    without_place: int
    among: int

    @property
    def count(self) -> int:
        """Of all of them."""
        return len(self.near) + len(self.torn) + self.without_place


def true_neighbours(points: np.ndarray, row: int, nearest: Sequence[int]) -> TrueNeighbours:
    """Tell the true neighbours of a row apart by where the picture's points [n, dimensions] lie; NaN is nowhere.

    One is near if it is among the 3 k points nearest to the row's in the picture, k being how many are given, or, of
    few points, among a tenth of them, but never among fewer than k. Points as far away as the last of these count too.
    Raises ValueError for a row that has no place.
    """
    place = points[row].astype(np.float64)
    if not np.isfinite(place).all():
        raise ValueError(f"row {row} has no place in the picture")
    squares = np.concatenate(
        [_squares(points[start : start + _BLOCK], place) for start in range(0, len(points), _BLOCK)]
    )
    squares[row] = np.inf
    drawn = int(np.count_nonzero(np.isfinite(squares)))
    k = len(nearest)
    among = min(max(k, min(_WIDER * k, (drawn + 1) // _SHARE)), drawn)
    reach = np.partition(squares, among - 1)[among - 1] if among else -1.0
    seen = [each for each in nearest if np.isfinite(squares[each])]
    near = tuple(each for each in seen if squares[each] <= reach)
    torn = tuple(each for each in seen if squares[each] > reach)
    return TrueNeighbours(row, near, torn, k - len(seen), among)


def _squares(points: np.ndarray, place: np.ndarray) -> np.ndarray:
    """Squared distances of points [n, dimensions] from a place, infinite where a point has none."""
    with np.errstate(over="ignore", invalid="ignore"):
        away = points.astype(np.float64) - place
        squares = np.einsum("ij,ij->i", away, away)
    return np.asarray(np.where(np.isfinite(squares), squares, np.inf))
