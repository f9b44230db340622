"""What of a trace is needed first, when not all of it fits."""

from __future__ import annotations

from embstudio.trace.axes import TOKEN_AXES
from embstudio.trace.points import parse

# The stream itself and what is added to it: every layer's, to follow a token through all of them.
_STREAM = frozenset({"embed", "resid_pre", "resid_mid", "resid_cross", "resid_post", "final_norm", "pooled"})
WRITTEN = 3  # what other layers write to the stream
ELSEWHERE = 4  # ranks from here on belong to other layers than the one that is looked at


def need(name: str, layer: int) -> tuple[int, int]:
    """The rank of a point, the lowest first, and within a rank how far its layer is from the one that is looked at."""
    point = parse(name)
    distance = abs(point.layer - layer) if point.layer is not None else 0
    part = name.rpartition(".")[2]
    square = sum(axis in TOKEN_AXES for axis in point.kind.axes) > 1
    if part == "pattern":
        return (0 if distance == 0 else ELSEWHERE), distance
    if part in _STREAM:
        return 1, distance
    if distance == 0:
        return 2, square + (part == "raw_scores")  # scores also say where nothing can be
    if part == "out":
        return WRITTEN, distance
    return (ELSEWHERE + 2 if square else ELSEWHERE + 1), distance
