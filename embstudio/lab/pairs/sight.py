"""What is shown of the items' vectors: a picture with the zero vector, and the moves of the last step."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from embstudio.lab.gliding import GlidingPlane, Plane
from embstudio.lab.pairs.account import Account

MOST_POINTS = 500  # items in the picture: the first
_MOST = 0.35  # of the distance between two points, that the longest arrow shall have where it is drawn longer
_TIMES = (1000, 300, 100, 30, 10, 3)


@dataclass(frozen=True)
class Arrows:
    """Moves in the picture: starts, ends [members, 2], drawn `times` as long as they are; they end where they led."""

    starts: np.ndarray
    ends: np.ndarray
    times: int


@dataclass(frozen=True)
class Sight:
    """plane: of the first `shown` items, then the zero vector. arrows: of the last step, if there are any."""

    plane: Plane
    shown: int
    arrows: Arrows | None


class Lookout:
    """Looks at vectors of the same items again and again. Not for several threads at once."""

    def __init__(self) -> None:
        self._plane = GlidingPlane()

    def look(self, V: np.ndarray, account: Account | None) -> Sight:
        """See the vectors of all items [items, width]."""
        shown = min(MOST_POINTS, len(V))
        vectors = np.vstack([V[:shown], np.zeros((1, V.shape[1]))])
        plane = self._plane.of(vectors)
        arrows = None
        if account is not None and all(member.item < shown for member in account.members):
            arrows = _arrows(vectors, plane.points.astype(np.float64), account)
        return Sight(plane, shown, arrows)


def _arrows(vectors: np.ndarray, points: np.ndarray, account: Account) -> Arrows | None:
    """The picture is p = (v − mean) B; B is found from vectors and points, and shows where vectors were before."""
    B = np.linalg.lstsq(vectors - vectors.mean(axis=0), points - points.mean(axis=0), rcond=None)[0]
    ends = points[[member.item for member in account.members]]
    moves = np.array([member.after - member.before for member in account.members]) @ B
    apart = max(float(np.linalg.norm(ends[0] - other)) for other in ends[1:])
    longest = float(np.linalg.norm(moves, axis=1).max())
    if not longest:
        return None
    times = next((each for each in _TIMES if longest * each <= _MOST * apart), 1)
    return Arrows(ends - times * moves, ends, times)
