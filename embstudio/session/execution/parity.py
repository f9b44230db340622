"""One sentence run in two ways, and how far the two are apart at each point. Data only: the window holds it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # they list what is here among the messages
    from embstudio.session.messages import ModelRef, TraceRequest

# Where two ways part by more than their rounding explains: `PointParity.share` of float32 against float32, and where
# one is, or may be, coarser. float32 rounds to 6e−8 of a number, float16 to 5e−4, and it adds up from layer to layer;
# TF32, which GPUs may calculate with unasked, rounds as float16 does and is to be seen.
TOLERANCE = 1e-4
COARSE_TOLERANCE = 1e-2


@dataclass(frozen=True)
class ParityRequest:
    """Run one input on two models, or on one model in two ways. Answered by `Parity`.

    model: the first, A, which `input` is for. other: the second, B. tolerance: the share from which the two part;
    None: by their precisions. key: to tell answers apart.
    """

    model: ModelRef
    input: TraceRequest
    other: ModelRef
    tolerance: float | None = None
    key: int = 0


@dataclass(frozen=True)
class PointParity:
    """How far B is from A at one point, over its `count` values.

    largest:  max |b − a|, which is at `place`, where the values are `a` and `b`; infinite where one of them is no
              number, or infinite, and the other is not. axes: what the numbers of the place count.
    share:    √(Σ (b − a)² / Σ a²), the difference as a share of the values: 0 where both are 0.
    same_first: of how many rows the largest entry is the same one, for scores of words or classes; None elsewhere.
    rows:     how many rows that are.
    """

    name: str
    layer: int | None
    count: int
    largest: float
    place: tuple[int, ...]
    a: float
    b: float
    share: float
    axes: tuple[str, ...] = ()
    same_first: int | None = None
    rows: int = 0


@dataclass(frozen=True)
class Parity:
    """points: those of A that B has too, in A's order: about that in which they are worked out.

    titles: of A and B in a few words. milliseconds: of one run of each. missing: points that only one of them has, or
    that are of another shape. tokens: as A read them. notes: what a person must know of either. tolerance: the share
    from which the two part.
    """

    model: ModelRef
    other: ModelRef
    key: int
    titles: tuple[str, str]
    points: tuple[PointParity, ...]
    milliseconds: tuple[float, float]
    tokens: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    tolerance: float = TOLERANCE

    @property
    def parting(self) -> PointParity | None:
        """The first point whose share is beyond the tolerance; None where there is none."""
        return next((point for point in self.points if not point.share <= self.tolerance), None)

    @property
    def worst(self) -> PointParity | None:
        """The point with the largest share."""
        return max(self.points, key=lambda point: point.share, default=None)
