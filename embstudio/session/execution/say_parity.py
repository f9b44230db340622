"""What a comparison of two runs comes to, in sentences for the command line and the window."""

from __future__ import annotations

from embstudio.session.execution.parity import Parity, PointParity
from embstudio.session.verdict import scientific


def say_parting(found: Parity) -> str:
    """Where the two part, or how near they stay."""
    if not found.points:
        return "There is no point to compare."
    parting, worst = found.parting, found.worst
    assert worst is not None
    limit = scientific(found.tolerance)
    if parting is not None:
        return (
            f"They part at {parting.name}: the difference is {_share(parting)} of the values there, more than {limit}. "
            f"It is largest at {worst.name}, {_share(worst)}."
        )
    if worst.largest == 0:
        return f"They are the same to the last bit at all {len(found.points)} points."
    return (
        f"They agree: nowhere is the difference more than {_share(worst)} of the values ({worst.name}; limit {limit})."
    )


def say_first(found: Parity) -> str:
    """Whether both say the same; "" for models without scores."""
    scores = next((point for point in reversed(found.points) if point.same_first is not None), None)
    if scores is None:
        return ""
    if scores.rows == 1:
        return "Both put the same answer first." if scores.same_first else "They put different answers first."
    if scores.same_first == scores.rows:
        return f"Both put the same answer first at all {scores.rows} tokens."
    return f"They put the same answer first at {scores.same_first} of {scores.rows} tokens."


def say_place(point: PointParity) -> str:
    """As "head 2, query 5, key 3"."""
    return ", ".join(f"{axis} {place}" for axis, place in zip(point.axes, point.place, strict=True))


def _share(point: PointParity) -> str:
    return "no number" if point.share == float("inf") else scientific(point.share)
