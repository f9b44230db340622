"""Positions that several tokens share: a convolution with a stride in front of a recurrent layer makes one of two.

A point has as many positions as there are tokens, or one for each so many of them. Which token a position belongs to
is then told by counting: a stride leaves the order as it is.
"""

from __future__ import annotations

from embstudio.trace.token import Token
from embstudio.trace.trace import Trace


def taken_together(trace: Trace, point: str) -> int | None:
    """How many tokens share each position of a point, 1 for most; None where that is no whole number."""
    tokens, places = len(trace.along(point, "pos")), trace[point].size("pos")
    if not tokens or tokens == places:
        return 1
    return tokens // places if places and tokens % places == 0 else None


def place_of(trace: Trace, point: str, token: int) -> int:
    """The position of a point that a token belongs to."""
    return token // (taken_together(trace, point) or 1)


def tokens_at(trace: Trace, point: str, place: int) -> tuple[Token, ...]:
    """The tokens that share a position."""
    each = taken_together(trace, point) or 1
    return trace.along(point, "pos")[place * each : (place + 1) * each]
