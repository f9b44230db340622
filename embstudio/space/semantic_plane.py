"""Two named axes at a right angle: where every word falls on both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from embstudio.space.directions import Check, NamedAxis, between, named_axis

_BLOCK = 16384  # rows in float64 at a time
_PARALLEL = 1e-9  # of sin² between two axes: less is rounding, and they are one

Pairs = Sequence[tuple[int, int]]  # rows of words: from the first towards the second


@dataclass(frozen=True)
class SemanticPlane:
    """points: [rows, 2] float32, on the axis across and on that up; NaN where the vector holds no number.

    cosine: between the two axes, which are drawn at a right angle whatever it is. share: of the variance of all
    vectors, what lies in the plane of the two.
    """

    across: NamedAxis
    up: NamedAxis
    points: np.ndarray
    cosine: float
    share: float


def semantic_plane(
    words: Sequence[str], vectors: np.ndarray, across: Pairs, up: Pairs, check: Check = lambda: None
) -> SemanticPlane:
    """Vectors [rows, width] on two axes made of pairs of words.

    check: called now and then; what it raises ends the work. Raises InputError where pairs give no direction.
    """
    x, y = named_axis(words, vectors, across), named_axis(words, vectors, up)
    with np.errstate(invalid="ignore"):
        points = np.stack([x.place(vectors, check), y.place(vectors, check)], axis=1)
    cosine = between(x, y)
    share = _variance_in_plane(points, cosine) / max(_variance(vectors, check), np.finfo(float).tiny)
    return SemanticPlane(x, y, points.astype(np.float32), cosine, min(1.0, share))


def _variance_in_plane(points: np.ndarray, cosine: float) -> float:
    """Of the vectors' shadows on the plane of directions u and v: along u, and along (v − (u·v) u) / ‖…‖."""
    seen = points[np.isfinite(points).all(axis=1)]
    sine2 = 1 - cosine**2
    along = float(seen[:, 0].var())
    return along if sine2 < _PARALLEL else along + float((seen[:, 1] - cosine * seen[:, 0]).var()) / sine2


def _variance(vectors: np.ndarray, check: Check) -> float:
    """Σ over dimensions of the variance of the rows that are finite."""
    count, total, squares = 0, np.zeros(vectors.shape[1]), 0.0
    origin = np.nan_to_num(vectors[0].astype(np.float64), posinf=0, neginf=0)  # so that large means cancel nothing
    for start in range(0, len(vectors), _BLOCK):
        check()
        block = vectors[start : start + _BLOCK].astype(np.float64)
        block = block[np.isfinite(block).all(axis=1)] - origin
        count += len(block)
        total += block.sum(axis=0)
        squares += float(np.square(block).sum())
    return squares / max(count, 1) - float(np.square(total / max(count, 1)).sum())
